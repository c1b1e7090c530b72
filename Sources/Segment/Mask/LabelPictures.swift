// SPDX-License-Identifier: Apache-2.0
import Tensor

extension LabelMap {
  /// The largest id an indexed picture holds; 255 stays free, which VOC tools read as "ignore".
  private static let largestIndexedLabel: Int32 = 254

  /// A PNG of the ids: indexed with the VOC palette, or 16-bit grey when an id is above 254.
  ///
  /// - Precondition: every label is in 0 ..< 65536.
  public func encodedPNG() -> [UInt8] {
    if labels.allSatisfy({ (0...Self.largestIndexedLabel).contains($0) }) {
      // All 256 entries, so that the file has eight bits a pixel: label tools expect no fewer.
      return PNGImage(
        width: width, height: height, indices: ContiguousArray(labels.map { UInt8($0) }), palette: VOCPalette.colors
      ).encoded()
    }
    return PNGImage(width: width, height: height, grayscale: ContiguousArray(labels.map { UInt16($0) })).encoded()
  }

  /// The share of a segment's colour in the overlay, in 256ths.
  private static let tint = 96

  /// The image with every segment tinted in its palette colour and outlined in white.
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
