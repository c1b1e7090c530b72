// SPDX-License-Identifier: Apache-2.0

/// xᵀy.
package func dot(_ x: Span<Double>, _ y: Span<Double>) -> Double {
  precondition(x.count == y.count, "dot: \(x.count) against \(y.count) elements")
  var sum = 0.0
  for i in 0..<x.count { sum += x[i] * y[i] }
  return sum
}

/// y ← y + alpha·x.
package func axpy(_ alpha: Double, _ x: Span<Double>, into y: inout MutableSpan<Double>) {
  precondition(x.count == y.count, "axpy: \(x.count) against \(y.count) elements")
  for i in 0..<x.count { y[i] += alpha * x[i] }
}
