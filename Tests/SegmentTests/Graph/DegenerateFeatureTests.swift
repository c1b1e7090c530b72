// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport
import Testing

/// Features without the variety that a graph of photographs has.
@Suite struct DegenerateFeatureTests {
  private let grid = Grid(height: 8, width: 9)

  /// Nodes with one of a few random vectors each.
  private func features(
    _ grid: Grid, channels: Int = 16, seed: UInt64 = 1, kind: (_ node: Int) -> Int?
  ) throws -> FeatureMap {
    let values = (0..<grid.count).flatMap { node -> ContiguousArray<Double> in
      guard let kind = kind(node) else { return ContiguousArray(repeating: 0, count: channels) }
      var generator = SeededGenerator(seed: seed &+ 1000 &* UInt64(kind))
      return ContiguousArray(generator.doubles(channels).map { $0 - 0.5 })
    }
    return try FeatureMap(grid: grid, channels: channels, values: ContiguousArray(values))
  }

  /// The number of classes, and whether nodes of one kind are together and those of two are not.
  private func expectClasses(
    _ count: Int, of kind: (Int) -> Int?, in features: FeatureMap, tau: Double = 0.5,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let partition = try DiffCut(tau: tau).partition(features)
    #expect(partition.classCount == count, sourceLocation: sourceLocation)
    var classes: [Int: Set<Int>] = [:]
    for (node, label) in partition.labels.enumerated() { classes[kind(node) ?? -1, default: []].insert(label) }
    #expect(classes.values.allSatisfy { $0.count == 1 }, sourceLocation: sourceLocation)
    #expect(Set(classes.values).count == count, sourceLocation: sourceLocation)
  }

  @Test func aConstantImageIsOneSegment() throws {
    let map = try features(grid) { _ in 0 }
    try expectClasses(1, of: { _ in 0 }, in: map)
    try expectClasses(1, of: { _ in 0 }, in: map, tau: 2)
    #expect(try DiffCut().partition(map).labelMap(height: 20, width: 30).labels.allSatisfy { $0 == 0 })
  }

  @Test func noFeaturesAtAllAreOneSegment() throws {
    try expectClasses(1, of: { _ in 0 }, in: features(grid) { _ in nil })
  }

  @Test func aCheckerboardHasTwoSegments() throws {
    let kind = { (node: Int) -> Int? in (node / 9 + node % 9) % 2 }
    try expectClasses(2, of: kind, in: features(grid, kind: kind))
  }

  @Test(arguments: [0, 31, 71]) func anOutlierIsASegmentOfItsOwn(place: Int) throws {
    let kind = { (node: Int) -> Int? in node == place ? 1 : 0 }
    try expectClasses(2, of: kind, in: features(grid, kind: kind))
  }

  /// Zero vectors have cosine 0 with everything, one another included, and the same weights to all others.
  @Test func nodesWithoutFeaturesStayTogether() throws {
    let kind = { (node: Int) -> Int? in node < 18 ? nil : node % 3 }
    let partition = try DiffCut(tau: 0.9).partition(features(grid, kind: kind))
    #expect(Set(partition.labels[..<18]).count == 1)
    #expect(Set(partition.labels) == Set(0..<partition.classCount))
  }

  /// Up to τ = 1: every cut of a graph with equal weights costs more.
  @Test(arguments: 0..<12 as Range<UInt64>)
  func equalFeaturesAreNeverParted(seed: UInt64) throws {
    let kind = { (node: Int) -> Int? in (node * 7 + node / 5) % 6 }
    let map = try features(grid, seed: seed, kind: kind)
    for tau in [0.3, 0.6, 1] {
      let labels = try DiffCut(tau: tau).partition(map).labels
      for node in 0..<grid.count {
        let first = (0..<grid.count).first { kind($0) == kind(node) } ?? node
        #expect(labels[node] == labels[first], "tau \(tau)")
      }
    }
  }

  /// The grid is where pixels are; the graph does not know it.
  @Test(arguments: [1, 2, 3, 17, 36])
  func rowsAndColumnsAreCutAlike(count: Int) throws {
    let kind = { (node: Int) -> Int? in node % 5 }
    let row = try DiffCut(tau: 0.9).partition(features(Grid(height: 1, width: count), kind: kind))
    let column = try DiffCut(tau: 0.9).partition(features(Grid(height: count, width: 1), kind: kind))
    #expect(row.labels == column.labels && Set(row.labels) == Set(0..<row.classCount))
    let (wide, high) = (row.labelMap(height: 1, width: 40), column.labelMap(height: 40, width: 1))
    #expect(wide.labels == high.labels)
  }

  @Test(arguments: [1e-300, 1e-30, 3, 1e30, 1e300])
  func scaleDoesNotMatter(factor: Double) throws {
    let map = try features(grid) { $0 % 7 }
    let scaled = try FeatureMap(
      grid: grid, channels: map.channels, values: ContiguousArray(map.values.map { $0 * factor }))
    #expect(try DiffCut(tau: 0.9).partition(scaled).labels == DiffCut(tau: 0.9).partition(map).labels)
  }
}
