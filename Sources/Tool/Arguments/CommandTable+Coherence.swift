// SPDX-License-Identifier: Apache-2.0
import Experiments
import Formats
import Segment

extension CommandTable {
  /// Where `coherence roc` has labels and features from.
  static let patchLabels = [
    Flag(
      "dataset", value: "SET", kind: .choices(of: DatasetChoice.self),
      "roc: " + DatasetChoice.allCases.map(\.rawValue).joined(separator: ", ")),
    Flag("root", value: "DIR", "roc: the set's folder; 'diffcut help datasets' shows what it holds"),
    Flag("classes", value: "N", "roc: --dataset folder: labels are 0 to N-1, and 255 for void"),
    Flag("list", value: "FILE", "roc: images to take in place of all: an id a line; COCO's are needed for paper"),
    Flag(
      "protocol", value: "WHICH", default: "paper; strict for --labels", kind: .choices(of: EvaluationProtocol.self),
      "roc: paper, patches of a square of each photograph, or strict, of all of it"),
    Flag("labels", value: "DIR", "roc: in place of a set: label maps NAME.png, .labels.png or .npy"),
    Flag("void", value: "V,V,...", default: "255", "roc: --labels: values of no class, besides those below 0"),
    Flag("features", value: "DIR", "roc: features NAME.npy or .safetensors of any encoder, not to be computed"),
    Flag(
      "manifest", value: "FILE",
      "roc: files of any names: {\"id\":...,\"features\":...,\"labels\":...} a line; - is stdin"),
    Flag("across", value: "N", "roc: pairs of each image's patches with those of the N images behind it (1 to 256)"),
    Flag("series", value: "NAME", default: "the encoder's name", "roc: what results and plots call the features"),
  ]

  /// Where `coherence roc` puts its curve, and how it shares the work.
  static let curve =
    [
      Flag("csv", value: "FILE", "roc: also write the curve: threshold,fpr,tpr; - is stdout"),
      Flag("plot", value: "FILE", "roc: also draw the curve, as SVG; - is stdout"),
      Flag("partial", value: "FILE", "roc: also write the counts, which 'diffcut merge' adds; - is stdout"),
    ] + share.filter { $0.name != threads.name }.map { labeled($0, "roc") }

  /// What only `coherence heatmap` takes.
  static let similarity = [
    Flag(
      "point", value: "X,Y", default: "the center", "heatmap: the pixel whose patch is compared with all others"),
    Flag("patch", value: "ROW,COL", "heatmap: the same patch by its place in the grid, from 0,0"),
    Flag(
      "in", value: "FILE", default: "the same", "heatmap: the image, or features, whose patches are compared with it"),
    Flag("image", value: "FILE", "heatmap: the photograph of FEATURES: its pixels are counted and drawn on"),
    Flag("in-image", value: "FILE", "heatmap: the photograph of the features of --in"),
    Flag("overlay", "heatmap: draw over the photograph, with a ring around the point"),
    Flag("range", value: "LOW,HIGH", default: "the map's own", "heatmap: cosines of the first and the last color"),
    Flag(
      "picture-size", value: "HxW", default: "the photograph's, or 16 pixels a patch",
      "heatmap: rows and columns of the picture"),
    Flag("values", value: "FILE", "heatmap: write the cosines, float32 [rows, columns] (.npy); - is stdout"),
  ]

  /// A shared row that says what it is for.
  private static func labeled(_ flag: Flag, _ action: String) -> Flag {
    Flag(
      flag.name, short: flag.short, value: flag.value, default: flag.defaultText, kind: flag.kind,
      isRepeatable: flag.isRepeatable, "\(action): \(flag.summary)")
  }

  package static let coherence = Command(
    name: "coherence",
    summary: "how alike patches of one class are: ROC curves of features, and pictures of similarity",
    operands: "roc|heatmap|plot [IMAGE|FEATURES|CURVE...]",
    operandCount: 1...Int.max,
    flags: [
      Flag(
        "output", short: "o", value: "FILE",
        "heatmap: the picture, .png; plot: the curves, .svg; - is stdout")
    ] + patchLabels + curve + similarity + [
      Flag("json", "roc, heatmap: print one line of JSON instead of the summary"),
      Flag("grid", value: "HxW", default: "square, or the array's own", "features: rows and columns of the map"),
      Flag(
        "tensor", value: "NAME", default: "features, or the only one", "features: which tensor of a .safetensors file"),
      withDefault(modelFlag, "built-in, or DIFFCUT_MODEL"),
      size,
      threads,
    ] + encoders + common,
    discussion: """
      roc takes every pair of patches of an image and asks whether the cosine of their features tells that they are of one
      class. The class of a patch is that of the pixel in its middle; patches of void are left out, also where an evaluation
      counts void as background. Pairs are counted in 4096 bins of the cosine and added up over the images, so that the area
      below the curve is right to about 1e-5. --across takes pairs of two images instead. Images are those of a set
      as for 'diffcut eval', encoded or with --features DIR; or of --labels DIR and --features DIR, by names; or of a list.

      heatmap shows the cosines of one patch's features with those of all patches, of the same image or of --in, interpolated.
      FEATURES end with .npy or .safetensors, - is .npy on stdin; everything else is a photograph, which is encoded.

      plot draws several curves in one picture: each is [NAME=]FILE, counts of --partial or a table with columns fpr and tpr.
      """,
    examples: [
      "diffcut coherence roc --dataset voc --root VOC2012 --model segmind/SSD-1B --partial ssd-1b.json",
      "diffcut coherence roc --labels labels --features dino --series DINO --csv dino.csv",
      "diffcut coherence plot ssd-1b.json CLIP=clip.csv DINO=dino.csv -o roc.svg",
      "diffcut coherence heatmap photo.jpg --point 320,200 --overlay -o heatmap.png",
      "diffcut coherence heatmap a.jpg --point 320,200 --in b.jpg --overlay -o b.png --model segmind/SSD-1B",
    ],
    operandKinds: [.choices(CoherenceCommand.Action.allCases.map(\.rawValue)), .file])
}
