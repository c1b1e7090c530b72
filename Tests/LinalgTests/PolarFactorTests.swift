// SPDX-License-Identifier: Apache-2.0
import Linalg
import TestSupport
import Testing

@Suite struct PolarFactorTests {
  private func random(_ count: Int, seed: UInt64) -> ContiguousArray<Double> {
    var generator = SeededGenerator(seed: seed)
    return ContiguousArray((0..<count).map { _ in Double(generator.next() % 2_000_001) / 1_000_000 - 1 })
  }

  /// Q is orthogonal and QᵀM symmetric and positive: the definition.
  @Test(arguments: [1, 2, 3, 7, 40])
  func theFactorIsOrthogonalAndLeavesAPositiveMatrix(n: Int) throws {
    let columns = random(n * n, seed: UInt64(n))
    let q = try #require(polarFactor(columns: columns, order: n))
    var (worst, rest) = (0.0, [Double](repeating: 0, count: n * n))
    for i in 0..<n {
      for j in 0..<n {
        var product = i == j ? -1.0 : 0.0
        for k in 0..<n {
          product += q[k * n + i] * q[k * n + j]
          rest[i * n + j] += q[k * n + i] * columns[j * n + k]
        }
        worst = max(worst, abs(product))
      }
    }
    #expect(worst < 1e-13)
    for i in 0..<n {
      for j in 0..<i { #expect(abs(rest[i * n + j] - rest[j * n + i]) < 1e-12) }
    }
    let values = try DenseEigensolver().eigenvalues(
      of: SymmetricMatrix(dimension: n) { i, j in (rest[i * n + j] + rest[j * n + i]) / 2 })
    #expect(values[0] > -1e-12)
  }

  @Test func aRotationIsItsOwnFactor() throws {
    // Columns (0.6, 0.8) and (-0.8, 0.6), stretched alike.
    let q = try #require(polarFactor(columns: [3, 4, -4, 3], order: 2))
    for (found, expected) in zip(q, [0.6, -0.8, 0.8, 0.6]) { #expect(abs(found - expected) < 1e-15) }
  }

  @Test func valuesThatAreNotFiniteHaveNoFactor() {
    #expect(polarFactor(columns: [1, .nan, 0, 1], order: 2) == nil)
    #expect(polarFactor(columns: [1, .infinity, 0, 1], order: 2) == nil)
  }

  @Test func pivotsAreTheRowsFarthestFromTheSpanOfThoseBefore() {
    #expect(pivotedRows([1, 0, 0, 0.5, 3, 0.1, 0, 2], width: 2) == [2, 3])
    // Of equal rows the first; a row in the span of the pivots is none.
    #expect(pivotedRows([1, 1, 1, 1, 2, 2], width: 2) == [2])
    #expect(pivotedRows([0, 1, 1, 0], width: 2) == [0, 1])
    #expect(pivotedRows([0, 0, 0, 0], width: 2) == [])
  }

  @Test(arguments: [1, 2, 5, 33])
  func eigenvaluesAreThoseFoundWithVectors(n: Int) throws {
    let elements = random(n * n, seed: 9)
    let matrix = SymmetricMatrix(dimension: n) { i, j in elements[i * n + j] * 1e3 }
    let expected = try DenseEigensolver().smallest(of: matrix).values
    let found = try DenseEigensolver().eigenvalues(of: matrix)
    #expect(found.count == n)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-9) }
  }

  @Test func eigenvaluesOfBadMatricesAreRefused() throws {
    #expect(throws: EigensolverError.nonFinite("a matrix element")) {
      try DenseEigensolver().eigenvalues(of: SymmetricMatrix(dimension: 2) { _, _ in .infinity })
    }
    #expect(try DenseEigensolver().eigenvalues(of: SymmetricMatrix(dimension: 3) { _, _ in 0 }) == [0, 0, 0])
  }
}
