// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Eigenpairs of a dense symmetric matrix: Householder tridiagonalization, then QL.
///
/// It needs no starting vector and finds repeated eigenvalues as surely as simple ones, which makes it the reference
/// for `LanczosEigensolver` and the better choice for a few dozen rows.
///
/// - Numerics: about 5n³ multiplications; |λ̂ − λ| and ‖Av − λv‖ are O(ε·n·‖A‖), ‖VVᵀ − I‖ is O(ε·n).
/// - Source: Golub & Van Loan, 4th ed., algorithm 8.3.3.
public struct DenseEigensolver: Sendable {
  /// QL steps allowed per eigenvalue.
  package var stepLimit = TridiagonalEigensolver.stepLimit

  public init() {}

  /// The smallest eigenpairs, all of them when `count` is nil.
  ///
  /// - Parameters:
  ///   - count: how many; nil: all that are left.
  ///   - matrix: A.
  ///   - known: eigenvectors of the matrix, not necessarily normalized, to leave out of the result; every
  ///     returned vector is orthogonal to them. Their eigenvalues are moved above the spectrum by A + 3‖A‖·UUᵀ.
  /// - Throws: `invalidArgument`, `nonFinite`, or `notConverged` without pairs when QL exceeds its step limit.
  public func smallest(
    _ count: Int? = nil, of matrix: SymmetricMatrix, deflating known: [ContiguousArray<Double>] = []
  ) throws(EigensolverError) -> EigenPairs {
    let n = matrix.dimension
    guard n > 0 else { throw .invalidArgument("a matrix of order \(n)") }
    let deflated = try orthonormalBasis(of: known, dimension: n)
    let available = n - deflated.count / n
    let wanted = count ?? available
    guard wanted >= 0, wanted <= available else {
      throw .invalidArgument("\(wanted) eigenpairs of \(available) available ones")
    }
    var largest = 0.0
    for element in matrix.elements {
      guard element.isFinite else { throw .nonFinite("a matrix element") }
      largest = max(largest, element.magnitude)
    }
    guard largest > 0, wanted > 0 else { return try nullSpace(wanted, deflated, dimension: n) }

    // Keeps every square in range.
    let unit = powerOfTwo(near: largest)
    let scaled = SymmetricMatrix(dimension: n) { i, j in matrix[i, j] / unit }
    var elements = scaled.elements
    shift(&elements, above: deflated, order: n)

    let reduction = HouseholderReduction(dimension: n, elements: elements)
    var tridiagonal = TridiagonalEigensolver(
      diagonal: reduction.diagonal, coupling: reduction.coupling, accumulating: .vectors)
    guard tridiagonal.solve(stepLimit: stepLimit) else {
      throw .notConverged(partial: .empty(dimension: n), tolerance: .ulpOfOne)
    }
    var vectors = ContiguousArray<Double>()
    vectors.reserveCapacity(wanted * n)
    for i in 0..<wanted {
      var vector = ContiguousArray(tridiagonal.rows[i * n..<(i + 1) * n])
      var span = vector.mutableSpan
      reduction.backTransform(&span)
      vectors.append(contentsOf: vector)
    }
    let pairs = EigenPairs(
      measuring: scaled, unit: unit, values: ContiguousArray(tridiagonal.diagonal[0..<wanted]), vectors: vectors)
    guard pairs.values.allSatisfy(\.isFinite) else { throw .nonFinite("an eigenvalue") }
    return pairs
  }

  /// All eigenvalues, ascending, without their vectors: about a fifth of the work.
  ///
  /// - Throws: `invalidArgument`, `nonFinite`, or `notConverged` without pairs when QL exceeds its step limit.
  public func eigenvalues(of matrix: SymmetricMatrix) throws(EigensolverError) -> ContiguousArray<Double> {
    let n = matrix.dimension
    guard n > 0 else { throw .invalidArgument("a matrix of order \(n)") }
    var largest = 0.0
    for element in matrix.elements {
      guard element.isFinite else { throw .nonFinite("a matrix element") }
      largest = max(largest, element.magnitude)
    }
    guard largest > 0 else { return ContiguousArray(repeating: 0, count: n) }
    let unit = powerOfTwo(near: largest)
    let reduction = HouseholderReduction(
      dimension: n, elements: ContiguousArray(matrix.elements.map { $0 / unit }))
    var tridiagonal = TridiagonalEigensolver(
      diagonal: reduction.diagonal, coupling: reduction.coupling, accumulating: .lastComponents)
    guard tridiagonal.solve(stepLimit: stepLimit) else {
      throw .notConverged(partial: .empty(dimension: n), tolerance: .ulpOfOne)
    }
    return ContiguousArray(tridiagonal.diagonal.map { $0 * unit })
  }

  /// Adds 3‖A‖∞·UUᵀ, the rows of U orthonormal.
  private func shift(_ elements: inout ContiguousArray<Double>, above deflated: ContiguousArray<Double>, order n: Int) {
    guard !deflated.isEmpty else { return }
    var bound = 0.0
    for i in 0..<n {
      var sum = 0.0
      for j in 0..<n { sum += elements[i * n + j].magnitude }
      bound = max(bound, sum)
    }
    for u in stride(from: 0, to: deflated.count, by: n) {
      for i in 0..<n {
        var all = elements.mutableSpan
        axpy(3 * bound * deflated[u + i], deflated.span.extracting(u..<u + n), into: &all, at: i * n)
      }
    }
  }

  /// Pairs of the zero matrix: any orthonormal completion of the deflated vectors.
  private func nullSpace(
    _ count: Int, _ deflated: ContiguousArray<Double>, dimension n: Int
  ) throws(EigensolverError) -> EigenPairs {
    var axes: [ContiguousArray<Double>] = []
    for i in stride(from: 0, to: deflated.count, by: n) { axes.append(ContiguousArray(deflated[i..<i + n])) }
    for i in 0..<n {
      var axis = ContiguousArray(repeating: 0.0, count: n)
      axis[i] = 1
      axes.append(axis)
    }
    let basis = try orthonormalBasis(of: axes, dimension: n)
    let zeros = ContiguousArray(repeating: 0.0, count: count)
    let first = deflated.count
    return EigenPairs(
      dimension: n, values: zeros, vectors: ContiguousArray(basis[first..<first + count * n]), residualNorms: zeros,
      applications: 0, restarts: 0)
  }
}
