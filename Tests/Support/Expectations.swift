// SPDX-License-Identifier: Apache-2.0
import Tensor
import Testing

/// Compares element by element: `error <= bound`, so that a NaN on one side only fails; NaN against NaN passes.
///
/// A failure is one issue that names the worst element, both values and error ÷ bound.
package func expectEqual(
  _ actual: [Double], _ expected: [Double], within tolerance: Tolerance, _ label: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record("\(label): \(actual.count) elements, expected \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  var worst: (index: Int, error: Double, bound: Double, ratio: Double)?
  var failures = 0
  var (squares, reference) = (0.0, 0.0)
  for index in actual.indices {
    let (a, e) = (actual[index], expected[index])
    if a == e || (a.isNaN && e.isNaN) {
      reference += e.isFinite ? e * e : 0
      continue
    }
    let error = abs(a - e)
    let bound = tolerance.bound(index, e)
    squares += error * error
    reference += e * e
    if error <= bound { continue }
    failures += 1
    let ratio = error.isFinite && bound > 0 ? error / bound : .infinity
    if ratio >= worst?.ratio ?? 0 { worst = (index, error, bound, ratio) }
  }
  if let worst {
    Issue.record(
      """
      \(label): \(failures) of \(actual.count) elements beyond \(tolerance.reason); worst at \(worst.index): \
      \(actual[worst.index]), expected \(expected[worst.index]), error \(worst.error), \
      error/bound \(worst.ratio)
      """, sourceLocation: sourceLocation)
  }
  if let limit = tolerance.relativeFrobenius, !(squares.squareRoot() <= limit * reference.squareRoot()) {
    let error = (squares / reference).squareRoot()
    Issue.record("\(label): relative Frobenius error \(error), bound \(limit)", sourceLocation: sourceLocation)
  }
}

package func expectEqual(
  _ actual: [Float], _ expected: [Double], within tolerance: Tolerance, _ label: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectEqual(actual.map(Double.init), expected, within: tolerance, label, sourceLocation: sourceLocation)
}

/// The shape first, then the elements.
package func expectEqual(
  _ actual: Tensor, _ shape: Tensor.Shape, _ expected: [Double], within tolerance: Tolerance, _ label: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.shape == shape else {
    Issue.record("\(label): shape \(actual.shape), expected \(shape)", sourceLocation: sourceLocation)
    return
  }
  expectEqual(actual.values, expected, within: tolerance, label, sourceLocation: sourceLocation)
}

/// The same bits in every element: signs of zero and NaN payloads count.
package func expectIdentical(
  _ actual: [Float], _ expected: [Float], _ label: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  expectIdentical(
    actual.map { UInt64($0.bitPattern) }, expected.map { UInt64($0.bitPattern) }, label, sourceLocation)
}

package func expectIdentical(
  _ actual: [Double], _ expected: [Double], _ label: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  expectIdentical(actual.map(\.bitPattern), expected.map(\.bitPattern), label, sourceLocation)
}

private func expectIdentical(
  _ actual: [UInt64], _ expected: [UInt64], _ label: String, _ sourceLocation: SourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record("\(label): \(actual.count) elements, expected \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  guard let index = actual.indices.first(where: { actual[$0] != expected[$0] }) else { return }
  let (found, wanted) = (String(actual[index], radix: 16), String(expected[index], radix: 16))
  Issue.record("\(label): bits \(found), expected \(wanted) at \(index)", sourceLocation: sourceLocation)
}
