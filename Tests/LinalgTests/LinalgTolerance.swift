// SPDX-License-Identifier: Apache-2.0

/// Every bound of these tests, with its reason. ε is the distance from 1 to the next Double, `norm` is ‖A‖₂ or more.
enum LinalgTolerance {
  private static let epsilon = Double.ulpOfOne

  /// Householder + QL is normwise backward stable: p(n)·ε·‖A‖ with p of low degree, in practice below n (LAPACK
  /// Users' Guide §4.7). 16 covers the constant at n = 1.
  static func dense(order n: Int, norm: Double) -> Double { Double(16 + n) * epsilon * norm }

  /// |⟨vᵢ, vⱼ⟩ − δᵢⱼ|: products of n orthogonal transformations.
  static func orthonormality(order n: Int) -> Double { Double(16 + n) * epsilon }

  /// The accepted residual, plus rounding in the recurrence. With several pairs, one found on the complement of up to
  /// 2·count − 1 others inherits their residuals.
  static func residual(_ tolerance: Double, order n: Int, norm: Double, count: Int = 1) -> Double {
    tolerance * norm * (count > 1 ? Double(2 * count).squareRoot() : 1) + dense(order: n, norm: norm)
  }

  /// |λ̂ − λ| ≤ ‖Av̂ − λ̂v̂‖ (Parlett §4.5).
  static func value(_ tolerance: Double, order n: Int, norm: Double, count: Int = 1) -> Double {
    residual(tolerance, order: n, norm: norm, count: count)
  }

  /// sin∠(v̂, eigenspace) ≤ residual / gap (Davis & Kahan, Parlett §11.7). The gap is measured from the exact eigenvalue
  /// and may shrink by the residual.
  static func angle(_ tolerance: Double, order n: Int, norm: Double, gap: Double) -> Double {
    let residual = residual(tolerance, order: n, norm: norm)
    return residual / (gap - residual) + orthonormality(order: n)
  }
}
