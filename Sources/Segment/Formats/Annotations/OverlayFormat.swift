// SPDX-License-Identifier: Apache-2.0
import Segment

/// `overlay.png`: the image with its segments tinted and outlined.
enum OverlayFormat: FileFormat {
  static let suffix = "overlay.png"
  static let input = AnnotationInput.image

  static func file(of image: SegmentedImage, options: OutputOptions) throws(OutputError) -> [UInt8] {
    PNGImage(image.labelMap.overlay(on: try image.image)).encoded()
  }
}
