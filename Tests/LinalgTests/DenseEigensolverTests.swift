// SPDX-License-Identifier: Apache-2.0
import Linalg
import Testing

@Suite struct DenseEigensolverTests {
  @Test(arguments: TestGraph.all)
  func closedFormSpectrum(_ graph: TestGraph) throws {
    let n = graph.laplacian.dimension
    let bound = LinalgTolerance.dense(order: n, norm: graph.laplacian.norm)
    let pairs = try DenseEigensolver().smallest(of: graph.laplacian)
    expectEigenpairs(pairs, of: graph.laplacian, residual: bound)
    expectValues(pairs.values, graph.spectrum, within: bound)

    let rest = try DenseEigensolver().smallest(of: graph.laplacian, deflating: [ones(n)])
    // The deflating shift quadruples the norm.
    expectEigenpairs(rest, of: graph.laplacian, residual: 4 * bound, deflating: [ones(n)])
    expectValues(rest.values, graph.spectrum.dropFirst(), within: 4 * bound)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 10, 33, 64])
  func randomMatrix(_ n: Int) throws {
    let matrix = SymmetricMatrix.random(n, seed: UInt64(n))
    let bound = LinalgTolerance.dense(order: n, norm: matrix.norm)
    let pairs = try DenseEigensolver().smallest(of: matrix)
    expectEigenpairs(pairs, of: matrix, residual: bound)
    let trace = (0..<n).reduce(0) { $0 + matrix[$1, $1] }
    #expect(abs(pairs.values.reduce(0, +) - trace) <= Double(n) * bound)
  }

  private static let halving = (0..<40).map { Double(sign: .plus, exponent: -$0, significand: 1) }
  private static let wide = (-20..<20).map { Double(sign: .minus, exponent: 10 * $0, significand: 1) }
  private static let constant = [Double](repeating: -3, count: 30)
  private static let clustered: [Double] = [1, 1, 1 + 1e-15, 1 + 1e-12, 2, 2, 2]

  @Test(arguments: [halving, wide, constant, clustered])
  func prescribedSpectrum(_ spectrum: [Double]) throws {
    let matrix = SymmetricMatrix(of: PrescribedOperator(spectrum))
    // Forming the matrix costs eight reflections, each one backward stable.
    let bound = 8 * LinalgTolerance.dense(order: spectrum.count, norm: spectrum.map(abs).max() ?? 0)
    let pairs = try DenseEigensolver().smallest(of: matrix)
    expectEigenpairs(pairs, of: matrix, residual: bound)
    expectValues(pairs.values, spectrum.sorted(), within: bound)
  }

  @Test(arguments: [-1020, -600, 600, 1000])
  func extremeScalesAreExact(_ exponent: Int) throws {
    let factor = Double(sign: .plus, exponent: exponent, significand: 1)
    let matrix = SymmetricMatrix.random(12, seed: 5)
    let scaled = SymmetricMatrix(dimension: 12) { i, j in factor * matrix[i, j].rounded(toMultipleOf: 0x1p-10) }
    let plain = SymmetricMatrix(dimension: 12) { i, j in matrix[i, j].rounded(toMultipleOf: 0x1p-10) }
    let values = try DenseEigensolver().smallest(of: plain).values
    let bound = LinalgTolerance.dense(order: 12, norm: plain.norm)
    // Powers of two round nothing; only values below the smallest normal number lose bits.
    let pairs = try DenseEigensolver().smallest(of: scaled)
    expectValues(ContiguousArray(pairs.values.map { $0 / factor }), values, within: bound)
    expectEigenpairs(pairs, of: scaled, residual: factor * bound)
  }

  @Test func zeroMatrixHasTheAxes() throws {
    let zero = SymmetricMatrix(dimension: 4) { _, _ in 0 }
    let pairs = try DenseEigensolver().smallest(of: zero, deflating: [[1, 1, 0, 0]])
    expectEigenpairs(pairs, of: zero, residual: 0, deflating: [[1, 1, 0, 0]])
    #expect(pairs.values == [0, 0, 0])
  }

  @Test func errors() throws {
    let nan = SymmetricMatrix(dimension: 2) { _, _ in .nan }
    #expect(throws: EigensolverError.nonFinite("a matrix element")) { try DenseEigensolver().smallest(of: nan) }
    let path = TestGraph.path(4).laplacian
    #expect(throws: EigensolverError.invalidArgument("4 eigenpairs of 3 available ones")) {
      try DenseEigensolver().smallest(4, of: path, deflating: [ones(4)])
    }
    #expect(throws: EigensolverError.invalidArgument("element [1, 0] is 2.0, element [0, 1] is 1.0")) {
      try SymmetricMatrix(dimension: 2, elements: [0, 1, 2, 0])
    }
    #expect(throws: EigensolverError.invalidArgument("3 elements for a matrix of order 2, expected 4")) {
      try SymmetricMatrix(dimension: 2, elements: [0, 1, 2])
    }
    var hurried = DenseEigensolver()
    hurried.stepLimit = 0
    #expect(throws: EigensolverError.notConverged(partial: .empty(dimension: 4), tolerance: .ulpOfOne)) {
      try hurried.smallest(of: path)
    }
  }
}

extension Double {
  fileprivate func rounded(toMultipleOf unit: Double) -> Double { (self / unit).rounded() * unit }
}
