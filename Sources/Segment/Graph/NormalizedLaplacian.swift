// SPDX-License-Identifier: Apache-2.0
import Linalg
import Tensor

/// D^-½ (D − W) D^-½ = I − D^-½ W D^-½ of a graph, with d_i = Σ_j W_ij.
///
/// Its eigenvalues lie in [0, 2]. D^½·1 belongs to eigenvalue 0; the next one tells how well the graph falls apart.
/// - Source: Shi & Malik, "Normalized Cuts and Image Segmentation", PAMI 2000, §2.1.
struct NormalizedLaplacian: SymmetricOperator {
  let weights: SymmetricTensor
  let degree: ContiguousArray<Double>
  /// d_i^-½; 0 for a node without any edge, itself included, as a zero feature vector may be. It then lies at y = 0.
  private let inverseRoot: ContiguousArray<Double>
  private let kernels: KernelTable
  private let team: ParallelTeam?

  /// - Parameter team: the threads of its products.
  init(weights: SymmetricTensor, kernels: KernelTable = .current, team: ParallelTeam? = nil) {
    let n = weights.dimension
    self.weights = weights
    self.kernels = kernels
    self.team = team
    let ones = ContiguousArray(repeating: 1.0, count: n)
    var degree = ContiguousArray(repeating: 0.0, count: n)
    var output = degree.mutableSpan
    weights.multiply(ones.span, into: &output, by: team, using: kernels)
    self.degree = degree
    inverseRoot = ContiguousArray(degree.map { $0 > 0 ? 1 / $0.squareRoot() : 0 })
  }

  var dimension: Int { degree.count }

  func apply(_ x: Span<Double>, into y: inout MutableSpan<Double>) {
    let n = dimension
    var scaled = ContiguousArray(repeating: 0.0, count: n)
    for i in 0..<n { scaled[i] = x[i] * inverseRoot[i] }
    weights.multiply(scaled.span, into: &y, by: team, using: kernels)
    for i in 0..<n { y[i] = x[i] - inverseRoot[i] * y[i] }
  }

  /// Order up to which the whole matrix is decomposed: cheaper there than the iteration's overhead.
  private static let denseDimension = 24

  /// The second-smallest solution of (D − W) y = λ D y.
  ///
  /// - Numerics: the known solution y = 1 is deflated, so of several solutions with λ = 0 (a graph in pieces) the one
  ///   found separates pieces. Sign: the first entry within 1e-9 of the largest magnitude is positive. Reference
  ///   behavior: the largest entry is positive; the margin keeps rounding from choosing between equal ones.
  ///
  /// Where many eigenvalues crowd at 0 (a large α leaves a graph nearly in pieces) Lanczos would take thousands of
  /// products, and QL on a strongly graded matrix may not end; the inverse spreads them apart and takes a few.
  /// - Throws: `EigensolverError` for entries that are not finite, and for a graph of more than 8192 nodes as above.
  func fiedlerVector() throws -> (eigenvalue: Double, vector: ContiguousArray<Double>) {
    let pairs = try smallestPairs(1)
    return (pairs.values[0], signed(generalized(pairs.vector(0))))
  }

  /// The solution y = D^-½ x of (D − W) y = λ D y that belongs to an eigenvector x.
  private func generalized(_ x: ContiguousArray<Double>) -> ContiguousArray<Double> {
    var y = x
    for i in 0..<dimension { y[i] *= inverseRoot[i] }
    return y
  }

  /// With the sign that `fiedlerVector` documents.
  private func signed(_ vector: ContiguousArray<Double>) -> ContiguousArray<Double> {
    let peak = vector.reduce(0) { max($0, abs($1)) }
    guard let leader = vector.firstIndex(where: { abs($0) >= (1 - 1e-9) * peak }), vector[leader] < 0 else {
      return vector
    }
    return ContiguousArray(vector.map { -$0 })
  }

  /// The solutions of (D − W) y = λ D y after the trivial one, λ ascending; signs as `fiedlerVector` has them.
  ///
  /// - Precondition: 0 ≤ `count` < n.
  /// - Throws: `EigensolverError` as `fiedlerVector` does.
  func leadingVectors(_ count: Int) throws -> [(eigenvalue: Double, vector: ContiguousArray<Double>)] {
    guard count > 0 else { return [] }
    let pairs = try smallestPairs(count)
    return (0..<count).map { (pairs.values[$0], signed(generalized(pairs.vector($0)))) }
  }

  /// Every eigenvalue, ascending, the trivial one included.
  ///
  /// - Throws: `EigensolverError` when QL does not converge.
  func eigenvalues() throws(EigensolverError) -> ContiguousArray<Double> {
    try DenseEigensolver().eigenvalues(of: matrix())
  }

  /// Products after which the inverse is factored; graphs of photographs take 20 to 200.
  private static let patience = 1500
  /// Order up to which a factor is affordable: 8n² bytes.
  private static let factoredDimension = 8192
  /// Added to the spectrum to make the matrix definite: above the rounding of its zero, below any eigenvalue of interest.
  private static let shift = 1e-12

  /// The smallest pairs on the complement of the trivial one, D^½·1.
  private func smallestPairs(
    _ count: Int
  ) throws(EigensolverError) -> (values: ContiguousArray<Double>, vector: (Int) -> ContiguousArray<Double>) {
    let trivial = ContiguousArray(degree.map { $0.squareRoot() })
    do {
      let pairs =
        if dimension <= Self.denseDimension {
          try DenseEigensolver().smallest(count, of: matrix(), deflating: [trivial])
        } else {
          try LanczosEigensolver(maximumApplications: Self.patience * count)
            .smallest(count, of: self, deflating: [trivial])
        }
      return (pairs.values, pairs.vector)
    } catch {
      guard case .notConverged = error, dimension <= Self.factoredDimension,
        let inverse = NegatedInverse(of: matrix(), shift: Self.shift)
      else { throw error }
      let pairs = try LanczosEigensolver().smallest(count, of: inverse, deflating: [trivial])
      return (ContiguousArray(pairs.values.map { max(0, -1 / $0 - Self.shift) }), pairs.vector)
    }
  }

  /// The matrix itself.
  private func matrix() -> SymmetricMatrix {
    SymmetricMatrix(dimension: dimension) { i, j in
      (i == j ? 1 : 0) - inverseRoot[i] * Double(weights[i, j]) * inverseRoot[j]
    }
  }
}
