// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The reason why a file cannot be read as an image. Offsets are in bytes from the start of the file.
public enum ImageError: Error, Equatable, Sendable {
  // All formats.
  case emptyFile
  /// The file is not an image of a known format; `prefix` contains its first bytes, up to eight.
  case unknownFormat(prefix: [UInt8])
  /// A known format without a decoder.
  case unsupportedFormat(ImageFormat)
  /// The decoder of one format was given a file of another format.
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
  /// A known chunk in a place where PNG 5.6 does not allow it.
  case unexpectedChunk(String, offset: Int, reason: String)
  case missingChunk(String)
  /// An upper-case first letter means that the image cannot be shown without understanding the chunk (PNG 5.4).
  case unknownCriticalChunk(String, offset: Int)
  /// A pair that PNG table 11.1 does not contain.
  case invalidColorType(UInt8, bitDepth: UInt8)
  /// A compression, filter or interlace method that PNG does not define.
  case invalidMethod(String, found: UInt8, maximum: UInt8)

  // PNG pixels.
  case compression(InflateError)
  /// The compressed stream is complete but has fewer bytes than the header requires.
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
  private static let supported = "supported: JPEG, PNG, PNM"
  private static let copyAgain = "copy or download the file again"
  private static let saveAgain = "save or export the image again"

  public var description: String {
    switch self {
    case .emptyFile: FileKind.mismatch(.empty, expected: "an image", remedy: Self.supported)
    case .unknownFormat(let prefix): Self.text(of: prefix)
    case .unsupportedFormat(let format):
      "\(format.displayName) images are not supported; convert to JPEG or PNG, for example: \(format.conversion)"
    case .unexpectedFormat(let expected, let found):
      "found \(found.map { "a \($0.displayName) image" } ?? "no image"), expected \(expected.displayName); "
        + "pass a \(expected.displayName) file"
    case .truncated(let format, let element, let offset, let needed, let available):
      "the \(format.displayName) file is truncated: \(element) at byte \(offset) needs \(needed) bytes, "
        + "found \(available); \(Self.copyAgain)"
    case .zeroSize(let width, let height):
      "the image size is \(width)x\(height), expected at least 1x1; \(Self.saveAgain)"
    case .exceedsLimit(let quantity, let found, let limit):
      "the \(quantity.rawValue) is \(found), the limit is \(limit); \(quantity.remedy)"
    case .jpeg(let error): error.isUnsupported ? "\(error)" : "damaged JPEG file: \(error); \(Self.copyAgain)"
    case .unknownCriticalChunk(let chunk, let offset):
      "PNG chunk \(chunk) at byte \(offset) is critical and not supported; save the image as a standard PNG"
    case .invalidColorType(let colorType, let bitDepth):
      "color type \(colorType) with \(bitDepth) bits is not valid in PNG; \(Self.saveAgain)"
    case .invalidMethod(let name, let found, let maximum):
      "\(name) method \(found) is not valid in PNG, expected at most \(maximum); \(Self.saveAgain)"
    case .invalidField(let name, let offset, let found, let expected):
      "invalid PNM file: \(name) at byte \(offset) is \(found), expected \(expected); \(Self.saveAgain)"
    case .missingField(let name): "invalid PNM file: the header has no \(name); \(Self.saveAgain)"
    case .sampleAboveMaximum(let value, let maximum, let offset):
      "invalid PNM file: the sample at byte \(offset) is \(value), the header's maximum is \(maximum); \(Self.saveAgain)"
    case .invalidChunkName, .checksumMismatch, .invalidChunkLength, .unexpectedChunk, .missingChunk, .compression,
      .imageDataTooShort, .imageDataTooLong, .invalidFilter, .paletteIndexOutOfRange:
      "damaged PNG file: \(damage); \(Self.copyAgain)"
    }
  }

  /// The fault of a damaged PNG file.
  private var damage: String {
    switch self {
    case .invalidChunkName(let bytes, let offset):
      "the chunk name at byte \(offset) is \(hexadecimal(bytes)), expected four letters"
    case .checksumMismatch(let chunk, let offset, let declared, let computed):
      "chunk \(chunk) at byte \(offset) has checksum \(hexadecimal(declared)), computed \(hexadecimal(computed))"
    case .invalidChunkLength(let chunk, let offset, let found, let expected):
      "chunk \(chunk) at byte \(offset) has \(found) bytes, expected \(expected)"
    case .unexpectedChunk(let chunk, let offset, let reason):
      "chunk \(chunk) at byte \(offset) is not allowed \(reason)"
    case .missingChunk(let chunk): "chunk \(chunk) is missing"
    case .compression(let error): "\(error)"
    case .imageDataTooShort(let expected, let found):
      "the image data has \(found) bytes after decompression, expected \(expected)"
    case .imageDataTooLong(let expected): "the image data has more than the expected \(expected) bytes"
    case .invalidFilter(let type, let row): "row \(row) has filter type \(type), expected 0 to 4"
    case .paletteIndexOutOfRange(let index, let row, let column, let count):
      "the pixel at row \(row), column \(column) has palette index \(index), the palette has \(count) colors"
    default: ""
    }
  }

  /// The message for a file that is not an image.
  private static func text(of prefix: [UInt8]) -> String {
    let kind = FileKind.recognize(prefix)
    return switch kind {
    case .empty, .gitLFSPointer, .webPage: FileKind.mismatch(kind, expected: "an image", remedy: supported)
    case .jpegXL, .jpeg2000, .photoshop, .svg, .pdf:
      "\(kind?.rawValue ?? "") is not supported; convert it to PNG, for example with ImageMagick; \(supported)"
    case .video: "a video is not supported; extract its frames, for example: ffmpeg -i video.mp4 frame-%05d.png"
    case .zip, .npz, .gzip: "\(kind?.rawValue ?? "") is not an image; extract it and pass the images; \(supported)"
    case let kind?: "not an image (looks like \(kind.rawValue)); \(supported)"
    case nil: "not an image (starts with \(hexadecimal(prefix))); \(supported)"
    }
  }
}

extension ImageFormat {
  /// An ImageMagick command that converts a file of this format to one that is read.
  fileprivate var conversion: String {
    switch self {
    case .heic, .avif: "magick photo.\(rawValue) photo.jpg"
    case .gif: "magick 'photo.gif[0]' photo.png"
    case .png, .pnm, .jpeg, .webp, .tiff, .bmp: "magick photo.\(rawValue) photo.png"
    }
  }
}

extension DecodingLimits.Quantity {
  fileprivate var remedy: String {
    switch self {
    case .width, .height, .pixelCount: "scale the image down or split it into tiles"
    case .chunkLength: "save the image as a standard PNG"
    case .scanCount: "save the image as a baseline JPEG"
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
