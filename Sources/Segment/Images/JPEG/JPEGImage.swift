// SPDX-License-Identifier: Apache-2.0

/// A JPEG file's picture as it is stored, converted to RGB but not turned.
public struct JPEGImage: Equatable, Sendable {
  /// What the components of the file mean.
  public enum ColorSpace: Equatable, Sendable {
    case grayscale, yCbCr, rgb, cmyk, ycck
  }

  public let width: Int
  public let height: Int
  public let colorSpace: ColorSpace
  public let isProgressive: Bool
  /// How the camera was held, from the EXIF data; `up` if there are none.
  public let orientation: Orientation
  /// - Shapes: [height, width, 3].
  private let pixels: ContiguousArray<UInt8>

  init(
    width: Int, height: Int, colorSpace: ColorSpace, isProgressive: Bool, orientation: Orientation,
    pixels: ContiguousArray<UInt8>
  ) {
    self.width = width
    self.height = height
    self.colorSpace = colorSpace
    self.isProgressive = isProgressive
    self.orientation = orientation
    self.pixels = pixels
  }

  /// The picture as stored; `Image.decode` also turns it upright. Color profiles are ignored.
  public func rgb() -> Image { Image(width: width, height: height, pixels: pixels) }
}
