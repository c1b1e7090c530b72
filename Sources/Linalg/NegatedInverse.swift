// SPDX-License-Identifier: Apache-2.0
import Tensor

/// −(A + σI)⁻¹ of a symmetric matrix whose spectrum starts at 0: its smallest eigenvalues belong to A's smallest, and are
/// as far apart as those are close (shift-invert, Parlett §4.2).
package struct NegatedInverse: SymmetricOperator, Sendable {
  private let factor: BandedCholesky

  /// Nil when A + σI is not positive definite.
  ///
  /// - Numerics: n³/3 multiplications, 8n² bytes.
  package init?(of matrix: SymmetricMatrix, shift: Double) {
    let n = matrix.dimension
    guard n > 0 else { return nil }
    // Row i of a band of width n − 1 holds elements (i, i − n + 1) ... (i, i).
    var band = ContiguousArray(repeating: 0.0, count: n * n)
    for i in 0..<n {
      for j in 0...i { band[i * n + n - 1 - i + j] = matrix.elements[i * n + j] + (i == j ? shift : 0) }
    }
    guard let factor = BandedCholesky(dimension: n, bandwidth: n - 1, band: band) else { return nil }
    self.factor = factor
  }

  package var dimension: Int { factor.dimension }

  package func apply(_ x: Span<Double>, into y: inout MutableSpan<Double>) {
    var solution = ContiguousArray((0..<x.count).map { -x[$0] })
    factor.solve(&solution)
    for i in 0..<solution.count { y[i] = solution[i] }
  }
}
