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

extension LabelMap {
  /// The share of a segment's color in the overlay, in 256ths.
  private static let tint = 96

  /// Returns the image with every segment tinted in its palette color and outlined in white.
  ///
  /// - Precondition: the image has this map's size.
  public func overlay(on image: Image) -> Image {
    precondition(image.width == width && image.height == height, "overlay of \(width)×\(height) labels on another size")
    let tints = VOCPalette.colors.map { SIMD3(Int($0.red), Int($0.green), Int($0.blue)) &* Self.tint }
    var pixels = image.pixels
    Parallel.fillChunks(of: &pixels, chunkSize: max(1, width * 3)) { y, row in
      for x in 0..<width {
        let position = y * width + x
        let label = labels[position]
        let isOutline =
          (x + 1 < width && labels[position + 1] != label) || (y + 1 < height && labels[position + width] != label)
        let tint = tints[Int(label.magnitude) % tints.count]
        for channel in 0..<3 {
          row[3 * x + channel] =
            isOutline ? 255 : UInt8((Int(row[3 * x + channel]) * (256 - Self.tint) + tint[channel]) >> 8)
        }
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}
