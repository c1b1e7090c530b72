// SPDX-License-Identifier: Apache-2.0

/// The size that an image file's first bytes claim, without decoding it.
package struct ImageHeader: Equatable, Sendable {
  package let width: Int
  package let height: Int
  /// A JPEG file whose coefficients are kept until its last scan.
  package let isProgressive: Bool

  /// Bytes from the start that hold the size of nearly every file: a JPEG's comes after thumbnails and profiles.
  package static let usualByteCount = 1 << 18

  /// - Parameter bytes: the beginning of a file; nil if the size is not in it, or the format is none that is read.
  package init?(_ bytes: [UInt8]) {
    switch ImageFormat.sniff(bytes) {
    case .png:
      // IHDR comes first: length, name, width, height.
      guard bytes.count >= 24 else { return nil }
      self.init(width: Int(bigEndian32(bytes, at: 16)), height: Int(bigEndian32(bytes, at: 20)))
    case .pnm:
      guard let size = PNMImage.size(inHeader: bytes) else { return nil }
      self.init(width: size.width, height: size.height)
    case .jpeg:
      var offset = 2
      while let segment = try? JPEGSegment(bytes, at: offset) {
        if segment.marker.startsFrame {
          guard segment.data.count >= 5 else { return nil }
          let start = segment.data.lowerBound
          self.init(
            width: Int(bigEndian16(bytes, at: start + 3)), height: Int(bigEndian16(bytes, at: start + 1)),
            isProgressive: segment.marker.rawValue == 0xC2)
          return
        }
        guard segment.marker != .startOfScan, segment.marker != .endOfImage else { return nil }
        offset = segment.data.upperBound
      }
      return nil
    case .gif, .webp, .tiff, .bmp, .heic, .avif, nil: return nil
    }
  }

  private init(width: Int, height: Int, isProgressive: Bool = false) {
    (self.width, self.height, self.isProgressive) = (width, height, isProgressive)
  }
}
