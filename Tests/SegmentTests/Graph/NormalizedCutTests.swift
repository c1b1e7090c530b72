// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport
import Testing

/// A symmetric matrix with ones on the diagonal.
private func graph(_ n: Int, _ weight: (Int, Int) -> Float) -> SymmetricTensor {
  SymmetricTensor(
    lower: Tensor(
      [n, n], values: (0..<n * n).map { $0 / n == $0 % n ? 1 : weight(min($0 / n, $0 % n), max($0 / n, $0 % n)) }))
}

private func degree(_ weights: SymmetricTensor) -> ContiguousArray<Double> {
  let n = weights.dimension
  return ContiguousArray((0..<n).map { i in (0..<n).reduce(0) { $0 + Double(weights[i, $1]) } })
}

/// Every threshold on its own, by the definition.
private func naiveBest(_ y: ContiguousArray<Double>, _ weights: SymmetricTensor) -> (isHigh: [Bool], value: Double) {
  let (low, high) = (0.99 * (y.min() ?? 0), 0.99 * (y.max() ?? 0))
  var best: (isHigh: [Bool], value: Double)?
  for k in 0..<100 {
    let threshold = k == 99 ? high : low + Double(k) * ((high - low) / 99)
    let isHigh = y.map { $0 > threshold }
    let lowNodes = y.indices.filter { !isHigh[$0] }
    let value = NormalizedCut.directValue(low: lowNodes[...], weights: weights, degree: degree(weights))
    if value.isNaN { return (isHigh, value) }
    if value < best?.value ?? .infinity { best = (isHigh, value) }
  }
  return best ?? ([], .nan)
}

@Suite struct NormalizedCutTests {
  @Test(arguments: [2, 3, 5, 24, 25, 63, 130], InstructionSet.supported)
  func incrementalSweepFindsTheThresholdOfTheDefinition(n: Int, set: InstructionSet) {
    for seed in 0..<8 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed &* 1000 &+ UInt64(n))
      let random = generator.floats(n * n).map { abs($0) }
      let weights = graph(n) { random[$0 * n + $1] }
      let d = degree(weights)
      var y = ContiguousArray(generator.doubles(n))
      let mean = zip(y, d).reduce(0) { $0 + $1.0 * $1.1 } / d.reduce(0, +)
      for i in 0..<n { y[i] -= mean }
      let found = NormalizedCut.bestBipartition(of: y, weights: weights, degree: d, using: .table(for: set))
      let expected = naiveBest(y, weights)
      #expect(found.isHigh == expected.isHigh)
      // Both values are sums of n² terms in different orders.
      #expect(abs(found.normalizedCutValue - expected.value) <= Double(n * n) * Double.ulpOfOne * 4)
    }
  }

  /// Running sums would leave ±1e-16 where the cut is exactly 0, and with it a later threshold.
  @Test func firstOfSeveralFreeCutsWins() {
    // Four pieces without an edge between them: three thresholds cut nothing.
    let weights = graph(12) { $0 / 3 == $1 / 3 ? 0.3 : 0 }
    let y = ContiguousArray((0..<12).map { (i: Int) -> Double in Double(i / 3) - 1.5 + Double(i % 3) * 0.01 })
    let found = NormalizedCut.bestBipartition(of: y, weights: weights, degree: degree(weights))
    #expect(found.normalizedCutValue == 0)
    #expect(found.isHigh == (0..<12).map { $0 >= 3 })
  }

  @Test func anEmptySideIsNaN() {
    let weights = graph(3) { _, _ in 0.5 }
    // All values alike and positive: the first threshold has every node above it.
    let found = NormalizedCut.bestBipartition(of: [1, 1, 1], weights: weights, degree: degree(weights))
    #expect(found.normalizedCutValue.isNaN)
  }

  @Test func equalValuesMoveTogether() {
    let weights = graph(6) { $0 < 3 && $1 < 3 || $0 >= 3 ? 0.9 : 0.1 }
    let found = NormalizedCut.bestBipartition(
      of: [-1, -1, -1, 1, 1, 1], weights: weights, degree: degree(weights))
    #expect(found.isHigh == [false, false, false, true, true, true])
  }
}

/// Features whose cosines fall into blocks: node i points along axis `axis(i)` with a little noise.
private func blocks(_ grid: Grid, seed: UInt64 = 1, axis: (Int) -> Int) throws -> FeatureMap {
  var generator = SeededGenerator(seed: seed)
  let channels = 8
  var values = ContiguousArray(generator.doubles(grid.count * channels, magnitude: 0.02))
  for node in 0..<grid.count { values[node * channels + axis(node)] += 1 }
  return try FeatureMap(grid: grid, channels: channels, values: values)
}

@Suite struct DiffCutTests {
  @Test(arguments: [
    Grid(height: 4, width: 4), Grid(height: 1, width: 30), Grid(height: 30, width: 1), Grid(height: 9, width: 13),
  ])
  func blocksAreFound(grid: Grid) throws {
    let features = try blocks(grid) { $0 * 3 / grid.count }
    let partition = try DiffCut(tau: 0.5, alpha: 10).partition(features)
    // The least similar pair is left out below the root; everything else is with its block.
    let expected = (0..<grid.count).map { $0 * 3 / grid.count }
    for block in 0..<3 {
      let labels = (0..<grid.count).filter { expected[$0] == block }.map { partition.labels[$0] }
      let counts = labels.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      #expect((counts.values.max() ?? 0) >= labels.count - 2)
    }
    #expect(partition.classCount >= 3)
  }

  @Test(arguments: [
    Grid(height: 1, width: 1), Grid(height: 1, width: 2), Grid(height: 2, width: 1), Grid(height: 1, width: 3),
  ])
  func tinyGridsEndCleanly(grid: Grid) throws {
    let partition = try DiffCut(tau: 2, alpha: 10).partition(blocks(grid) { $0 })
    #expect(partition.labels.count == grid.count)
    #expect(Set(partition.labels) == Set(0..<partition.classCount))
    #expect(partition.labelMap(height: 3, width: 5).labels.count == 15)
  }

  @Test func twoExactHalvesAreCutBetweenThem() throws {
    let grid = Grid(height: 8, width: 8)
    let values = ContiguousArray((0..<64).flatMap { $0 % 8 < 4 ? [1.0, 0.0] : [0.0, 1.0] })
    let partition = try DiffCut().partition(FeatureMap(grid: grid, channels: 2, values: values))
    #expect(partition.classCount == 2)
    for node in 0..<64 { #expect(partition.labels[node] == partition.labels[node % 8 < 4 ? 0 : 7]) }
  }

  @Test func tauZeroKeepsTheImageWhole() throws {
    let partition = try DiffCut(tau: 0).partition(blocks(Grid(height: 4, width: 4)) { $0 % 4 })
    #expect(partition.classCount == 1)
    #expect(try partition.recursion().nodes.count == 1)
  }

  /// α so large that every affinity but the diagonal underflows: each node is its own component.
  @Test func underflowingAffinitiesAreNoCrash() throws {
    let partition = try DiffCut(tau: 0.5, alpha: 1e5).partition(blocks(Grid(height: 5, width: 5)) { $0 % 8 })
    #expect(partition.labels.count == 25)
    #expect(Set(partition.labels) == Set(0..<partition.classCount))
  }

  /// Twenty nodes at α = 500: affinities over a hundred orders of magnitude, which QL has to deflate.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func stronglyGradedGraphsAreNoFailure(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let features = try FeatureMap(
      grid: Grid(height: 4, width: 5), channels: 4, values: ContiguousArray(generator.doubles(80)))
    let partition = try DiffCut(tau: 0.9, alpha: 500).partition(features)
    #expect(Set(partition.labels) == Set(0..<partition.classCount))
  }

  /// More cuts than one machine word has bits.
  @Test func classesBeyondSixtyFourCutsAreToldApart() throws {
    var generator = SeededGenerator(seed: 5)
    let grid = Grid(height: 16, width: 16)
    let features = try FeatureMap(
      grid: grid, channels: 200, values: ContiguousArray(generator.doubles(grid.count * 200)))
    let partition = try DiffCut(tau: 1.2, alpha: 3).partition(features)
    #expect(try partition.recursion().acceptedCuts().count > 64)
    #expect(Set(partition.labels) == Set(0..<partition.classCount))
    // Every leaf of the tree is a class of its own.
    #expect(try partition.classCount == partition.recursion().acceptedCuts().count + 1)
  }
}
