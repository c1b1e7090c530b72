// SPDX-License-Identifier: Apache-2.0
import Tensor

/// ‖x‖₂, for elements of any size; NaN or infinite when an element is.
func norm(_ x: Span<Double>) -> Double {
  let square = squaredNorm(x)
  // Within these bounds neither overflow nor the bits that small elements lose to underflow matter.
  if (square > 0x1p-900 && square < 0x1p1000) || square.isNaN { return square.squareRoot() }
  var largest = 0.0
  for i in x.indices { largest = max(largest, x[i].magnitude) }
  guard largest > 0, largest.isFinite else { return largest }
  let unit = powerOfTwo(near: largest)
  var sum = 0.0
  for i in x.indices {
    let ratio = x[i] / unit
    sum += ratio * ratio
  }
  return unit * sum.squareRoot()
}

func squaredNorm(_ x: Span<Double>) -> Double { dot(x, x) }

/// A power of two by which numbers up to `magnitude` are divided without rounding and come close to 1.
///
/// - Precondition: `magnitude` is positive and finite.
func powerOfTwo(near magnitude: Double) -> Double {
  // Reciprocals of these exponents are normal numbers too.
  Double(sign: .plus, exponent: min(max(magnitude.exponent, -1000), 1000), significand: 1)
}
