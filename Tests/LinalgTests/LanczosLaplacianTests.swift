// SPDX-License-Identifier: Apache-2.0
import Linalg
import Testing

/// The use the solver is made for: second-smallest eigenvectors with the trivial one deflated.
@Suite struct LanczosLaplacianTests {
  private let solver = LanczosEigensolver()
  private static let half = 40

  /// Two random dense blocks, every pair across them joined by `coupling`.
  private func weight(_ coupling: Double) -> (Int, Int) -> Double {
    var random = TestRandom(seed: 3)
    return { i, j in (i < Self.half) == (j < Self.half) ? 0.5 + 0.4 * random.next() : coupling }
  }

  /// The vector tells the blocks apart by sign at every coupling: the deflated trivial vector leaves it no other choice.
  @Test(arguments: [0, 1e-14, 1e-12, 1e-9, 1e-6, 1e-3])
  func nearlyDisconnectedBlocks(_ coupling: Double) throws {
    let n = 2 * Self.half
    let plain = SymmetricMatrix.laplacian(n, weight: weight(coupling))
    let (normalized, root) = SymmetricMatrix.normalizedLaplacian(n, weight: weight(coupling))
    for (matrix, trivial) in [(plain, ones(n)), (normalized, root)] {
      let bound = LinalgTolerance.residual(solver.tolerance, order: n, norm: matrix.norm)
      let pairs = try solver.smallest(of: matrix, deflating: [trivial])
      expectEigenpairs(pairs, of: matrix, residual: bound, deflating: [trivial])
      // The block indicator's Rayleigh quotient is n·coupling; degrees are at least 1, so it bounds both.
      #expect(pairs.values[0] >= -bound && pairs.values[0] <= Double(n) * coupling + bound)
      let v = pairs.vector(0)
      let sign: Double = v[0] < 0 ? -1 : 1
      #expect(v.enumerated().allSatisfy { i, x in i < Self.half ? sign * x > 0 : sign * x < 0 })
    }
  }

  @Test(arguments: [2, 3, 7])
  func disconnectedGraphHasOneZeroPerComponent(_ components: Int) throws {
    let n = 12 * components
    let matrix = SymmetricMatrix.laplacian(n) { i, j in i / 12 == j / 12 ? 1 : 0 }
    let bound = LinalgTolerance.residual(solver.tolerance, order: n, norm: 24, count: components)
    let pairs = try solver.smallest(components, of: matrix, deflating: [ones(n)])
    expectEigenpairs(pairs, of: matrix, residual: bound, deflating: [ones(n)])
    expectValues(pairs.values, Array(repeating: 0, count: components - 1) + [12], within: bound)
    let indicators = (0..<components).map { c in (0..<n).map { $0 / 12 == c ? 1 / 12.0.squareRoot() : 0 } }
    let angle = LinalgTolerance.angle(solver.tolerance, order: n, norm: 24, gap: 12)
    for i in 0..<components - 1 {
      #expect(sine(pairs.vector(i), indicators) <= Double(components).squareRoot() * angle)
    }
  }

  @Test func twoNodes() throws {
    let matrix = SymmetricMatrix.laplacian(2) { _, _ in 1 }
    let pairs = try solver.smallest(of: matrix, deflating: [[-3, -3]])
    expectEigenpairs(pairs, of: matrix, residual: LinalgTolerance.dense(order: 2, norm: 2), deflating: [ones(2)])
    #expect(pairs.applications == 1)
  }

  @Test(arguments: 1...3, 0...2)
  func smallestDimensions(_ n: Int, _ deflated: Int) throws {
    guard deflated < n else { return }
    let matrix = SymmetricMatrix(dimension: n) { i, j in i == j ? Double(i + 1) : 0 }
    let known = (0..<deflated).map { k in ContiguousArray((0..<n).map { $0 == k ? -2.5 : 0 }) }
    for count in 1...n - deflated {
      let pairs = try solver.smallest(count, of: matrix, deflating: known)
      let bound = LinalgTolerance.residual(solver.tolerance, order: n, norm: 3, count: count)
      expectEigenpairs(pairs, of: matrix, residual: bound, deflating: known)
      expectValues(pairs.values, (0..<count).map { Double(deflated + $0 + 1) }, within: bound)
    }
  }

  @Test(arguments: [0.0, 1, -2], [1, 4, 9])
  func multipleOfTheIdentity(_ factor: Double, _ count: Int) throws {
    let matrix = SymmetricMatrix(dimension: 9) { i, j in i == j ? factor : 0 }
    let pairs = try solver.smallest(count, of: matrix)
    expectEigenpairs(pairs, of: matrix, residual: LinalgTolerance.dense(order: 9, norm: 2))
    expectValues(
      pairs.values, Array(repeating: factor, count: count), within: LinalgTolerance.dense(order: 9, norm: 2))
    #expect(count > 1 || pairs.applications == 1)
  }

  /// A set of known vectors of which only the span counts.
  @Test func dependentDeflatedVectors() throws {
    let graph = TestGraph.cycle(12)
    let known = [ones(12), ContiguousArray(repeating: -1e-8, count: 12)]
    let pairs = try solver.smallest(3, of: graph.laplacian, deflating: known)
    let bound = LinalgTolerance.residual(solver.tolerance, order: 12, norm: 4, count: 3)
    expectEigenpairs(pairs, of: graph.laplacian, residual: bound, deflating: known)
    expectValues(pairs.values, graph.spectrum[1...3], within: bound)
  }
}
