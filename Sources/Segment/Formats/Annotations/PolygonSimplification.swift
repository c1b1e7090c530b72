// SPDX-License-Identifier: Apache-2.0

extension Ring {
  /// Leaves out corners where the boundary moves by no more than `tolerance`, by Douglas and Peucker's rule.
  ///
  /// Fixed corners stay. What lies between two of them is the boundary of the same two segments, and the result does not
  /// depend on which of them walks it: they keep sharing it. Of every crooked piece one corner stays besides its ends, so that
  /// no ring collapses.
  mutating func simplify(tolerance: Double) {
    let fixed = corners.indices.filter { corners[$0].isFixed }
    // An island in one other segment has no fixed corner: both begin at its first in raster order.
    let anchors = fixed.isEmpty ? [corners.indices.min { corners[$0] < corners[$1] } ?? 0] : fixed
    var result: [Corner] = []
    for (index, anchor) in anchors.enumerated() {
      let next = anchors[(index + 1) % anchors.count]
      let end = next > anchor ? next : next + corners.count
      let piece = (anchor...end).map { corners[$0 % corners.count] }
      result += BoundaryPiece(piece).simplified(tolerance: tolerance).dropLast()
    }
    corners = result
  }
}

/// The boundary between two fixed corners, which may be one and the same.
private struct BoundaryPiece {
  private let corners: [Corner]

  init(_ corners: [Corner]) { self.corners = corners }

  func simplified(tolerance: Double) -> [Corner] {
    let last = corners.count - 1
    guard last >= 2 else { return corners }
    let isLoop = corners[0].isAt(corners[last])
    // Equal distances are decided in favor of the first: both segments have to walk in the same direction.
    if isLoop ? corners[last - 1] < corners[1] : corners[last] < corners[0] {
      return BoundaryPiece(corners.reversed()).simplified(tolerance: tolerance).reversed()
    }
    var isKept = [Bool](repeating: false, count: corners.count)
    isKept[0] = true
    isKept[last] = true
    var pending: [(first: Int, last: Int, isWhole: Bool)] = [(0, last, true)]
    if isLoop, let middle = farthest(0, last)?.index {
      isKept[middle] = true
      pending = [(0, middle, true), (middle, last, true)]
    }
    while let (first, last, isWhole) = pending.popLast() {
      guard let (index, distance) = farthest(first, last), distance > (isWhole ? 0 : tolerance) else { continue }
      isKept[index] = true
      // Whether or not a whole piece keeps its farthest corner for its own sake, the halves are judged by the tolerance.
      pending.append((first, index, false))
      pending.append((index, last, false))
    }
    return corners.indices.filter { isKept[$0] }.map { corners[$0] }
  }

  /// The corner between two that is farthest from the line segment that joins them.
  private func farthest(_ first: Int, _ last: Int) -> (index: Int, distance: Double)? {
    guard last - first >= 2 else { return nil }
    let (ax, ay) = (Double(corners[first].x), Double(corners[first].y))
    let (dx, dy) = (Double(corners[last].x) - ax, Double(corners[last].y) - ay)
    let squaredLength = dx * dx + dy * dy
    var (best, square) = (first + 1, -1.0)
    for index in first + 1..<last {
      let (px, py) = (Double(corners[index].x) - ax, Double(corners[index].y) - ay)
      let along = squaredLength > 0 ? min(1, max(0, (px * dx + py * dy) / squaredLength)) : 0
      let (ex, ey) = (px - along * dx, py - along * dy)
      if ex * ex + ey * ey > square { (best, square) = (index, ex * ex + ey * ey) }
    }
    return (best, square.squareRoot())
  }
}
