// SPDX-License-Identifier: Apache-2.0
import Tensor

extension LabelMap {
  /// The largest id an indexed picture holds; 255 stays free, which VOC tools read as "ignore".
  private static let largestIndexedLabel: Int32 = 254

  /// A PNG of the ids: indexed with the VOC palette, or 16-bit gray when an id is above 254.
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
}
