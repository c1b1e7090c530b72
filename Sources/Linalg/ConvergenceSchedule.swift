// SPDX-License-Identifier: Apache-2.0

/// Decides after which Lanczos steps the projected matrix is worth diagonalizing.
///
/// Residuals shrink about geometrically, so two measurements predict the step at which the target is met. The next
/// measurement is taken well before it: a superfluous one costs less than a superfluous operator application.
struct ConvergenceSchedule {
  /// Steps without any measurement, at the start and at most between two of them.
  private static let maximumInterval = 8
  /// Part of the predicted distance that is trusted: convergence accelerates toward the end.
  private static let safetyFactor = 0.6

  private var next: Int
  private var last: (step: Int, excess: Double)?

  init(from step: Int) { next = step + Self.maximumInterval }

  func isDue(_ step: Int) -> Bool { step >= next }

  mutating func record(worst: Double, target: Double, at step: Int) {
    let excess = Self.binaryLogarithm(worst / target)
    var interval = Double(Self.maximumInterval)
    if let last, last.excess > excess, excess.isFinite {
      interval = min(interval, Self.safetyFactor * excess * Double(step - last.step) / (last.excess - excess))
    }
    last = (step, excess)
    next = step + max(1, Int(interval))
  }

  /// log₂ x for positive x, linear between powers of two: good enough for a prediction.
  private static func binaryLogarithm(_ x: Double) -> Double {
    guard x.isFinite, x > 0 else { return x > 0 ? .infinity : 0 }
    return Double(x.exponent) + x.significand - 1
  }
}
