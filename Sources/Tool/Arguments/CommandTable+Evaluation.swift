// SPDX-License-Identifier: Apache-2.0
import Experiments
import Formats
import Segment

extension CommandTable {
  private static let scores = [
    Flag("csv", value: "FILE", "also write a line for each class: class,name,iou,tp,fp,fn; - is stdout"),
    Flag("json", "print one line of JSON instead of the table"),
    Flag("partial", value: "FILE", "also write the sums, which 'diffcut merge' adds; - is stdout"),
  ]

  /// A set with labels and the rules of its scores.
  static let labeled = [
    Flag(
      "dataset", value: "SET", kind: .choices(of: DatasetChoice.self),
      DatasetChoice.allCases.map(\.rawValue).joined(separator: ", ")),
    Flag("root", value: "DIR", "the set's folder; 'diffcut help datasets' shows what it holds"),
    Flag(
      "protocol", value: "WHICH", default: "paper", kind: .choices(of: EvaluationProtocol.self),
      "paper, the authors', or strict: whole photographs, void not scored"),
    Flag("list", value: "FILE", "images to score in place of all: an id a line; COCO's are needed for paper"),
    Flag(
      "exclude", value: "FILE", isRepeatable: true,
      "images to leave out: an id a line, as 'diffcut sweep --tune-list' writes them"),
    Flag("classes", value: "N", "folder: labels are 0 to N-1, and 255 for void"),
    Flag("background", "folder: void is scored, as a class of its own"),
    Flag(
      "refine", value: "HOW", default: "none", kind: .choices(of: RefinementChoice.self),
      "none or pamr, with the settings of the benchmarks; strict: those of the demonstration"),
  ]
  private static let predictions = Flag(
    "predictions", value: "DIR", "score the label maps ID.npy, ID.labels.png or ID.png of DIR")
  /// Why segments are scored on few images of a set.
  static let tuning = [
    Flag("tune", value: "N", "choose tau on N images of the set, drawn by chance; prints how to score the others"),
    Flag("tune-seed", value: "S", default: "0", "which images are drawn"),
    Flag("tune-list", value: "FILE", "also write the ids of the images that were drawn, for --exclude; - is stdout"),
  ]
  /// How a sweep is drawn.
  static let plotting = [
    Flag("plot", value: "FILE", "also draw lines, as SVG; - is stdout"),
    Flag(
      "plot-x", value: "WHAT", default: "tau, or the first that varies", kind: .choices(of: SweepPlot.Quantity.self),
      "what the axis is: tau, alpha or timestep; the others make lines"),
    Flag(
      "plot-y", value: "WHAT", default: "miou; segments without labels", kind: .choices(of: SweepPlot.Measure.self),
      "what is drawn: miou, accuracy or segments"),
  ]
  static let share = [
    Flag("shard", value: "I/N", "every N-th image from the I-th, I from 0; auto asks Slurm or Kubernetes"),
    Flag("shards", value: "N", "how many there are, for --shard auto"),
    Flag(
      "progress", value: "WHEN", default: "auto", kind: .choices(of: Progress.Mode.self),
      "a line on stderr: auto, on a terminal; always, a line every 10 seconds elsewhere; never"),
    threads,
  ]

  package static let eval = Command(
    name: "eval",
    summary: "score segments against a labeled set: mIoU by DiffCut's protocol",
    operands: "--dataset SET --root DIR",
    operandCount: 0...0,
    flags: labeled + [
      Flag(
        "covering",
        "folder: score regions without classes by segmentation covering, labels/ID.NAME.png for each annotator"),
      predictions,
    ] + scores + [
      withDefault(methodTau, "the encoder's own; maskcut 0.2, diffseg 0.9"),
      withDefault(alpha, "the encoder's own"),
      withDefault(modelFlag, "built-in, or DIFFCUT_MODEL"),
      Flag(
        "size", value: "PIXELS", default: "1024; 393 for built-in",
        "the image is analyzed at PIXELS x PIXELS pixels, and so are labels (built-in: at 1024)"),
      upsample,
    ] + share + clustering + encoders + common,
    discussion: """
      Each image's segments are given to classes, one each, so that as many pixels as possible are right; counts of pixels are
      summed over the images, and IoU is of the sums. voc, context and coco-object have background as their last class: what
      no other class claims is merged into it. An image that fails ends the run, and no file is written.

      paper scores a square of each photograph on a grid of 128 x 128. A label map of --predictions that has the photograph's
      size is cropped like it, another must be square and is taken as one of that square. Ids are taken as they are; those of
      'diffcut cut -o NAME.npy' are numbered as the authors' are, which decides ties.

      --covering needs no classes: labels are regions, of whole photographs, and the score is the mean share of pixels in the
      best segment of their region (intersection over union), over annotators and then images. --csv has a line for each image.
      """,
    examples: [
      "diffcut eval --dataset voc --root VOC2012 --model segmind/SSD-1B --refine pamr --partial voc.json",
      "diffcut eval --dataset folder --root set --classes 12 --predictions out --csv scores.csv",
      "diffcut eval --covering --root BSDS500 --csv covering.csv",
      "diffcut eval --dataset context --root ctx --model segmind/SSD-1B --method maskcut --k 5 --tau 0.6",
    ])

  package static let sweep = Command(
    name: "sweep",
    summary: "try many values of tau, alpha and timestep: segments, or scores of a labeled set",
    operands: "FEATURES|IMAGE... or --dataset SET --root DIR",
    operandCount: 0...Int.max,
    flags: [
      Flag(
        "output", short: "o", value: "FILE", "write a line for each setting as CSV, in place of a table; - is stdout")
    ] + plotting + [
      Flag("json", "print JSON: a line for each input, or one of the set"),
      Flag(
        "tau", value: "LIST", default: "0.05:0.95:0.05", kind: .text, isRepeatable: true,
        "values with commas between them, or FIRST:LAST:STEP (0 to 2)"),
      Flag(
        "alpha", value: "LIST", default: "the encoder's own; features: the file's, or 10", kind: .text,
        isRepeatable: true,
        "exponents of the affinity, in the same form"),
      Flag(
        "timestep", value: "LIST", default: "50", kind: .text, isRepeatable: true,
        "diffusion models: how far the latent is disturbed (0 to 999), in the same form"),
      Flag("grid", value: "HxW", default: "square, or the array's own", "features: rows and columns of the map"),
      Flag(
        "tensor", value: "NAME", default: "features, or the only one", "features: which tensor of a .safetensors file"),
      withDefault(modelFlag, "built-in, or DIFFCUT_MODEL"),
      Flag(
        "size", value: "PIXELS", default: "1024; 393 for built-in",
        "photographs are analyzed at PIXELS x PIXELS pixels, and so are labels (built-in: at 1024)"),
    ] + labeled + tuning + [
      withDefault(upsample, "concept"),
      Flag("partial", value: "FILE", "also write the sums of a set, which 'diffcut merge' adds; - is stdout"),
    ] + share + encoders.filter { $0.name != "timestep" } + common,
    discussion: """
      One recursion, up to the largest tau, serves every tau, and one run of the VAE every timestep; each row is what 'diffcut
      cut' or 'diffcut eval' gives at its setting.

      Without labels a row has the segments, classes of nodes as 'diffcut cut' counts them, the Ncut of the dearest cut that was
      made, and that of the cheapest one that was not: a tau just above it makes that cut too. Pixels are not assigned. FEATURES
      end with .npy or .safetensors, - is .npy on stdin; everything else is a photograph. An input that fails does not stop the
      others; the exit code is then 1. A plot of several inputs shows their mean.

      With --dataset a row has mIoU and accuracy, from sums of whole numbers over the images as in 'diffcut eval', and the mean
      count of segments. The best setting is that with the largest mIoU, of equal ones that with the lowest tau. --tune N looks
      at N images only and prints the command that scores the set at the best setting; with --tune-list it leaves those
      images out. The images are drawn by the hashes of their names: a larger N adds to them.
      """,
    examples: [
      "diffcut sweep features.npy --tau 0.05:0.95:0.05 --alpha 1,5,10,15 -o sweep.csv --plot sweep.svg",
      "diffcut sweep photo.jpg --model segmind/SSD-1B --timestep 10,50,100:500:100 --tau 0.5",
      "diffcut sweep --dataset voc --root VOC2012 --model segmind/SSD-1B --tune 50 --tune-list tuned.txt",
      "diffcut sweep --dataset voc --root VOC2012 --alpha 1,5,10,15 --plot alpha.svg --plot-x alpha --tau 0.5",
    ],
    operandKinds: [.file])

  package static let merge = Command(
    name: "merge",
    summary: "join what shares of the images gave: sums of 'eval', 'sweep' and 'coherence', reports, COCO files",
    operands: "FILE...",
    operandCount: 1...Int.max,
    flags: [
      Flag("output", short: "o", value: "FILE", default: "-", "reports, COCO: where they go; - is stdout"),
      Flag("manifest", value: "FILE", "reports, COCO: the order of the images, as 'segment' takes it"),
    ] + scores + plotting + common,
    discussion: """
      All FILEs are of one kind, which is told by their content.

      Sums of 'diffcut eval --partial', of one set, protocol and settings: counts are whole numbers, so that the scores are
      those of one run over all images. A file of sums that names an image of another is refused.

      Those of 'diffcut sweep --partial' are added setting by setting, and give what the sweep of all images gives: its table,
      its best setting, --csv as its -o, --plot. Those of 'diffcut coherence roc --partial' give the curve of all images, with --csv
      and --plot as there.

      Reports of 'diffcut segment --report' or --json, of one configuration: a line for each image. Of several of one image
      one without a failure is taken, and of those the last; a line that a killed run has left unfinished is dropped.

      COCO and panoptic files of 'diffcut segment --shard', as they were written: images and annotations are numbered anew.
      An image of two files is refused.

      Reports and COCO files are in the order of their images' names, which is that of one run over a folder, so that the
      COCO file is, byte for byte, the one that run would have written. After a run over a list name the list with --manifest.
      """,
    examples: [
      "diffcut merge voc.*.json", "diffcut merge a.json b.json --partial both.json --csv scores.csv",
      "diffcut merge sweep.*.json --csv sweep.csv --plot sweep.svg",
      "diffcut merge report.*.jsonl -o report.jsonl",
      "diffcut merge out/annotations.coco.*.json -o annotations.coco.json",
    ],
    operandKinds: [.file])
}
