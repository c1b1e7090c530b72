// SPDX-License-Identifier: Apache-2.0

/// A PNG file's pixels before any conversion, which is how label maps are read and written.
///
/// - Shapes: `samples` [height, width, channels], row-major; palette indices for `indexed`.
public struct PNGImage: Equatable, Sendable {
  /// - Source: PNG specification, table 11.1; the raw value is the byte in IHDR.
  public enum ColorType: UInt8, CaseIterable, Sendable {
    case grayscale = 0
    case rgb = 2
    case indexed = 3
    case grayscaleAlpha = 4
    case rgba = 6

    public var channelCount: Int {
      switch self {
      case .grayscale, .indexed: 1
      case .grayscaleAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }

    /// The allowed bits per sample.
    public var bitDepths: [Int] {
      switch self {
      case .grayscale: [1, 2, 4, 8, 16]
      case .indexed: [1, 2, 4, 8]
      case .rgb, .grayscaleAlpha, .rgba: [8, 16]
      }
    }

    public var hasAlpha: Bool { self == .grayscaleAlpha || self == .rgba }
  }

  /// The contents of tRNS (PNG 11.3.1.1).
  public enum Transparency: Equatable, Sendable {
    /// Pixels of exactly this sample are transparent.
    case gray(UInt16)
    case rgb(red: UInt16, green: UInt16, blue: UInt16)
    /// The alpha of the first palette entries; the others are opaque.
    case palette([UInt8])
  }

  public let width: Int
  public let height: Int
  public let colorType: ColorType
  /// Bits per sample in the file.
  public let bitDepth: Int
  /// `uint16` if and only if `bitDepth` is 16.
  public let samples: ImageSamples
  /// Empty unless indexed. A suggested palette of an RGB file is skipped.
  public let palette: [RGBColor]
  public let transparency: Transparency?
  /// The contents of eXIf, not interpreted.
  public let exif: [UInt8]?
  /// True if the file used Adam7. The encoder does not.
  public let isInterlaced: Bool

  init(
    header: PNGHeader, samples: ImageSamples, palette: [RGBColor], transparency: Transparency?, exif: [UInt8]?
  ) {
    width = header.width
    height = header.height
    colorType = header.colorType
    bitDepth = header.bitDepth
    isInterlaced = header.isInterlaced
    self.samples = samples
    self.palette = palette
    self.transparency = transparency
    self.exif = exif
  }

  private init(_ width: Int, _ height: Int, _ colorType: ColorType, _ bitDepth: Int, _ samples: ImageSamples) {
    self.init(
      header: PNGHeader(
        width: width, height: height, bitDepth: bitDepth, colorType: colorType, isInterlaced: false),
      samples: samples, palette: [], transparency: nil, exif: nil)
    checkSampleCount()
  }

  private func checkSampleCount() {
    precondition(width > 0 && height > 0, "PNG of \(width)x\(height) pixels has no pixels")
    precondition(width < 1 << 31 && height < 1 << 31, "PNG of \(width)x\(height) pixels exceeds 2^31 - 1")
    let expected = width * height * colorType.channelCount
    precondition(samples.count == expected, "PNG of \(width)x\(height) \(colorType) needs \(expected) samples")
  }
}

extension PNGImage {
  /// - Shapes: `samples` [height, width].
  public init(width: Int, height: Int, grayscale samples: ContiguousArray<UInt8>) {
    self.init(width, height, .grayscale, 8, .uint8(samples))
  }

  /// - Shapes: `samples` [height, width].
  public init(width: Int, height: Int, grayscale samples: ContiguousArray<UInt16>) {
    self.init(width, height, .grayscale, 16, .uint16(samples))
  }

  /// - Shapes: `samples` [height, width, 3].
  public init(width: Int, height: Int, rgb samples: ContiguousArray<UInt8>) {
    self.init(width, height, .rgb, 8, .uint8(samples))
  }

  /// - Shapes: `samples` [height, width, 4], alpha last and not premultiplied.
  public init(width: Int, height: Int, rgba samples: ContiguousArray<UInt8>) {
    self.init(width, height, .rgba, 8, .uint8(samples))
  }

  public init(_ image: Image) {
    self.init(width: image.width, height: image.height, rgb: image.pixels)
  }

  /// An indexed image with the fewest bits that hold every index of the palette.
  ///
  /// - Shapes: `indices` [height, width].
  /// - Parameters:
  ///   - width: in pixels.
  ///   - height: in pixels.
  ///   - indices: entries of the palette, row by row.
  ///   - palette: the colors.
  ///   - alpha: the alpha of the first palette entries; the others are opaque.
  /// - Precondition: 1 to 256 palette entries, no more alpha values than entries, and every index within the palette.
  public init(
    width: Int, height: Int, indices: ContiguousArray<UInt8>, palette: [RGBColor], alpha: [UInt8] = []
  ) {
    precondition((1...256).contains(palette.count), "palette of \(palette.count) entries, expected 1 to 256")
    precondition(alpha.count <= palette.count, "\(alpha.count) alpha values for \(palette.count) palette entries")
    let largest = indices.max() ?? 0
    precondition(Int(largest) < palette.count, "index \(largest) in a palette of \(palette.count) entries")
    let bitDepth = [1, 2, 4].first { palette.count <= 1 << $0 } ?? 8
    self.init(
      header: PNGHeader(width: width, height: height, bitDepth: bitDepth, colorType: .indexed, isInterlaced: false),
      samples: .uint8(indices), palette: palette, transparency: alpha.isEmpty ? nil : .palette(alpha), exif: nil)
    checkSampleCount()
  }
}
