// SPDX-License-Identifier: Apache-2.0

/// A Netpbm image: PBM, PGM and PPM in plain and raw form, and PAM.
///
/// - Shapes: `samples` [height, width, channels], row-major, 0 ... `maximum`. Black is 0, also in PBM files, which store
///   it as 1.
/// - Source: the Netpbm format specifications pbm(5), pgm(5), ppm(5) and pam(5).
public struct PNMImage: Equatable, Sendable {
  /// The tuple types of PAM without their `_ALPHA`.
  public enum ColorType: String, CaseIterable, Sendable {
    case blackAndWhite = "BLACKANDWHITE"
    case grayscale = "GRAYSCALE"
    case rgb = "RGB"

    var channelCount: Int { self == .rgb ? 3 : 1 }
  }

  public let width: Int
  public let height: Int
  public let colorType: ColorType
  /// True if the last channel is alpha, not premultiplied. Only PAM has one.
  public let hasAlpha: Bool
  /// The sample that means white or opaque, 1 to 65535.
  public let maximum: Int
  /// `uint16` if and only if `maximum` is above 255.
  public let samples: ImageSamples

  public var channelCount: Int { colorType.channelCount + (hasAlpha ? 1 : 0) }

  /// - Precondition: the sample count fits, and no sample exceeds `maximum`, which is 1 for black and white.
  public init(
    width: Int, height: Int, colorType: ColorType, hasAlpha: Bool = false, maximum: Int, samples: ImageSamples
  ) {
    precondition(width > 0 && height > 0, "PNM of \(width)x\(height) pixels has no pixels")
    let maxima = colorType == .blackAndWhite ? 1...1 : 1...65535
    precondition(maxima.contains(maximum), "PNM maximum is \(maximum), expected \(maxima)")
    self.width = width
    self.height = height
    self.colorType = colorType
    self.hasAlpha = hasAlpha
    self.maximum = maximum
    self.samples = samples
    let expected = width * height * channelCount
    precondition(samples.count == expected, "PNM of \(width)x\(height) needs \(expected) samples, got \(samples.count)")
    switch samples {
    case .uint8(let values):
      precondition(maximum <= 255 && values.max().map { Int($0) <= maximum } ?? true, "sample above \(maximum)")
    case .uint16(let values):
      precondition(maximum > 255 && values.max().map { Int($0) <= maximum } ?? true, "sample above \(maximum)")
    }
  }

  /// - Shapes: `samples` [height, width].
  public init(width: Int, height: Int, grayscale samples: ContiguousArray<UInt8>) {
    self.init(width: width, height: height, colorType: .grayscale, maximum: 255, samples: .uint8(samples))
  }

  /// - Shapes: `samples` [height, width].
  public init(width: Int, height: Int, grayscale samples: ContiguousArray<UInt16>) {
    self.init(width: width, height: height, colorType: .grayscale, maximum: 65535, samples: .uint16(samples))
  }

  public init(_ image: Image) {
    self.init(
      width: image.width, height: image.height, colorType: .rgb, maximum: 255, samples: .uint8(image.pixels))
  }

  /// The image as eight-bit RGB: samples scaled by round(255·v / maximum), alpha dropped.
  public func rgb() -> Image {
    let scaled = samples.scaled(maximum: maximum)
    let colors = colorType == .rgb ? [0, 1, 2] : [0, 0, 0]
    return Image(
      width: width, height: height, pixels: selectingChannels(colors, of: scaled, channelCount: channelCount))
  }
}

/// What a header has told.
struct PNMHeader {
  var width = 0
  var height = 0
  var maximum = 1
  var colorType = PNMImage.ColorType.blackAndWhite
  var hasAlpha = false

  var channelCount: Int { colorType.channelCount + (hasAlpha ? 1 : 0) }
  var sampleCount: Int { width * height * channelCount }
}
