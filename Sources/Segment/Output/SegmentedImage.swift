// SPDX-License-Identifier: Apache-2.0

/// An image and what was found in it: what every output format draws on.
public struct SegmentedImage: Sendable {
  /// The name files refer to the image by: its path below the folder that is worked on, or as it was given.
  public let name: String
  /// Upright, at its own size.
  public let image: Image
  public let segmentation: Segmentation

  public init(name: String, image: Image, segmentation: Segmentation) {
    self.name = name
    self.image = image
    self.segmentation = segmentation
  }
}
