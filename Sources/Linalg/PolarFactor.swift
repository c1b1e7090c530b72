// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The orthogonal factor Q = U·Wᵀ of a square matrix M = U·Σ·Wᵀ: the rotation or reflection closest to M.
///
/// One-sided Jacobi: pairs of columns of M are rotated until all are orthogonal. They are then σ·u, and the rotations
/// multiply to W.
///
/// - Shapes: `columns` [n, n], row j being column j of M; result [n, n] row-major. Where M is singular the factor is not
///   unique: directions without any length are left out, and Q is then no rotation.
/// - Returns: nil when an element is not finite or the sweeps do not converge.
/// - Numerics: singular vectors are accurate relative to their own σ, however small (Demmel & Veselić 1992).
/// - Source: Golub & Van Loan, "Matrix Computations", 4th ed., §8.6.3; Higham, "Computing the polar decomposition", 1986.
package func polarFactor(columns: ContiguousArray<Double>, order n: Int) -> ContiguousArray<Double>? {
  precondition(columns.count == n * n, "\(columns.count) elements for order \(n)")
  guard columns.allSatisfy(\.isFinite) else { return nil }
  let sweepLimit = 60
  // What rounding leaves of an inner product of orthogonal columns.
  let orthogonal = Double(max(4, n)) * Double.ulpOfOne
  var a = columns
  var w = ContiguousArray(repeating: 0.0, count: n * n)
  for i in 0..<n { w[i * n + i] = 1 }
  var isDone = false
  var sweeps = 0
  while !isDone {
    guard sweeps < sweepLimit else { return nil }
    sweeps += 1
    isDone = true
    for p in 0..<n {
      for q in stride(from: p + 1, to: n, by: 1) {
        let (alpha, beta, gamma) = products(a.span, p * n, q * n, n)
        // √α·√β: the product itself may leave the range.
        guard gamma.magnitude > orthogonal * alpha.squareRoot() * beta.squareRoot() else { continue }
        isDone = false
        let zeta = (beta - alpha) / (2 * gamma)
        let t = (zeta < 0 ? -1 : 1) / (zeta.magnitude + (1 + zeta * zeta).squareRoot())
        let cosine = 1 / (1 + t * t).squareRoot()
        rotate(&a, p * n, q * n, n, cosine, cosine * t)
        rotate(&w, p * n, q * n, n, cosine, cosine * t)
      }
    }
  }
  var factor = ContiguousArray(repeating: 0.0, count: n * n)
  for j in 0..<n {
    let length = norm(a.span.extracting(j * n..<(j + 1) * n))
    guard length > 0 else { continue }
    for i in 0..<n {
      var all = factor.mutableSpan
      axpy(a[j * n + i] / length, w.span.extracting(j * n..<(j + 1) * n), into: &all, at: i * n)
    }
  }
  return factor
}

/// ⟨x, x⟩, ⟨y, y⟩ and ⟨x, y⟩ of two rows.
private func products(_ rows: Span<Double>, _ x: Int, _ y: Int, _ count: Int) -> (Double, Double, Double) {
  let first = rows.extracting(x..<x + count)
  let second = rows.extracting(y..<y + count)
  return (squaredNorm(first), squaredNorm(second), dot(first, second))
}

/// (x, y) ← (c·x − s·y, s·x + c·y) of two rows.
private func rotate(
  _ rows: inout ContiguousArray<Double>, _ x: Int, _ y: Int, _ count: Int, _ cosine: Double, _ sine: Double
) {
  for i in 0..<count {
    let (first, second) = (rows[x + i], rows[y + i])
    rows[x + i] = cosine * first - sine * second
    rows[y + i] = sine * first + cosine * second
  }
}
