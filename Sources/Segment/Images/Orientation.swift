// SPDX-License-Identifier: Apache-2.0

/// How a stored picture must be turned to stand upright; the raw value is EXIF's.
///
/// - Source: Exif 2.32 (CIPA DC-008), tag 274.
public enum Orientation: Int, CaseIterable, Sendable {
  case up = 1
  /// Mirrored left to right.
  case upMirrored
  /// Upside down.
  case down
  case downMirrored
  /// Rows are columns: the picture is mirrored at the diagonal from the top left.
  case leftMirrored
  /// Turn by 90 degrees clockwise.
  case right
  case rightMirrored
  /// Turn by 90 degrees counter-clockwise.
  case left

  /// True if width and height change places.
  public var swapsAxes: Bool { rawValue >= 5 }
}

extension Image {
  /// The picture turned upright.
  public func oriented(_ orientation: Orientation) -> Image {
    guard orientation != .up else { return self }
    // Where the first pixel of the result comes from, and the steps to its right and lower neighbors, in pixels.
    let (last, bottom) = (width - 1, (height - 1) * width)
    let (start, across, down) =
      switch orientation {
      case .up: (0, 1, width)
      case .upMirrored: (last, -1, width)
      case .down: (bottom + last, -1, -width)
      case .downMirrored: (bottom, 1, -width)
      case .leftMirrored: (0, width, 1)
      case .right: (bottom, -width, 1)
      case .rightMirrored: (bottom + last, -width, -1)
      case .left: (last, width, -1)
      }
    let (newWidth, newHeight) = orientation.swapsAxes ? (height, width) : (width, height)
    let source = pixels.span
    var result = ContiguousArray<UInt8>(repeating: 0, count: pixels.count)
    var target = result.mutableSpan
    var to = 0
    for row in 0..<newHeight {
      var from = 3 &* (start &+ row &* down)
      for _ in 0..<newWidth {
        target[to] = source[from]
        target[to &+ 1] = source[from &+ 1]
        target[to &+ 2] = source[from &+ 2]
        to &+= 3
        from &+= 3 &* across
      }
    }
    return Image(width: newWidth, height: newHeight, pixels: result)
  }
}
