// SPDX-License-Identifier: Apache-2.0

/// What is too small to be left standing by itself.
public enum MinimumArea: Equatable, Sendable {
  case pixels(Int)
  /// A share of the image's pixels, 0 to 1.
  case share(Double)

  /// The smallest number of pixels that is not too small in a picture of this many.
  package func pixels(of count: Int) -> Int {
    switch self {
    case .pixels(let pixels): pixels
    case .share(let share): Int((share * Double(count)).rounded(.up))
    }
  }
}

extension LabelMap {
  /// The map without small pieces: a piece of a label, connected by the edges of its pixels, with fewer than `area` pixels takes
  /// the label of the neighbor that it shares the longest boundary with.
  ///
  /// Pieces are merged by increasing area, pieces of equal area in raster order. A neighbor grows by each piece that it
  /// absorbs, so that small pieces that touch may become one that stays. Among neighbors with equal boundaries the larger one
  /// absorbs the piece, then the first in raster order. A map of one piece stays unchanged, however small. Labels may
  /// disappear.
  public func mergingComponents(smallerThan area: Int) -> LabelMap {
    var pieces = RegionAdjacencyGraph(self, limit: area)
    guard pieces.merge() else { return self }
    var merged = ContiguousArray<Int32>()
    merged.reserveCapacity(labels.count)
    for y in 0..<height {
      pieces.forEachRun(inRow: y) { label, columns in
        merged.append(contentsOf: repeatElement(label, count: columns.count))
      }
    }
    return LabelMap(height: height, width: width, labels: merged)
  }
}

/// Pieces of a label map, those that are small with the lengths of their boundaries to each neighbor.
private struct RegionAdjacencyGraph {
  private let map: LabelMap
  private let components: PixelComponents
  private let limit: Int
  /// By component.
  private var areas: [Int: Int] = [:]
  private var labels: [Int: Int32] = [:]
  /// Of small pieces, by neighbor, in sides of pixels. Neighbors may have been taken by others since.
  private var boundaries: [Int: [Int: Int]] = [:]
  /// By which piece a piece was taken.
  private var mergeTargets: [Int: Int] = [:]

  init(_ map: LabelMap, limit: Int) {
    self.map = map
    self.limit = limit
    components = PixelComponents(map)
    for y in 0..<map.height {
      components.forEachRun(of: map, inRow: y) { label, columns, component in
        areas[component, default: 0] += columns.count
        labels[component] = label
      }
    }
    for (component, area) in areas where area < limit { boundaries[component] = [:] }
    if !boundaries.isEmpty { measureBoundaries() }
  }

  private mutating func measureBoundaries() {
    var above: [(columns: Range<Int>, component: Int)] = []
    for y in 0..<map.height {
      var row: [(columns: Range<Int>, component: Int)] = []
      components.forEachRun(of: map, inRow: y) { _, columns, component in row.append((columns, component)) }
      for (left, right) in zip(row, row.dropFirst()) { addBoundary(left.component, right.component, length: 1) }
      var (first, second) = (0, 0)
      while first < above.count && second < row.count {
        let (a, b) = (above[first], row[second])
        addBoundary(a.component, b.component, length: a.columns.clamped(to: b.columns).count)
        if a.columns.upperBound <= b.columns.upperBound { first += 1 }
        if b.columns.upperBound <= a.columns.upperBound { second += 1 }
      }
      above = row
    }
  }

  private mutating func addBoundary(_ a: Int, _ b: Int, length: Int) {
    guard a != b else { return }
    boundaries[a]?[b, default: 0] += length
    boundaries[b]?[a, default: 0] += length
  }

  /// - Returns: whether anything changed.
  mutating func merge() -> Bool {
    let order = boundaries.keys.sorted { (areas[$0] ?? 0, $0) < (areas[$1] ?? 0, $1) }
    for piece in order {
      guard let area = areas[piece], area < limit else { continue }
      var lengths: [Int: Int] = [:]
      for (neighbor, length) in boundaries[piece] ?? [:] {
        let root = root(of: neighbor)
        if root != piece { lengths[root, default: 0] += length }
      }
      // A total order, as dictionaries have none of their own.
      func rank(_ piece: Int) -> (Int, Int, Int) { (lengths[piece] ?? 0, areas[piece] ?? 0, -piece) }
      guard let target = lengths.keys.max(by: { rank($0) < rank($1) }) else { continue }
      mergeTargets[piece] = target
      areas[target, default: 0] += area
      boundaries[target]?.merge(lengths) { $0 + $1 }
      boundaries[piece] = nil
    }
    return !mergeTargets.isEmpty
  }

  private func root(of piece: Int) -> Int {
    var piece = piece
    while let root = mergeTargets[piece] { piece = root }
    return piece
  }

  /// Labels as they are now.
  package func forEachRun(inRow row: Int, _ body: (Int32, Range<Int>) -> Void) {
    components.forEachRun(of: map, inRow: row) { label, columns, component in
      body(labels[root(of: component)] ?? label, columns)
    }
  }
}
