// SPDX-License-Identifier: Apache-2.0
import Experiments
import Formats
import Segment

extension CommandTable {
  /// The labels and features of `coherence roc`.
  private static let patchLabels = [
    Flag(
      "dataset", value: "SET", kind: .choices(of: DatasetChoice.self),
      "read a labeled set: " + DatasetChoice.allCases.map(\.rawValue).joined(separator: ", ")),
    Flag("root", value: "DIR", "read the set from DIR; 'diffcut help datasets' lists its files").only(.with("dataset")),
    Flag("classes", value: "N", "accept labels 0 to N-1, and 255 for void").only(.with("dataset", "folder")),
    Flag("list", value: "FILE", "read only these images: one id a line; paper needs COCO's list").only(
      .without("manifest")),
    Flag(
      "protocol", value: "NAME", default: "paper; strict for --labels", kind: .choices(of: EvaluationProtocol.self),
      "compare patches of a square of each photograph (paper), or of all of it (strict)"),
    Flag("labels", value: "DIR", "read label maps NAME.png, NAME.labels.png or NAME.npy from DIR").only(
      .without("dataset")),
    Flag("void", value: "V,V,...", default: "255", "treat these values, and those below 0, as void").only(
      .without("dataset")),
    Flag("features", value: "DIR", "read features of any encoder, NAME.npy or NAME.safetensors, from DIR")
      .only(.without("manifest")),
    Flag(
      "manifest", value: "FILE",
      "read a list of files: {\"id\":...,\"features\":...,\"labels\":...} a line; - is stdin"),
    Flag("across", value: "N", "compare patches of each image with those of the next N images (1 to 256)"),
    Flag("series", value: "NAME", default: "the encoder's name", "name the features in results and plots"),
  ].only(.action("roc"))

  /// The results of `coherence roc`.
  private static let curve = [
    Flag("csv", value: "FILE", "also write the curve: threshold,fpr,tpr; - is stdout"),
    Flag("plot", value: "FILE", "also draw the curve as SVG; - is stdout"),
    Flag("partial", value: "FILE", "also write the counts, which 'diffcut merge' adds; - is stdout"),
  ].only(.action("roc"))

  /// The place and the inputs of `coherence heatmap`.
  private static let place = [
    Flag("point", value: "X,Y", default: "the center", "compare the patch of this pixel with all others"),
    Flag("patch", value: "ROW,COL", "compare the patch at this place of the grid, from 0,0").only(.without("point")),
    Flag("in", value: "FILE", default: "the same", "compare it with the patches of this image, or of these features"),
    Flag("image", value: "FILE", "count pixels in this photograph of FEATURES, and draw on it"),
    Flag("in-image", value: "FILE", "draw on this photograph of the features of --in").only(.with("in")),
  ].only(.action("heatmap"))

  /// The picture of `coherence heatmap`.
  private static let picture = [
    Flag("overlay", "draw over the photograph, with a ring around the point").only(.with("output")),
    Flag("range", value: "LOW,HIGH", default: "the map's range", "set the cosines of the first and the last color")
      .only(.with("output")),
    Flag(
      "picture-size", value: "HxW", default: "the photograph's, else 16 pixels a patch",
      "set the rows and columns of the picture"
    ).only(.with("output")).only(.without("overlay")),
    Flag("values", value: "FILE", "write the cosines, float32 [rows, columns], to .npy; - is stdout"),
  ].only(.action("heatmap"))

  package static let coherence = Command(
    name: "coherence",
    summary: "draw ROC curves and heat maps of the similarity of patches",
    operands: "roc|heatmap|plot [IMAGE|FEATURES|CURVE...]",
    operandCount: 1...Int.max,
    options: [
      .input: Flag.list(patchLabels, place, [grid, tensor].only(.action("roc", "heatmap"))),
      .model: encoders.only(.action("roc", "heatmap")),
      .output: Flag.list(
        [
          Flag("output", short: "o", value: "FILE", "write the picture (.png) or the curves (.svg); - is stdout")
            .only(.action("heatmap", "plot"))
        ], curve, picture, [json.only(.action("roc", "heatmap"))]),
      .batch: share.only(.action("roc")),
      .diagnostics: [threads, progress.only(.action("roc"))],
    ],
    mainFlags: [
      "dataset", "root", "labels", "features", "point", "in", "model", "output", "csv", "plot", "partial", "overlay",
      "json",
      "quiet", "help", "help-all",
    ],
    description: """
      roc measures how well the cosine of two patches' features predicts that both have one class: it prints the area below the ROC \
      curve. heatmap draws the cosines of one patch with all others. plot draws several curves in one picture.
      """,
    details: """
      roc takes all pairs of patches of an image. The class of a patch is that of its central pixel; patches of void are skipped, also \
      where an evaluation counts void as background. Pairs are counted in 4096 bins of the cosine, and counts are summed over the \
      images: the area below the curve is exact to about 1e-5. --across pairs the patches of two images. The images are those of a set \
      of 'diffcut eval', encoded or with --features DIR; or of --labels DIR and --features DIR, paired by names; or of a list.

      heatmap reads features from .npy or .safetensors, - is .npy on standard input; all other operands are photographs, which are \
      encoded. The picture is interpolated.

      plot reads curves [NAME=]FILE: counts of --partial, or a table with the columns fpr and tpr.
      """,
    examples: [
      "diffcut coherence heatmap fixtures/images/coffee.png --point 320,200 --overlay -o heatmap.png",
      "diffcut coherence roc --dataset voc --root VOC2012 --model segmind/SSD-1B --partial ssd-1b.json",
      "diffcut coherence roc --labels labels --features dino --series DINO --csv dino.csv",
      "diffcut coherence plot ssd-1b.json CLIP=clip.csv DINO=dino.csv -o roc.svg",
      "diffcut coherence heatmap a.jpg --point 320,200 --in b.jpg --overlay -o b.png --model segmind/SSD-1B",
    ],
    operandKinds: [.choices(CoherenceCommand.Action.allCases.map(\.rawValue)), .file])
}
