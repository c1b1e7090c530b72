// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Removes from x its components along orthonormal rows, to working accuracy.
///
/// One Gram–Schmidt pass leaves an error of ε·‖x‖, harmless unless most of x was removed; then the pass is repeated.
///
/// - Shapes: `basis` [m, n] row-major; `coefficients` [m] scratch; `x` [n].
/// - Returns: ‖x‖ afterwards, 0 when x lies in the span as far as can be told.
/// - Source: "twice is enough", Kahan in Parlett §6.9; criterion of Daniel, Gragg, Kaufman & Stewart 1976.
package func orthogonalize(
  _ x: inout MutableSpan<Double>, against basis: Span<Double>, coefficients: inout MutableSpan<Double>
) -> Double {
  // A third pass only happens when x is a rounding error of what it was.
  let passLimit = 4
  let cancellationThreshold = 0.5.squareRoot()
  var before = norm(x.span)
  if coefficients.isEmpty { return before }
  for _ in 0..<passLimit {
    multiplyTransposed(basis: basis, vector: x.span, into: &coefficients)
    subtractCombination(basis: basis, coefficients: coefficients.span, from: &x)
    let after = norm(x.span)
    // Written so that a NaN ends the loop and reaches the caller.
    if !(after < cancellationThreshold * before) { return after }
    before = after
  }
  return 0
}

/// An orthonormal basis of the span of some vectors; those that depend on their predecessors add nothing to it.
///
/// - Returns: [rank, n] row-major.
/// - Throws: `invalidArgument` for a vector of another length, of zeros, or with elements that are not finite.
func orthonormalBasis(
  of vectors: [ContiguousArray<Double>], dimension n: Int
) throws(EigensolverError) -> ContiguousArray<Double> {
  var basis = ContiguousArray<Double>()
  basis.reserveCapacity(vectors.count * n)
  for (index, vector) in vectors.enumerated() {
    guard vector.count == n else {
      throw .invalidArgument("deflated vector \(index) has \(vector.count) elements, the operator dimension \(n)")
    }
    var largest = 0.0
    for element in vector {
      guard element.isFinite else { throw .invalidArgument("deflated vector \(index) has an element \(element)") }
      largest = max(largest, element.magnitude)
    }
    guard largest > 0 else { throw .invalidArgument("deflated vector \(index) is zero") }
    var scaled = ContiguousArray(vector.map { $0 / largest })
    var coefficients = ContiguousArray(repeating: 0.0, count: basis.count / n)
    var x = scaled.mutableSpan
    var c = coefficients.mutableSpan
    let before = norm(x.span)
    let after = orthogonalize(&x, against: basis.span, coefficients: &c)
    // What rounding leaves of a dependent vector.
    guard after > 16 * Double.ulpOfOne * Double(n).squareRoot() * before else { continue }
    scale(&x, by: 1 / after)
    basis.append(contentsOf: scaled)
  }
  return basis
}
