// SPDX-License-Identifier: Apache-2.0

/// Names of Pascal VOC's and Pascal Context's classes, in the order of their values in prepared label files.
enum PascalClasses {
  /// - Source: M. Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", IJCV 2010.
  static let objects = [
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
    "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
  ]

  /// The 59 most frequent of 459.
  ///
  /// - Source: R. Mottaghi et al., "The Role of Context for Object Detection and Semantic Segmentation in the Wild", CVPR 2014.
  static let context = [
    "aeroplane", "bag", "bed", "bedclothes", "bench", "bicycle", "bird", "boat", "book", "bottle", "building", "bus",
    "cabinet", "car", "cat", "ceiling", "chair", "cloth", "computer case", "cow", "cup", "curtain", "dog", "door",
    "fence", "floor", "flower", "food", "grass", "ground", "horse", "keyboard", "lamp", "motorbike", "mountain",
    "mouse", "person", "plate", "platform", "pottedplant", "street", "rock", "sheep", "shelves", "sidewalk", "sign",
    "sky", "snow", "sofa", "diningtable", "track", "train", "tree", "truck", "tvmonitor", "wall", "water", "window",
    "wood piece",
  ]
}
