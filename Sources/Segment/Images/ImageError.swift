// SPDX-License-Identifier: Apache-2.0

/// Why a file could not be read as an image. Offsets are in bytes from the start of the file.
public enum ImageError: Error, Equatable, Sendable {
  // Any format.
  case emptyFile
  /// No known magic number; `prefix` holds up to eight bytes.
  case unknownFormat(prefix: [UInt8])
  /// A known format without a decoder.
  case unsupportedFormat(ImageFormat)
  /// A decoder of one format was given another.
  case unexpectedFormat(expected: ImageFormat, found: ImageFormat?)
  /// The file ends inside `element`, which starts at `offset` and needs `needed` bytes.
  case truncated(ImageFormat, element: String, offset: Int, needed: Int, available: Int)
  case zeroSize(width: Int, height: Int)
  case exceedsLimit(DecodingLimits.Quantity, found: Int, limit: Int)

  // PNG chunks.
  /// A chunk name must be four ASCII letters (PNG 5.3).
  case invalidChunkName(bytes: [UInt8], offset: Int)
  case checksumMismatch(chunk: String, offset: Int, declared: UInt32, computed: UInt32)
  case invalidChunkLength(chunk: String, offset: Int, found: Int, expected: String)
  /// A known chunk where PNG 5.6 does not allow it.
  case unexpectedChunk(String, offset: Int, reason: String)
  case missingChunk(String)
  /// An upper-case first letter means that the image cannot be shown without understanding the chunk (PNG 5.4).
  case unknownCriticalChunk(String, offset: Int)
  /// A pair outside PNG table 11.1.
  case invalidColorType(UInt8, bitDepth: UInt8)
  /// A compression, filter or interlace method that PNG does not define.
  case invalidMethod(String, found: UInt8, maximum: UInt8)

  // PNG pixels.
  case compression(InflateError)
  /// The compressed stream ended properly but holds fewer bytes than the header asks for.
  case imageDataTooShort(expected: Int, found: Int)
  case imageDataTooLong(expected: Int)
  /// `row` counts the rows of all interlace passes in file order.
  case invalidFilter(UInt8, row: Int)
  case paletteIndexOutOfRange(index: Int, row: Int, column: Int, paletteCount: Int)

  // PNM and PAM.
  case invalidField(String, offset: Int, found: String, expected: String)
  case missingField(String)
  case sampleAboveMaximum(Int, maximum: Int, offset: Int)

  // JPEG.
  case jpeg(JPEGError)
}

extension ImageError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .emptyFile:
      "image: file is empty"
    case .unknownFormat(let prefix) where prefix == Array("version ".utf8):
      "image: the file looks like a Git LFS pointer, 'git lfs pull' fetches what it stands for"
    case .unknownFormat(let prefix):
      "image: unknown format, file starts with \(hexadecimal(prefix)), expected JPEG, PNG or PNM"
    case .unsupportedFormat(let format):
      "image: \(format.displayName) is not supported yet, convert to PNG or JPEG"
    case .unexpectedFormat(let expected, let found):
      "image: found \(found?.displayName ?? "an unknown format"), expected \(expected.displayName)"
    case .truncated(let format, let element, let offset, let needed, let available):
      "\(format.rawValue): file is truncated, \(element) at byte \(offset) needs \(needed) bytes, found \(available)"
    case .zeroSize(let width, let height):
      "image: size is \(width)x\(height), expected at least 1x1"
    case .exceedsLimit(let quantity, let found, let limit):
      "image: \(quantity.rawValue) is \(found), the limit is \(limit)"
    case .jpeg(let error):
      "jpeg: \(error)"
    case .compression(let error):
      "png: \(error)"
    case .imageDataTooShort(let expected, let found):
      "png: image data is truncated, \(found) bytes after decompression, expected \(expected)"
    case .imageDataTooLong(let expected):
      "png: image data is longer than the \(expected) bytes that the header asks for"
    case .invalidFilter(let type, let row):
      "png: row \(row) has filter type \(type), expected 0 to 4"
    case .paletteIndexOutOfRange(let index, let row, let column, let count):
      "png: pixel at row \(row), column \(column) has palette index \(index), the palette has \(count) entries"
    case .invalidField(let name, let offset, let found, let expected):
      "pnm: \(name) at byte \(offset) is \(found), expected \(expected)"
    case .missingField(let name):
      "pnm: header has no \(name)"
    case .sampleAboveMaximum(let value, let maximum, let offset):
      "pnm: sample at byte \(offset) is \(value), the header's maximum is \(maximum)"
    case .invalidChunkName(let bytes, let offset):
      "png: chunk at byte \(offset) has the name \(hexadecimal(bytes)), expected four letters"
    case .checksumMismatch(let chunk, let offset, let declared, let computed):
      "png: chunk \(chunk) at byte \(offset) has checksum \(hexadecimal(declared)), computed \(hexadecimal(computed))"
    case .invalidChunkLength(let chunk, let offset, let found, let expected):
      "png: chunk \(chunk) at byte \(offset) has \(found) bytes, expected \(expected)"
    case .unexpectedChunk(let chunk, let offset, let reason):
      "png: chunk \(chunk) at byte \(offset) is not allowed \(reason)"
    case .missingChunk(let chunk):
      "png: file has no chunk \(chunk)"
    case .unknownCriticalChunk(let chunk, let offset):
      "png: chunk \(chunk) at byte \(offset) is critical and unknown, save the image as plain PNG"
    case .invalidColorType(let colorType, let bitDepth):
      "png: header has color type \(colorType) with \(bitDepth) bits, which is no PNG color type"
    case .invalidMethod(let name, let found, let maximum):
      "png: header has \(name) method \(found), expected at most \(maximum)"
    }
  }
}

/// Eight digits, the way checksums are printed.
func hexadecimal(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}

/// Two digits for each byte, separated by spaces.
func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
}
