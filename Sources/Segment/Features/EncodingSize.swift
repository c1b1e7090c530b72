// SPDX-License-Identifier: Apache-2.0

/// The size at which an image is encoded by a network that takes any height and width.
public enum EncodingSize: Equatable, Sendable, CustomStringConvertible {
  /// About side × side pixels, at the proportions of the image.
  case area(Int)
  /// This size, whatever the proportions of the image are.
  case exact(height: Int, width: Int)

  public var description: String {
    switch self {
    case .area(let side): "\(side)"
    case .exact(let height, let width): "\(height)x\(width)"
    }
  }

  /// Returns the rows and columns of patches for an image.
  ///
  /// An area keeps the proportions; both sides are rounded to whole patches. A side that would be shorter than a patch takes
  /// one, and the other takes all patches of the area.
  ///
  /// - Precondition: an exact size is a multiple of the patch.
  func grid(height: Int, width: Int, patch: Int) -> Grid {
    switch self {
    case .exact(let height, let width): return Grid(height: height / patch, width: width / patch)
    case .area(let side):
      let patches = Double(side) / Double(patch)
      let limit = max(1, patches * patches)
      let ratio = (Double(height) / Double(width)).squareRoot()
      func count(_ ideal: Double) -> Int { Int(min(max(ideal, 1), limit).rounded()) }
      return Grid(height: count(patches * ratio), width: count(patches / ratio))
    }
  }
}
