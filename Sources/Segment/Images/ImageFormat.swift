// SPDX-License-Identifier: Apache-2.0

/// An image format, recognized by the first bytes of a file.
///
/// `jpeg` is read, `png` and `pnm` are read and written; the others are recognized so that an error can name them.
public enum ImageFormat: String, CaseIterable, Sendable {
  case png, pnm, jpeg, gif, webp, tiff, bmp, heic, avif

  /// True if `Image.decode` reads this format.
  public var isSupported: Bool { [.png, .pnm, .jpeg].contains(self) }

  /// The name a message uses.
  public var displayName: String {
    switch self {
    case .webp: "WebP"
    case .png, .pnm, .jpeg, .gif, .tiff, .bmp, .heic, .avif: rawValue.uppercased()
    }
  }

  /// Recognizes a format by its magic number, or returns nil.
  ///
  /// HEIC and AVIF share the ISO base media container: bytes 4 ..< 8 say `ftyp`, the next four name the brand.
  public static func sniff(_ bytes: [UInt8]) -> ImageFormat? {
    func hasBytes(_ text: StaticString, at offset: Int = 0) -> Bool {
      matches(bytes, Array(text.description.utf8), at: offset)
    }
    if matches(bytes, PNGChunk.signature, at: 0) { return .png }
    if bytes.count >= 2, bytes[0] == UInt8(ascii: "P"), (UInt8(ascii: "1")...UInt8(ascii: "7")).contains(bytes[1]) {
      return .pnm
    }
    if matches(bytes, [0xFF, 0xD8, 0xFF], at: 0) { return .jpeg }
    if hasBytes("GIF87a") || hasBytes("GIF89a") { return .gif }
    if hasBytes("RIFF") && hasBytes("WEBP", at: 8) { return .webp }
    if matches(bytes, [0x49, 0x49, 0x2A, 0x00], at: 0) || matches(bytes, [0x4D, 0x4D, 0x00, 0x2A], at: 0) {
      return .tiff
    }
    if hasBytes("BM") { return .bmp }
    if hasBytes("ftyp", at: 4) {
      if hasBytes("avif", at: 8) || hasBytes("avis", at: 8) { return .avif }
      if hasBytes("heic", at: 8) || hasBytes("heix", at: 8) || hasBytes("hevc", at: 8) || hasBytes("mif1", at: 8) {
        return .heic
      }
    }
    return nil
  }

  private static func matches(_ bytes: [UInt8], _ magic: [UInt8], at offset: Int) -> Bool {
    bytes.count >= offset + magic.count && bytes[offset..<offset + magic.count].elementsEqual(magic)
  }
}
