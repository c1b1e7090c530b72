// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Eigenvalues of a symmetric operator with their eigenvectors and the work they took.
///
/// - Shapes: `values` [count] ascending; `vectors` [count, dimension] row-major, row i the unit eigenvector of
///   `values[i]`, determined up to its sign and, for a repeated eigenvalue, up to a rotation of the eigenspace.
public struct EigenPairs: Sendable, Equatable {
  public let dimension: Int
  public let values: ContiguousArray<Double>
  public let vectors: ContiguousArray<Double>

  /// ‖Av − λv‖₂ of every pair as the solver's own recurrence gives it. The true value differs by a small multiple of
  /// ε·‖A‖; `residuals(of:)` computes it at the price of one application per pair.
  public let residualNorms: ContiguousArray<Double>

  /// Operator applications spent, those of pairs that were not kept included.
  public let applications: Int
  public let restarts: Int

  public var count: Int { values.count }

  /// The unit eigenvector of `values[index]`.
  public func vector(_ index: Int) -> ContiguousArray<Double> {
    ContiguousArray(vectors[index * dimension..<(index + 1) * dimension])
  }

  /// ‖Av − λv‖₂ of every pair, computed afresh.
  public func residuals(of matrix: some SymmetricOperator) -> ContiguousArray<Double> {
    Linalg.residuals(of: matrix, values: values, vectors: vectors)
  }
}

private func residuals(
  of matrix: some SymmetricOperator, values: ContiguousArray<Double>, vectors: ContiguousArray<Double>
) -> ContiguousArray<Double> {
  let n = matrix.dimension
  var product = ContiguousArray(repeating: 0.0, count: n)
  var norms = ContiguousArray<Double>()
  for i in values.indices {
    let v = vectors.span.extracting(i * n..<(i + 1) * n)
    var y = product.mutableSpan
    matrix.apply(v, into: &y)
    axpy(-values[i], v, into: &y)
    norms.append(norm(y.span))
  }
  return norms
}

extension EigenPairs {
  /// No pairs: what an error carries when nothing had converged.
  package static func empty(dimension: Int, applications: Int = 0, restarts: Int = 0) -> EigenPairs {
    EigenPairs(
      dimension: dimension, values: [], vectors: [], residualNorms: [], applications: applications, restarts: restarts)
  }

  /// Pairs of `unit` times a matrix at hand, given those of the matrix; residuals are computed.
  init(
    measuring matrix: SymmetricMatrix, unit: Double, values: ContiguousArray<Double>, vectors: ContiguousArray<Double>
  ) {
    let residuals = Linalg.residuals(of: matrix, values: values, vectors: vectors)
    self.init(
      dimension: matrix.dimension, values: ContiguousArray(values.map { $0 * unit }), vectors: vectors,
      residualNorms: ContiguousArray(residuals.map { $0 * unit }), applications: 0, restarts: 0)
  }
}
