// SPDX-License-Identifier: Apache-2.0
import Segment

extension CommandTable {
  private static let scores = [
    Flag("csv", value: "FILE", "also write a line for each class: class,name,iou,tp,fp,fn; - is stdout"),
    Flag("json", "print one line of JSON instead of the table"),
    Flag("partial", value: "FILE", "also write the sums, which 'diffcut merge' adds; - is stdout"),
  ]

  package static let eval = Command(
    name: "eval",
    summary: "score segments against a labelled set: mIoU by DiffCut's protocol",
    operands: "--dataset SET --root DIR",
    operandCount: 0...0,
    flags: [
      Flag(
        "dataset", value: "SET", kind: .choices(of: DatasetChoice.self),
        DatasetChoice.allCases.map(\.rawValue).joined(separator: ", ")),
      Flag("root", value: "DIR", "the set's folder; 'diffcut help datasets' shows what it holds"),
      Flag(
        "protocol", value: "WHICH", default: "paper", kind: .choices(of: EvaluationProtocol.self),
        "paper, the authors', or strict: whole photographs, void not scored"),
      Flag("list", value: "FILE", "images to score in place of all: an id a line; COCO's are needed for paper"),
      Flag("predictions", value: "DIR", "score the label maps ID.npy, ID.labels.png or ID.png of DIR"),
      Flag("classes", value: "N", "folder: labels are 0 to N-1, and 255 for void"),
      Flag("background", "folder: void is scored, as a class of its own"),
      Flag(
        "refine", value: "HOW", default: "none", kind: .choices(of: RefinementChoice.self),
        "none or pamr, with the settings of the benchmarks; strict: those of the demonstration"),
    ] + scores + [
      withDefault(tau, "the encoder's own"),
      withDefault(alpha, "the encoder's own"),
      withDefault(modelFlag, "built-in, or DIFFCUT_MODEL"),
      Flag(
        "size", value: "PIXELS", default: "1024; 393 for built-in",
        "the image is analysed at PIXELS x PIXELS pixels, and so are labels (built-in: at 1024)"),
      upsample,
      Flag("shard", value: "I/N", "every N-th image from the I-th, I from 0; auto asks Slurm or Kubernetes"),
      Flag("shards", value: "N", "how many there are, for --shard auto"),
      Flag(
        "progress", value: "WHEN", default: "auto", kind: .choices(of: Progress.Mode.self),
        "a line on stderr: auto, on a terminal; always, a line every 10 seconds elsewhere; never"),
      threads,
    ] + diffusion + common,
    discussion: """
      Each image's segments are given to classes, one each, so that as many pixels as possible are right; counts of pixels are
      summed over the images, and IoU is of the sums. voc, context and coco-object have background as their last class: what
      no other class claims is merged into it. An image that fails ends the run, and no file is written.

      paper scores a square of each photograph on a grid of 128 x 128. A label map of --predictions that has the photograph's
      size is cropped like it, another must be square and is taken as one of that square. Ids are taken as they are; those of
      'diffcut cut -o NAME.npy' are numbered as the authors' are, which decides ties.
      """,
    examples: [
      "diffcut eval --dataset voc --root VOC2012 --model segmind/SSD-1B --refine pamr --partial voc.json",
      "diffcut eval --dataset folder --root set --classes 12 --predictions out --csv scores.csv",
    ])

  package static let merge = Command(
    name: "merge",
    summary: "join what shares of the images gave: sums of 'eval', reports, COCO files",
    operands: "FILE...",
    operandCount: 1...Int.max,
    flags: [
      Flag("output", short: "o", value: "FILE", default: "-", "reports, COCO: where they go; - is stdout"),
      Flag("manifest", value: "FILE", "reports, COCO: the order of the images, as 'segment' takes it"),
    ] + scores + common,
    discussion: """
      All FILEs are of one kind, which is told by their content.

      Sums of 'diffcut eval --partial', of one set, protocol and settings: counts are whole numbers, so that the scores are
      those of one run over all images. A file of sums that names an image of another is refused.

      Reports of 'diffcut segment --report' or --json, of one configuration: a line for each image. Of several of one image
      one without a failure is taken, and of those the last; a line that a killed run has left unfinished is dropped.

      COCO and panoptic files of 'diffcut segment --shard', as they were written: images and annotations are numbered anew.
      An image of two files is refused.

      Reports and COCO files are in the order of their images' names, which is that of one run over a folder, so that the
      COCO file is, byte for byte, the one that run would have written. After a run over a list name the list with --manifest.
      """,
    examples: [
      "diffcut merge voc.*.json", "diffcut merge a.json b.json --partial both.json --csv scores.csv",
      "diffcut merge report.*.jsonl -o report.jsonl",
      "diffcut merge out/annotations.coco.*.json -o annotations.coco.json",
    ],
    operandKinds: [.file])
}
