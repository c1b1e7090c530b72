// SPDX-License-Identifier: Apache-2.0
import Segment

/// Checksums are not looked at: mutations would get no further.
extension FuzzRunner {
  private static let limits = DecodingLimits(
    maximumPixelCount: 1 << 14, maximumScanCount: 20, verifiesChecksums: false)

  func inflate(_ bytes: [UInt8]) throws {
    let limit = 1 << 15
    let result = try Inflate.decompress(zlib: Bitstream(bytes), maximumByteCount: limit, verifiesChecksum: false)
    precondition(result.count <= limit, "\(result.count) bytes")
  }

  func jpeg(_ bytes: [UInt8]) throws {
    let picture = try JPEGImage(decoding: bytes, limits: Self.limits)
    check(picture.rgb(), storedIn: bytes)
    _ = try Image.decode(bytes, limits: Self.limits)
  }

  func png(_ bytes: [UInt8]) throws {
    let picture = try PNGImage(decoding: bytes, limits: Self.limits)
    check(picture.rgb(), storedIn: bytes)
    precondition(picture.rgba().count == 4 * picture.width * picture.height)
    _ = try Image.decode(bytes, limits: Self.limits)
    _ = try? LabelMap(decoding: bytes, limits: Self.limits)
  }

  func pnm(_ bytes: [UInt8]) throws {
    let picture = try PNMImage(decoding: bytes, limits: Self.limits)
    check(picture.rgb(), storedIn: bytes)
    precondition(picture.samples.count == picture.width * picture.height * picture.channelCount)
  }

  /// The header alone tells the same size, from which memory is estimated.
  private func check(_ image: Image, storedIn bytes: [UInt8]) {
    precondition(image.pixels.count == 3 * image.width * image.height, "\(image.pixels.count) bytes of pixels")
    let header = ImageHeader(bytes)
    precondition(
      header.map { $0.width == image.width && $0.height == image.height } ?? false,
      "header \(String(describing: header)), image \(image.width)x\(image.height)")
  }
}
