// SPDX-License-Identifier: Apache-2.0
import Linalg
import Segment
import TestSupport
import Testing

@Suite struct GraphEigenvectorsTests {
  /// All solutions after the trivial one, from the dense matrix, as unit vectors D^½ y.
  private func dense(_ affinity: AffinityMatrix) throws -> (pairs: EigenPairs, rootDegree: [Double]) {
    let n = affinity.dimension
    let degree = (0..<n).map { i in (0..<n).reduce(0) { $0 + Double(affinity.weights[i, $1]) } }
    let root = degree.map { $0.squareRoot() }
    let matrix = SymmetricMatrix(dimension: n) { i, j in
      (i == j ? 1 : 0) - Double(affinity.weights[i, j]) / (root[i] * root[j])
    }
    return (try DenseEigensolver().smallest(of: matrix, deflating: [ContiguousArray(root)]), root)
  }

  /// The part of D^½ y, scaled to length 1, outside the dense eigenspace of all values within `margin` of its own.
  private func sine(
    _ y: [Double], value: Double, in pairs: EigenPairs, root: [Double], margin: Double
  ) -> Double {
    var x = zip(y, root).map { $0 * $1 }
    let length = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
    for i in x.indices { x[i] /= length }
    for k in 0..<pairs.count where abs(pairs.values[k] - value) <= margin {
      let axis = pairs.vector(k)
      let amount = zip(x, axis).reduce(0) { $0 + $1.0 * $1.1 }
      for i in x.indices { x[i] -= amount * axis[i] }
    }
    return x.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private func expectDenseSolutions(_ features: FeatureMap, count: Int, alpha: Double = 4) throws {
    let partition = try DiffCut(tau: 0, alpha: alpha).partition(features)
    let affinity = try #require(partition.affinity())
    let (pairs, root) = try dense(affinity)
    let found = try partition.leadingEigenvectors(count)
    #expect(found.values.count == min(count, features.nodeCount - 1) && found.vectors.count == found.values.count)
    for (k, (value, y)) in zip(found.values, found.vectors).enumerated() {
      // The solver's tolerance is 1e-10 of the norm, at most 2; the graph's weights are single precision in both.
      #expect(abs(value - pairs.values[k]) <= 4e-10, "eigenvalue \(k): \(value), \(pairs.values[k])")
      #expect(sine(y, value: value, in: pairs, root: root, margin: 1e-5) <= 1e-4, "eigenvector \(k)")
      #expect(y.map { abs($0) }.max() == 1)
      let leader = try #require(y.first { abs($0) >= 1 - 1e-9 })
      #expect(leader > 0, "sign of eigenvector \(k)")
    }
  }

  private func random(_ grid: Grid, channels: Int, seed: UInt64) throws -> FeatureMap {
    var generator = SeededGenerator(seed: seed)
    return try FeatureMap(
      grid: grid, channels: channels, values: ContiguousArray(generator.doubles(grid.count * channels)))
  }

  @Test(arguments: [Grid(height: 4, width: 5), Grid(height: 7, width: 9), Grid(height: 12, width: 16)])
  func theyAreThoseOfTheDenseMatrix(grid: Grid) throws {
    try expectDenseSolutions(random(grid, channels: 6, seed: 11), count: 5)
  }

  @Test func fewerNodesThanAskedFor() throws {
    try expectDenseSolutions(random(Grid(height: 1, width: 3), channels: 3, seed: 5), count: 8)
    try expectDenseSolutions(random(Grid(height: 5, width: 6), channels: 3, seed: 6), count: 40)
  }

  /// Four equal blocks, all alike to one another: λ₂ = λ₃ = λ₄, and the others are 1.
  @Test func repeatedEigenvaluesHaveAllTheirVectors() throws {
    let grid = Grid(height: 8, width: 8)
    var values = ContiguousArray(repeating: 0.3, count: grid.count * 4)
    for node in 0..<grid.count { values[node * 4 + node / 16] += 1 }
    let features = try FeatureMap(grid: grid, channels: 4, values: values)
    try expectDenseSolutions(features, count: 6)
    let found = try DiffCut(tau: 0, alpha: 4).partition(features).leadingEigenvectors(3).vectors
    // Three independent vectors, constant on the blocks.
    for y in found {
      for node in 0..<grid.count { #expect(abs(y[node] - y[node / 16 * 16]) <= 1e-7) }
    }
  }

  @Test func aGraphInPiecesHasSeveralZeros() throws {
    let grid = Grid(height: 6, width: 6)
    var values = ContiguousArray(repeating: 0.0, count: grid.count * 3)
    for node in 0..<grid.count { values[node * 3 + node / 12] = 1 }
    let found = try DiffCut(tau: 0).partition(FeatureMap(grid: grid, channels: 3, values: values)).leadingEigenvectors(
      3)
    #expect(found.values.count == 3)
    #expect(abs(found.values[0]) <= 1e-12 && abs(found.values[1]) <= 1e-12 && found.values[2] > 0.9)
  }

  @Test func aGraphWithoutStructureHasNone() throws {
    let features = try FeatureMap(
      grid: Grid(height: 6, width: 6), channels: 2, values: ContiguousArray(repeating: 1, count: 72))
    let found = try DiffCut().partition(features).leadingEigenvectors(4)
    #expect(found.values.isEmpty && found.vectors.isEmpty)
  }

  /// The first one is what the root's cut follows.
  @Test func theFirstIsTheRootsFiedlerVector() throws {
    let partition = try DiffCut(tau: 0, alpha: 4).partition(random(Grid(height: 9, width: 9), channels: 5, seed: 3))
    let found = try partition.leadingEigenvectors(3)
    #expect(try abs(found.values[0] - partition.recursion().nodes[0].eigenvalue) <= 4e-10)
  }
}
