// SPDX-License-Identifier: Apache-2.0

/// How far a result may lie from what is expected, and why.
///
/// The constructor names the reason; a test contains no other number that could pass for a tolerance.
package struct Tolerance: Sendable {
  /// Printed with a failure.
  package let reason: String
  /// The largest admissible error of the element at `index`, whose expected value is `expected`.
  package let bound: @Sendable (_ index: Int, _ expected: Double) -> Double
  /// The largest admissible ‖actual − expected‖ / ‖expected‖, where the whole is bounded too.
  package let relativeFrobenius: Double?

  private init(
    _ reason: String, relativeFrobenius: Double? = nil, bound: @escaping @Sendable (Int, Double) -> Double
  ) {
    self.reason = reason
    self.relativeFrobenius = relativeFrobenius
    self.bound = bound
  }

  /// Half the distance from 1 to the next number: the largest relative error of one rounding.
  package static let floatUnit = Double(Float.ulpOfOne) / 2
  package static let doubleUnit = Double.ulpOfOne / 2

  /// The same number.
  package static let exact = Tolerance("exact") { _, _ in 0 }

  /// `n` times the distance of neighboring Floats at the expected value.
  package static func ulps(_ n: Double) -> Tolerance {
    Tolerance("\(n) ulp") { _, expected in n * spacing(at: expected) }
  }

  /// The nearest Float; the slack covers the error of the expected value, which is computed in Double.
  package static let roundedOnce = Tolerance("rounded once to Float") { _, expected in
    (0.5 + 0x1p-20) * spacing(at: expected)
  }

  /// γ_K·magnitude, γ_K = Ku / (1 − Ku): the error of K roundings in a sum of terms whose magnitudes sum to `magnitude`,
  /// in any order, and likewise of the reference, which sums in Double.
  ///
  /// Source: N. Higham, Accuracy and Stability of Numerical Algorithms, second edition, §3.1.
  package static func reduction(
    length: Int, magnitude: [Double], unit: Double = floatUnit
  ) -> Tolerance {
    let factor = gamma(length, unit) + gamma(length, doubleUnit)
    return Tolerance("γ_\(length)·Σ|ab|") { index, _ in factor * magnitude[index] }
  }

  /// The reduction bound plus the error of elementary functions, in ulps of Float relative to the same magnitudes.
  package static func reduction(
    length: Int, magnitude: [Double], functionUlps: Double
  ) -> Tolerance {
    let factor = gamma(length, floatUnit) + functionUlps * 2 * floatUnit
    return Tolerance("γ_\(length)·Σ|ab| + \(functionUlps) ulp") { index, _ in factor * magnitude[index] }
  }

  /// What the fixture's generator measured and wrote beside the values.
  package static func golden(relativeFrobenius: Double, maximumAbsolute: Double) -> Tolerance {
    Tolerance("golden", relativeFrobenius: relativeFrobenius) { _, _ in maximumAbsolute }
  }

  /// At least the error of rounding a result into the subnormal range, or of flushing one step of it.
  package func orSubnormalSteps(_ count: Double) -> Tolerance {
    let bound = self.bound
    return Tolerance("\(reason) or \(count) subnormal steps", relativeFrobenius: relativeFrobenius) { index, expected in
      max(bound(index, expected), count * Double(Float.leastNonzeroMagnitude))
    }
  }

  package static func gamma(_ length: Int, _ unit: Double) -> Double {
    let product = Double(length) * unit
    return product / (1 - product)
  }

  /// Distance from a number to its neighbor in Float, subnormals and the top binade included.
  package static func spacing(at value: Double) -> Double {
    guard value.isFinite else { return 0 }
    let exponent = value == 0 ? -126 : min(max(Int(value.exponent), -126), 127)
    return Double(sign: .plus, exponent: exponent - 23, significand: 1)
  }
}
