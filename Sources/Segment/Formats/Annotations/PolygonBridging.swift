// SPDX-License-Identifier: Apache-2.0

extension Polygon {
  /// The polygon as one ring: holes are joined to what lies above them by bridges that are walked in both directions.
  ///
  /// A bridge leads straight up through the polygon from the left end of a hole's highest side. Area, and pixels by the even-odd
  /// or the non-zero rule, are the polygon's. Unlike a plain ring this one passes the ends of bridges several times.
  func bridged() -> Ring {
    guard !holes.isEmpty else { return outer }
    let rings = [outer] + holes
    let landings = Self.landings(rings)
    var result: [Corner] = []
    var walks = [Walk(ring: 0, start: 0)]
    while let walk = walks.popLast() {
      let corners = rings[walk.ring].corners
      var (walk, next) = (walk, Walk?.none)
      while next == nil && walk.step < corners.count {
        let index = (walk.start + walk.step) % corners.count
        let bridges = landings[walk.ring][index] ?? []
        if walk.bridge == 0 {
          var corner = corners[index]
          corner.isFixed = corner.isFixed || bridges.first?.x == corner.x || walk.ring > 0 && walk.step == 0
          result.append(corner)
        } else {
          // Back from a hole: its first corner again, then the landing.
          let bridge = bridges[walk.bridge - 1]
          var first = rings[bridge.ring].corners[bridge.corner]
          first.isFixed = true
          result.append(first)
          result.append(Corner(x: bridge.x, y: corners[index].y, isFixed: true))
        }
        if walk.bridge < bridges.count {
          let bridge = bridges[walk.bridge]
          let landing = Corner(x: bridge.x, y: corners[index].y, isFixed: true)
          if !landing.isAt(result[result.count - 1]) { result.append(landing) }
          next = Walk(ring: bridge.ring, start: bridge.corner)
          walk.bridge += 1
        } else {
          walk.step += 1
          walk.bridge = 0
        }
      }
      if let next {
        walks.append(walk)
        walks.append(next)
      }
    }
    return Ring(corners: result)
  }

  /// A walk along a ring that stops for each bridge.
  private struct Walk {
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
  private static func landings(_ rings: [Ring]) -> [[Int: [Bridge]]] {
    var sides: [(y: Int32, columns: Range<Int32>, ring: Int, corner: Int)] = []
    var departures: [(y: Int32, x: Int32, ring: Int, corner: Int)] = []
    for (ring, corners) in rings.lazy.map(\.corners).enumerated() {
      for index in corners.indices {
        let (a, b) = (corners[index], corners[(index + 1) % corners.count])
        if a.y == b.y && a.x < b.x { sides.append((a.y, a.x..<b.x, ring, index)) }
      }
      // A hole's first corner in raster order is the left end of its highest side.
      if ring > 0, let first = corners.indices.min(by: { corners[$0] < corners[$1] }) {
        departures.append((corners[first].y, corners[first].x, ring, first))
      }
    }
    sides.sort { ($0.y, $0.columns.lowerBound) < ($1.y, $1.columns.lowerBound) }
    departures.sort { ($0.y, $0.x) < ($1.y, $1.x) }
    let left = rings[0].corners.map(\.x).min() ?? 0
    let right = rings[0].corners.map(\.x).max() ?? 0
    var lowest = [(ring: Int, corner: Int)](repeating: (0, 0), count: Int(right - left))
    var landings = [[Int: [Bridge]]](repeating: [:], count: rings.count)
    var next = 0
    for departure in departures {
      while next < sides.count && sides[next].y < departure.y {
        for x in sides[next].columns { lowest[Int(x - left)] = (sides[next].ring, sides[next].corner) }
        next += 1
      }
      let target = lowest[Int(departure.x - left)]
      landings[target.ring][target.corner, default: []].append(
        Bridge(x: departure.x, ring: departure.ring, corner: departure.corner))
    }
    for ring in landings.indices {
      for corner in landings[ring].keys { landings[ring][corner]?.sort { $0.x < $1.x } }
    }
    return landings
  }
}
