// SPDX-License-Identifier: Apache-2.0

/// A corner of pixels: x columns from the image's left edge, y rows down from its top edge.
struct Corner: Hashable {
  var x: Int32
  var y: Int32
  /// Kept by simplification: where three segments meet, where one touches itself, the image's corners, ends of bridges.
  var isFixed = false

  /// In raster order.
  static func < (a: Corner, b: Corner) -> Bool { (a.y, a.x) < (b.y, b.x) }

  func isAt(_ other: Corner) -> Bool { x == other.x && y == other.y }
}

/// Corners one after the other, the last joined to the first, which is not repeated.
///
/// No corner occurs twice. The ring's polygon is on the right of who walks it, on a screen, where y grows downwards: outer
/// rings turn right there, and have a positive area.
struct Ring: Equatable {
  var corners: [Corner]

  /// Twice the area inside, negative for holes: Σ xᵢyᵢ₊₁ − xᵢ₊₁yᵢ.
  var doubledArea: Int {
    var sum = 0
    var last = corners[corners.count - 1]
    for corner in corners {
      sum += Int(last.x) * Int(corner.y) - Int(corner.x) * Int(last.y)
      last = corner
    }
    return sum
  }
}

/// A connected region: its outer ring and its holes.
///
/// Pixels are connected by their edges. Rings may touch one another in a corner, which leaves the polygon valid
/// (OGC 06-103r4, 6.1.11).
struct Polygon: Equatable {
  var outer: Ring
  var holes: [Ring] = []
}
