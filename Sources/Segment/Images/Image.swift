// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Eight-bit RGB pixels, the form in which the segmenter takes an image.
///
/// - Shapes: `pixels` [height, width, 3], row-major, top row first.
public struct Image: Equatable, Sendable {
  public let width: Int
  public let height: Int
  public let pixels: ContiguousArray<UInt8>

  /// - Precondition: both sides are at least 1 and `pixels` holds three bytes for every pixel.
  public init(width: Int, height: Int, pixels: ContiguousArray<UInt8>) {
    precondition(width > 0 && height > 0, "image of \(width)x\(height) pixels has no pixels")
    precondition(
      pixels.count == 3 * width * height,
      "image of \(width)x\(height) pixels needs \(3 * width * height) bytes, got \(pixels.count)")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The red, green and blue of one pixel.
  public subscript(row: Int, column: Int) -> RGBColor {
    precondition(
      0 <= row && row < height && 0 <= column && column < width,
      "pixel (\(row), \(column)) lies outside an image of \(height) rows and \(width) columns")
    let first = 3 * (row * width + column)
    return RGBColor(red: pixels[first], green: pixels[first + 1], blue: pixels[first + 2])
  }

  /// Reads a file, as `decode` does. "-" is standard input.
  ///
  /// - Throws: `FileError` for a file that cannot be read, `ImageError` for one that is no image.
  public init(contentsOf path: String, limits: DecodingLimits = DecodingLimits()) throws {
    self = try Self.decode(MappedFile.contents(of: path), limits: limits)
  }

  /// Reads a file of any supported format, recognized by its content and not by its name.
  ///
  /// Sixteen-bit samples are rounded to eight bits, palettes are applied and an alpha channel is dropped, not blended.
  /// Photographs are turned upright as their EXIF data tell.
  public static func decode(_ bytes: [UInt8], limits: DecodingLimits = DecodingLimits()) throws(ImageError) -> Image {
    try decodeOriented(bytes, limits: limits).image
  }

  /// The same, and how the stored picture was turned.
  package static func decodeOriented(
    _ bytes: [UInt8], limits: DecodingLimits = DecodingLimits()
  ) throws(ImageError) -> (image: Image, orientation: Orientation) {
    guard !bytes.isEmpty else { throw .emptyFile }
    guard let format = ImageFormat.sniff(bytes) else { throw .unknownFormat(prefix: Array(bytes.prefix(8))) }
    switch format {
    case .png:
      let image = try PNGImage(decoding: bytes, limits: limits)
      let orientation = image.exif.flatMap(Orientation.init(exif:)) ?? .up
      return (image.rgb().oriented(orientation), orientation)
    case .pnm: return (try PNMImage(decoding: bytes, limits: limits).rgb(), .up)
    case .jpeg:
      let image = try JPEGImage(decoding: bytes, limits: limits)
      return (image.rgb().oriented(image.orientation), image.orientation)
    case .gif, .webp, .tiff, .bmp, .heic, .avif: throw .unsupportedFormat(format)
    }
  }
}

/// One color of a palette or pixel.
public struct RGBColor: Hashable, Sendable {
  public var red: UInt8
  public var green: UInt8
  public var blue: UInt8

  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }
}
