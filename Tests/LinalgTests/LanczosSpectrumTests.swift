// SPDX-License-Identifier: Apache-2.0
import Foundation
import Linalg
import Testing

@Suite struct LanczosSpectrumTests {
  private let solver = LanczosEigensolver()

  /// Repeated eigenvalues included: cycle, complete graph, star, hypercube.
  @Test(arguments: TestGraph.all, [1, 2, 5, 10])
  func closedFormSpectrum(_ graph: TestGraph, _ count: Int) throws {
    let n = graph.laplacian.dimension
    let bound = LinalgTolerance.residual(
      solver.tolerance, order: n, norm: graph.laplacian.norm, count: count)
    if count <= n {
      let pairs = try solver.smallest(count, of: graph.laplacian)
      expectEigenpairs(pairs, of: graph.laplacian, residual: bound)
      expectValues(pairs.values, graph.spectrum.prefix(count), within: bound)
    }
    if count <= n - 1 {
      let pairs = try solver.smallest(count, of: graph.laplacian, deflating: [ones(n)])
      expectEigenpairs(pairs, of: graph.laplacian, residual: bound, deflating: [ones(n)])
      expectValues(pairs.values, graph.spectrum.dropFirst().prefix(count), within: bound)
    }
  }

  @Test(arguments: [1, 2, 3, 5, 20, 63, 130], [1, 2, 5, 40])
  func agreesWithTheDenseSolver(_ n: Int, _ count: Int) throws {
    guard count <= n else { return }
    let matrix = SymmetricMatrix.random(n, seed: UInt64(100 + n))
    let bound = LinalgTolerance.residual(solver.tolerance, order: n, norm: matrix.norm, count: count)
    let pairs = try solver.smallest(count, of: matrix)
    expectEigenpairs(pairs, of: matrix, residual: bound)
    expectValues(pairs.values, try DenseEigensolver().smallest(count, of: matrix).values, within: bound)
  }

  @Test(arguments: [10, 100, 1000], [1, 5, 10])
  func severalPairs(_ n: Int, _ count: Int) throws {
    let spectrum = (0..<n).map { 0.01 * Double($0) * Double($0) / Double(n) - 1 }
    let matrix = PrescribedOperator(spectrum)
    let norm = spectrum.map(abs).max() ?? 0
    let bound = LinalgTolerance.residual(solver.tolerance, order: n, norm: norm, count: count)
    let pairs = try solver.smallest(count, of: matrix)
    expectEigenpairs(pairs, of: matrix, residual: bound)
    expectValues(pairs.values, spectrum.prefix(count), within: bound)
    for i in 0..<count {
      let gap = min(i > 0 ? spectrum[i] - spectrum[i - 1] : .infinity, i + 1 < n ? spectrum[i + 1] - spectrum[i] : 2)
      let angle = LinalgTolerance.angle(solver.tolerance, order: n, norm: norm, gap: gap)
      #expect(sine(pairs.vector(i), [matrix.vector(i)]) <= Double(count).squareRoot() * angle)
    }
  }

  /// Pairs of eigenvalues closer than, near and far beyond the tolerance.
  @Test(arguments: [0, 1e-12, 1e-9, 1e-6], [1, 2, 3])
  func nearlyRepeatedEigenvalues(_ distance: Double, _ count: Int) throws {
    let spectrum = [0.1, 0.1 + distance, 0.3, 0.3 + distance] + (0..<196).map { 0.5 + Double($0) / 130 }
    let matrix = PrescribedOperator(spectrum)
    let n = spectrum.count
    let bound = LinalgTolerance.residual(solver.tolerance, order: n, norm: 2, count: count)
    let pairs = try solver.smallest(count, of: matrix)
    expectEigenpairs(pairs, of: matrix, residual: bound)
    expectValues(pairs.values, spectrum.prefix(count), within: bound)
    let cluster = [matrix.vector(0), matrix.vector(1)]
    let angle = LinalgTolerance.angle(solver.tolerance, order: n, norm: 2, gap: 0.2)
    for i in 0..<min(count, 2) { #expect(sine(pairs.vector(i), cluster) <= Double(count).squareRoot() * angle) }
  }

  @Test(arguments: [2.0, 0.5, 0.9])
  func gradedSpectrum(_ ratio: Double) throws {
    let spectrum = (0..<150).map { ratio == 2 ? exp2(Double($0 - 149)) : -pow(ratio, Double($0)) }
    let matrix = PrescribedOperator(spectrum)
    let bound = LinalgTolerance.residual(solver.tolerance, order: 150, norm: 1, count: 3)
    let pairs = try solver.smallest(3, of: matrix)
    expectEigenpairs(pairs, of: matrix, residual: bound)
    expectValues(pairs.values, spectrum.sorted().prefix(3), within: bound)
  }

  /// A basis far too small for the problem: dozens of restarts.
  @Test(arguments: [(6, 3), (12, 4), (12, 10), (30, 10)])
  func restartsConverge(_ basis: Int, _ retained: Int) throws {
    let graph = TestGraph.path(100)
    let small = LanczosEigensolver(maximumBasis: basis, retained: retained, maximumApplications: 20000)
    let bound = LinalgTolerance.residual(small.tolerance, order: 100, norm: 4, count: 3)
    let pairs = try small.smallest(3, of: graph.laplacian, deflating: [ones(100)])
    #expect(pairs.restarts > 0)
    expectEigenpairs(pairs, of: graph.laplacian, residual: bound, deflating: [ones(100)])
    expectValues(pairs.values, graph.spectrum[1...3], within: bound)
  }

  /// Squares of the elements overflow or vanish.
  @Test(arguments: [-1000, -700, 700, 1000])
  func extremeScales(_ exponent: Int) throws {
    let factor = Double(sign: .plus, exponent: exponent, significand: 1)
    let matrix = SymmetricMatrix.random(50, seed: 6)
    let scaled = SymmetricMatrix(dimension: 50) { i, j in factor * matrix[i, j] }
    let bound = LinalgTolerance.residual(solver.tolerance, order: 50, norm: matrix.norm, count: 2)
    for small in [solver, LanczosEigensolver(maximumBasis: 20, retained: 8)] {
      let values = try small.smallest(2, of: matrix).values
      let pairs = try small.smallest(2, of: scaled, deflating: [])
      expectEigenpairs(pairs, of: scaled, residual: factor * bound)
      expectValues(ContiguousArray(pairs.values.map { $0 / factor }), values, within: 2 * bound)
    }
  }

  @Test func permutationShiftAndScale() throws {
    let n = 70
    let matrix = SymmetricMatrix.random(n, seed: 9)
    let permutation = (0..<n).map { ($0 * 31 + 7) % n }
    let bound = 2 * LinalgTolerance.residual(solver.tolerance, order: n, norm: 9 * matrix.norm, count: 3)
    let values = try solver.smallest(3, of: matrix).values
    let permuted = SymmetricMatrix(dimension: n) { i, j in matrix[permutation[i], permutation[j]] }
    expectValues(try solver.smallest(3, of: permuted).values, values, within: bound)
    let moved = SymmetricMatrix(dimension: n) { i, j in 8 * matrix[i, j] + (i == j ? 3 : 0) }
    expectValues(try solver.smallest(3, of: moved).values, values.map { 8 * $0 + 3 }, within: bound)
  }
}
