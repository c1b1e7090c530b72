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
      withDefault(methodTau, "the encoder's own; maskcut 0.2, diffseg 0.9"),
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
    ] + clustering + diffusion + common,
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
      "diffcut eval --dataset context --root ctx --model segmind/SSD-1B --method maskcut --k 5 --tau 0.6",
    ])

  package static let merge = Command(
    name: "merge",
    summary: "add the sums of several runs of 'eval', exactly",
    operands: "SUMS...",
    operandCount: 1...Int.max,
    flags: scores + common,
    discussion: """
      SUMS are files of 'diffcut eval --partial', of one set, protocol and settings. Counts are whole numbers, so that the
      scores are those of one run over all images. A file of sums that names an image of another is refused.
      """,
    examples: ["diffcut merge voc.*.json", "diffcut merge a.json b.json --partial both.json --csv scores.csv"],
    operandKinds: [.file])
}
