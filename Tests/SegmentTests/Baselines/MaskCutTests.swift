// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct MaskCutTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let file: String
    let features: String
    let tau: Double
    let count: Int
    var testDescription: String { file }
  }

  @Test(
    arguments: [
      // The thresholds were stored in single precision.
      Case(file: "coffee-16", features: "coffee-16", tau: 0.35, count: 3),
      Case(file: "rocket-16", features: "rocket-16", tau: 0.2, count: 3),
      Case(file: "astronaut-16", features: "astronaut-16", tau: 0.5, count: 8),
      Case(file: "maskcut-chelsea", features: "chelsea-32", tau: 0.5, count: 3),
    ], InstructionSet.supported)
  func labelsAreThoseOfTheReference(golden: Case, set: InstructionSet) throws {
    let features = try BaselineFixture.features(golden.features)
    let masks = try MaskCut(tau: golden.tau, count: golden.count).masks(
      unit: features.unitRows(), channels: features.channels, grid: features.grid,
      using: KernelTable.table(for: set))
    // The search ends early where no two nodes are joined any more.
    #expect(masks.count <= golden.count)
    let expected = try BaselineFixture.integers("maskcut", in: BaselineFixture.file(golden.file))
    #expect(MaskCut.labels(of: masks, nodeCount: features.nodeCount) == expected)
    for node in 0..<features.nodeCount { #expect(masks.count { $0[node] } <= 1) }
  }

  /// Corners are on the larger side, so the strip without them is the object.
  @Test func anObjectWithoutCornersIsFound() throws {
    let grid = Grid(height: 6, width: 8)
    let isObject = (0..<grid.count).map { (2...3).contains($0 / 8) && (3...5).contains($0 % 8) }
    let features = try BaselineFixture.fields(grid, isObject)
    let partition = try MaskCut(tau: 0.5, count: 1).partition(features)
    #expect(partition.labels == isObject.map { $0 ? 1 : 0 })
    #expect(partition.classCount == 2)
  }

  /// All nodes of two like objects have one value: the seed is the first of them, not the one rounding prefers.
  @Test(arguments: InstructionSet.supported)
  func ofTwoLikeObjectsTheFirstIsTaken(set: InstructionSet) throws {
    let grid = Grid(height: 6, width: 9)
    let isObject = (0..<grid.count).map { [2, 3].contains($0 / 9) && [1, 2, 6, 7].contains($0 % 9) }
    let features = try BaselineFixture.fields(grid, isObject)
    let masks = try MaskCut(tau: 0.5, count: 1).masks(
      unit: features.unitRows(), channels: 2, grid: grid, using: KernelTable.table(for: set))
    #expect(masks == [(0..<grid.count).map { isObject[$0] && $0 % 9 < 4 }])
  }

  @Test func componentsTouchAtEdgesOnly() {
    let side = [true, false, true, false, true, true, true, false, false]
    let found = MaskCut.component(of: side, holding: 4, Grid(height: 3, width: 3))
    #expect(found == [false, false, true, false, true, true, false, false, false])
    #expect(!MaskCut.component(of: side, holding: 1, Grid(height: 3, width: 3)).contains(true))
  }

  @Test func overlapIsIntersectionOverUnion() {
    #expect(MaskCut.overlap([true, true, false], [false, true, true]) == 1.0 / 3)
    #expect(MaskCut.overlap([false, false], [false, false]) == 0)
  }

  @Test(arguments: [Grid(height: 4, width: 4), Grid(height: 1, width: 1)])
  func constantFeaturesHaveNoMask(grid: Grid) throws {
    let features = try BaselineFixture.constant(grid)
    let found = try MaskCut(tau: 0.2, count: 3).masks(
      unit: features.unitRows(), channels: features.channels, grid: grid)
    #expect(found.isEmpty)
    let partition = try MaskCut().partition(features)
    #expect(partition.labels == [Int](repeating: 0, count: grid.count) && partition.classCount == 1)
  }

  /// Of ten pixels over three cells the fourth starts in the first cell and has its center in the second.
  @Test func pixelsTakeTheCellOfTheirCorner() {
    let map = ConceptAssignment.nearestLabelMap(
      grid: Grid(height: 1, width: 3), labels: [0, 1, 2], height: 1, width: 10, fromCorner: true)
    #expect(map.labels == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
    let centered = ConceptAssignment.nearestLabelMap(
      grid: Grid(height: 1, width: 3), labels: [0, 1, 2], height: 1, width: 10)
    #expect(centered.labels == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2])
  }

  @Test func settingsWithoutMeaningAreRefused() throws {
    let features = try BaselineFixture.halves(Grid(height: 2, width: 2), split: 1)
    #expect(throws: ClusteringError.threshold(-0.1)) { try MaskCut(tau: -0.1).partition(features) }
    #expect(throws: ClusteringError.threshold(1.5)) { try MaskCut(tau: 1.5).partition(features) }
    #expect(throws: ClusteringError.self) { try MaskCut(tau: .nan).partition(features) }
    #expect(throws: ClusteringError.count(0)) { try MaskCut(count: 0).partition(features) }
  }

  /// Zero vectors are like no node, themselves included.
  @Test func zeroVectorsAreNodesWithoutEdges() throws {
    let grid = Grid(height: 4, width: 4)
    var values = try BaselineFixture.halves(grid, split: 2).values
    (values[10], values[11]) = (0, 0)
    let features = try FeatureMap(grid: grid, channels: 2, values: values)
    let partition = try MaskCut(tau: 0.5, count: 2).partition(features)
    #expect(partition.labels.count == 16 && partition.labels.allSatisfy { (0..<partition.classCount).contains($0) })
  }
}
