// SPDX-License-Identifier: Apache-2.0

/// `features.safetensors`: the encoder's features with the settings of their graph, from which `diffcut cut` makes the same
/// segments.
enum FeaturesFormat: FileFormat {
  static let suffix = "features.safetensors"
  static let input = AnnotationInput.segmentation

  static func file(of image: SegmentedImage, options: OutputOptions) throws(OutputError) -> [UInt8] {
    try image.segmentation.partition.image.encoded()
  }
}
