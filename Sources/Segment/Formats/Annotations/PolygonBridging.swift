// SPDX-License-Identifier: Apache-2.0

extension Polygon {
  /// The polygon as one ring: holes are joined to what lies above them by bridges that are walked in both directions.
  ///
  /// A bridge leads straight up through the polygon from the left end of a hole's highest side. Area, and pixels by the even-odd
  /// or the non-zero rule, are the polygon's. Unlike a plain ring this one passes the ends of bridges several times.
  func bridged() -> Ring {
    guard !holes.isEmpty else { return outer }
    let rings = [outer] + holes
    let bridgeEnds = Self.bridgeEnds(rings)
    var result: [Corner] = []
    var traversals = [RingTraversal(ring: 0, start: 0)]
    while let traversal = traversals.popLast() {
      let corners = rings[traversal.ring].corners
      var (traversal, next) = (traversal, RingTraversal?.none)
      while next == nil && traversal.step < corners.count {
        let index = (traversal.start + traversal.step) % corners.count
        let bridges = bridgeEnds[traversal.ring][index] ?? []
        if traversal.bridge == 0 {
          var corner = corners[index]
          corner.isFixed = corner.isFixed || bridges.first?.x == corner.x || traversal.ring > 0 && traversal.step == 0
          result.append(corner)
        } else {
          // Back from a hole: its first corner again, then the end of the bridge.
          let bridge = bridges[traversal.bridge - 1]
          var first = rings[bridge.ring].corners[bridge.corner]
          first.isFixed = true
          result.append(first)
          result.append(Corner(x: bridge.x, y: corners[index].y, isFixed: true))
        }
        if traversal.bridge < bridges.count {
          let bridge = bridges[traversal.bridge]
          let end = Corner(x: bridge.x, y: corners[index].y, isFixed: true)
          if !end.isAt(result[result.count - 1]) { result.append(end) }
          next = RingTraversal(ring: bridge.ring, start: bridge.corner)
          traversal.bridge += 1
        } else {
          traversal.step += 1
          traversal.bridge = 0
        }
      }
      if let next {
        traversals.append(traversal)
        traversals.append(next)
      }
    }
    return Ring(corners: result)
  }

  /// A traversal along a ring that stops for each bridge.
  private struct RingTraversal {
    let ring: Int
    let start: Int
    var step = 0
    /// Bridges of this side that were walked.
    var bridge = 0
  }

  /// Where a hole's bridge lands, and the hole's corner it comes from.
  private struct Bridge {
    let x: Int32
    let ring: Int
    let corner: Int
  }

  /// For each ring the bridges that land on the side after a corner, from left to right.
  ///
  /// Sides to the right have the polygon below them. Row by row downwards, the lowest of them so far is known for every column,
  /// and it is what a bridge from that column meets.
  private static func bridgeEnds(_ rings: [Ring]) -> [[Int: [Bridge]]] {
    var sides: [(y: Int32, columns: Range<Int32>, ring: Int, corner: Int)] = []
    var bridgeStarts: [(y: Int32, x: Int32, ring: Int, corner: Int)] = []
    for (ring, corners) in rings.lazy.map(\.corners).enumerated() {
      for index in corners.indices {
        let (a, b) = (corners[index], corners[(index + 1) % corners.count])
        if a.y == b.y && a.x < b.x { sides.append((a.y, a.x..<b.x, ring, index)) }
      }
      // A hole's first corner in raster order is the left end of its highest side.
      if ring > 0, let first = corners.indices.min(by: { corners[$0] < corners[$1] }) {
        bridgeStarts.append((corners[first].y, corners[first].x, ring, first))
      }
    }
    sides.sort { ($0.y, $0.columns.lowerBound) < ($1.y, $1.columns.lowerBound) }
    bridgeStarts.sort { ($0.y, $0.x) < ($1.y, $1.x) }
    let left = rings[0].corners.map(\.x).min() ?? 0
    let right = rings[0].corners.map(\.x).max() ?? 0
    var lowest = [(ring: Int, corner: Int)](repeating: (0, 0), count: Int(right - left))
    var bridgeEnds = [[Int: [Bridge]]](repeating: [:], count: rings.count)
    var next = 0
    for start in bridgeStarts {
      while next < sides.count && sides[next].y < start.y {
        for x in sides[next].columns { lowest[Int(x - left)] = (sides[next].ring, sides[next].corner) }
        next += 1
      }
      let target = lowest[Int(start.x - left)]
      bridgeEnds[target.ring][target.corner, default: []].append(
        Bridge(x: start.x, ring: start.ring, corner: start.corner))
    }
    for ring in bridgeEnds.indices {
      for corner in bridgeEnds[ring].keys { bridgeEnds[ring][corner]?.sort { $0.x < $1.x } }
    }
    return bridgeEnds
  }
}
