// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment

/// What `--dataset` takes: a set of the paper, or a folder of anything.
enum DatasetChoice: String, CaseIterable {
  case voc, context
  case cocoObject = "coco-object"
  case cocoStuff27 = "coco-stuff-27"
  case cityscapes, ade20k, folder

  var name: EvaluationSet.Name? { EvaluationSet.Name(rawValue: rawValue) }

  /// Where its files may be, the usual place first.
  var layouts: [DatasetLayout] {
    switch self {
    case .voc:
      [
        DatasetLayout(images: ["images/validation"], labels: "annotations_pascal20/validation"),
        DatasetLayout(
          images: ["JPEGImages"], labels: "SegmentationClass", list: "ImageSets/Segmentation/val.txt",
          keepsBorders: true),
      ]
    case .context: [DatasetLayout(images: ["images/validation"], labels: "annotations_ctx59/validation")]
    case .cocoObject, .cocoStuff27:
      // The authors' loader and their instructions disagree about the folder of images.
      [DatasetLayout(images: ["val2017", "images/val2017"], labels: "annotations/val2017")]
    case .cityscapes:
      [
        DatasetLayout(
          images: ["leftImg8bit/val"], labels: "gtFine/val", imageEndings: ["_leftImg8bit.png"],
          labelEndings: ["_gtFine_labelIds.png"], hasCities: true)
      ]
    case .ade20k: [DatasetLayout(images: ["images/validation"], labels: "annotations/validation")]
    case .folder:
      [
        DatasetLayout(
          images: ["images"], labels: "labels",
          imageEndings: FileIndex.Kind.photographs.endings,
          labelEndings: [".png", ".npy"])
      ]
    }
  }

  /// Whether the published evaluation is on images that a list names.
  var needsList: Bool { self == .cocoObject || self == .cocoStuff27 }

  /// The files below the root, for messages and help.
  var tree: String { layouts.map(\.tree).joined(separator: "; or ") }
}

/// One image that is scored.
struct EvaluationSample: Equatable, DatasetSample {
  /// The path below the folder of labels, without what all labels' names end with.
  let id: String
  /// Nil where no photograph is needed.
  let image: String?
  let labels: String
}
