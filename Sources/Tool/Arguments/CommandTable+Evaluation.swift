// SPDX-License-Identifier: Apache-2.0
import Experiments
import Formats
import Segment

extension CommandTable {
  private static let scores = [
    Flag("csv", value: "FILE", "also write one line a class: class,name,iou,tp,fp,fn; - is stdout"),
    json.withSummary("print one line of JSON instead of the table"),
    Flag("partial", value: "FILE", "also write the sums, which 'diffcut merge' adds; - is stdout"),
  ]

  /// A labeled set, and the rules of its scores.
  static let labeled = [
    Flag(
      "dataset", value: "SET", kind: .choices(of: DatasetChoice.self),
      "read a labeled set: " + DatasetChoice.allCases.map(\.rawValue).joined(separator: ", ")),
    Flag("root", value: "DIR", "read the set from DIR; 'diffcut help datasets' lists its files"),
    Flag(
      "protocol", value: "NAME", default: "paper", kind: .choices(of: EvaluationProtocol.self),
      "follow the authors' protocol (paper), or score whole photographs without void (strict)"),
    Flag("list", value: "FILE", "score only these images: one id a line; paper needs COCO's list"),
    Flag(
      "exclude", value: "FILE", isRepeatable: true,
      "skip these images: one id a line, as 'diffcut sweep --tune-list' writes them"),
    Flag("classes", value: "N", "accept labels 0 to N-1, and 255 for void").only(.with("dataset", "folder")),
    Flag("background", "score void as a class").only(.with("dataset", "folder")),
    Flag(
      "refine", value: "METHOD", default: "none", kind: .choices(of: RefinementChoice.self),
      "refine by pamr with the settings of the benchmarks, or of the demonstration (strict); or none"),
  ]
  /// The choice of τ on a part of a set.
  static let tuning = [
    Flag("tune", value: "N", "choose tau on N random images of the set, and print how to score the others"),
    Flag("tune-seed", value: "S", default: "0", "draw other images").only(.with("tune")),
    Flag("tune-list", value: "FILE", "also write the ids of the drawn images, for --exclude; - is stdout").only(
      .with("tune")),
  ]
  /// The plot of a sweep.
  static let plotting = [
    Flag("plot", value: "FILE", "also draw the lines as SVG; - is stdout"),
    Flag(
      "plot-x", value: "QUANTITY", default: "tau, else the first that varies",
      kind: .choices(of: SweepPlot.Quantity.self),
      "set the axis: tau, alpha or timestep; the others make lines"
    ).only(.with("plot")),
    Flag(
      "plot-y", value: "MEASURE", default: "miou, or segments without labels",
      kind: .choices(of: SweepPlot.Measure.self),
      "draw miou, accuracy or segments"
    ).only(.with("plot")),
  ]
  private static let evalInputs = Flag.list(
    labeled.map {
      ["protocol", "classes", "background", "refine"].contains($0.name) ? $0.only(.without("covering")) : $0
    },
    [
      Flag("covering", "score regions without classes by segmentation covering, labels/ID.NAME.png an annotator")
        .only(.with("dataset", "folder", standard: "folder")),
      Flag("predictions", value: "DIR", "score the label maps ID.npy, ID.labels.png or ID.png of DIR"),
    ])

  /// Label maps of `--predictions` have no encoder; `--size` is the size of the labels then.
  private static let evalModel = encoders.map { flag in
    flag.name == size.name
      ? flag.withSummary(
        "encode photographs at PIXELS x PIXELS; diffusion models score labels there, the others at 1024")
      : flag.only(.without("predictions"))
  }

  package static let eval = Command(
    name: "eval",
    summary: "score segments on a labeled set: mIoU by the paper's protocol",
    operands: "--dataset SET --root DIR",
    operandCount: 0...0,
    options: [
      .input: evalInputs, .model: evalModel, .clustering: clustering.only(.without("predictions")), .output: scores,
      .batch: share, .diagnostics: [threads, progress],
    ],
    mainFlags: [
      "dataset", "root", "protocol", "refine", "covering", "predictions", "model", "tau", "method", "csv", "json",
      "partial", "shard", "quiet", "verbose", "help", "help-all",
    ],
    description: """
      Assigns each segment of an image to the class that makes most of its pixels right, sums pixel counts over the images, and \
      prints the IoU of the sums for each class and their mean. An image that fails ends the run, and no file is written.
      """,
    details: """
      voc, context and coco-object have background as their last class: segments without another class merge into it.

      The protocol 'paper' scores a square of each photograph on a grid of 128 x 128. A label map of --predictions that has the \
      photograph's size is cropped in the same way; any other map must be square, and is that square. Ids stay as they are; \
      those of 'diffcut cut -o NAME.npy' have the authors' numbers, which decide ties.

      --covering needs no classes: labels are regions of whole photographs. The score of a region is its best intersection over union \
      with a segment; the result is the mean over pixels, then annotators, then images. --csv has one line an image.
      """,
    examples: [
      "diffcut eval --dataset voc --root fixtures/evaluation/sets/voc",
      "diffcut eval --dataset voc --root VOC2012 --model segmind/SSD-1B --refine pamr --partial voc.json",
      "diffcut eval --dataset folder --root set --classes 12 --predictions out --csv scores.csv",
      "diffcut eval --covering --root BSDS500 --csv covering.csv",
      "diffcut eval --dataset context --root ctx --model segmind/SSD-1B --method maskcut --k 5 --tau 0.6",
    ])

  private static let sweepInputs = Flag.list(
    labeled.map { $0.name == "dataset" ? $0 : $0.only(.with("dataset")) }, tuning.only(.with("dataset")),
    [grid, tensor].only(.without("dataset")))

  package static let sweep = Command(
    name: "sweep",
    summary: "try many tau, alpha and timesteps, also on a labeled set",
    operands: "FEATURES|IMAGE... or --dataset SET --root DIR",
    operandCount: 0...Int.max,
    options: [
      .input: sweepInputs,
      .model: Flag.list(
        encoders.except("timestep"),
        [
          Flag(
            "timestep", value: "LIST", default: "50", kind: .text, isRepeatable: true,
            "add the noise of these timesteps (0 to 999) to the latent of a diffusion model")
        ]),
      .clustering: [
        Flag(
          "tau", value: "LIST", default: "0.05:0.95:0.05", kind: .text, isRepeatable: true,
          "try these values: numbers with commas between them, or FIRST:LAST:STEP (0 to 2)"),
        Flag(
          "alpha", value: "LIST", default: "\(encoderAlpha); features from the file", kind: .text, isRepeatable: true,
          "try these exponents of the affinity"),
        upsample.only(.with("dataset")),
      ],
      .output: Flag.list(
        [
          Flag("output", short: "o", value: "FILE", "write one line of CSV a setting instead of the table; - is stdout")
        ], plotting,
        [
          json.withSummary("print one line of JSON an input, or one for the set"),
          Flag("partial", value: "FILE", "also write the sums of the set, which 'diffcut merge' adds; - is stdout")
            .only(.with("dataset")),
        ]),
      .batch: share.only(.with("dataset")), .diagnostics: [threads, progress],
    ],
    mainFlags: [
      "dataset", "root", "list", "tune", "tune-list", "model", "size", "timestep", "tau", "alpha", "output", "plot",
      "plot-x",
      "plot-y", "json", "quiet", "help", "help-all",
    ],
    description: """
      Without labels, prints for each setting the number of segments, the Ncut of the most expensive cut that was made, and of the \
      cheapest that was not: a tau just above it makes that cut too. With --dataset, prints mIoU, accuracy and the mean number of \
      segments.
      """,
    details: """
      One recursion, up to the largest tau, serves all tau, and one run of the VAE all timesteps. Each row equals the result of \
      'diffcut cut' or 'diffcut eval' at its setting.

      Without labels, segments are classes of nodes, as in 'diffcut cut'; pixels are not assigned. Operands that end with .npy or \
      .safetensors are features, - is .npy on standard input, all others are photographs. A failed input does not stop the others; the \
      exit code is then 1. A plot of several inputs shows their mean.

      With --dataset, sums of whole numbers are kept, as in 'diffcut eval'. The best setting has the largest mIoU, and among equals the \
      smallest tau. --tune N reads only N images, and prints the command that scores the set at the best setting, without those images \
      if --tune-list is given. Images are drawn by the hashes of their names: a larger N adds images.
      """,
    examples: [
      "diffcut sweep fixtures/ncut/coffee-tau0.3.safetensors --alpha 1,5,10,15 --plot sweep.svg",
      "diffcut sweep photo.jpg --model segmind/SSD-1B --timestep 10,50,100:500:100 --tau 0.5",
      "diffcut sweep --dataset voc --root VOC2012 --model segmind/SSD-1B --tune 50 --tune-list tuned.txt",
      "diffcut sweep --dataset voc --root VOC2012 --alpha 1,5,10,15 --plot alpha.svg --plot-x alpha --tau 0.5",
    ],
    operandKinds: [.file])

  package static let merge = Command(
    name: "merge",
    summary: "join the results of shards: sums, reports, COCO files",
    operands: "FILE...",
    operandCount: 1...Int.max,
    options: [
      .input: [
        Flag(
          "manifest", value: "FILE", "order the images of reports and COCO files by the manifest of 'diffcut segment'")
      ],
      .output: Flag.list(
        [Flag("output", short: "o", value: "FILE", default: "-", "write reports and COCO files to FILE; - is stdout")],
        scores, plotting),
    ],
    description: """
      Joins FILEs of one kind, which is recognized by content. The result equals that of one run over all images. An image that occurs \
      in two files is an error, except in reports.
      """,
    details: """
      Sums of 'diffcut eval --partial' must have the same set, protocol and settings.

      Sums of 'diffcut sweep --partial' are added setting by setting. The result is the table of the sweep over all images with its \
      best setting, --csv its -o, and --plot. Sums of 'diffcut coherence roc --partial' give the curve of all images, with --csv and \
      --plot.

      Reports of 'diffcut segment --report' or --json must have the same configuration. The result has one line an image: the last one \
      without a failure, else the last one. Lines that a killed run left unfinished are dropped.

      COCO and panoptic files of 'diffcut segment --shard' must be unchanged. Their images and annotations are numbered anew.

      Reports and COCO files are ordered by the names of their images, as one run over a folder orders them; the COCO file equals the \
      one of that run, byte for byte. After a run over a list, pass the list with --manifest.
      """,
    examples: [
      "diffcut eval --dataset voc --root fixtures/evaluation/sets/voc --partial voc.json && diffcut merge voc.json",
      "diffcut merge a.json b.json --partial both.json --csv scores.csv",
      "diffcut merge sweep.*.json --csv sweep.csv --plot sweep.svg",
      "diffcut merge report.*.jsonl -o report.jsonl",
      "diffcut merge out/annotations.coco.*.json -o annotations.coco.json",
    ],
    operandKinds: [.file])
}
