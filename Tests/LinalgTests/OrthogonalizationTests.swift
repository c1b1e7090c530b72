// SPDX-License-Identifier: Apache-2.0
import Linalg
import Testing

@Suite struct OrthogonalizationTests {
  /// What is left of a vector close to the span is orthogonal to it relative to its own, small norm.
  @Test(arguments: [1, 1e-4, 1e-8, 1e-12])
  func remainderIsOrthogonalAtItsOwnScale(_ distance: Double) {
    let n = 200
    let rotation = PrescribedOperator([Double](repeating: 1, count: n))
    let rows = (0..<20).map { rotation.vector($0) }
    let basis = ContiguousArray(rows.joined())
    var x = ContiguousArray(repeating: 0.0, count: n)
    for (i, row) in rows.enumerated() { for k in 0..<n { x[k] += Double(i + 1) * row[k] } }
    for (k, value) in rotation.vector(30).enumerated() { x[k] += distance * value }
    let (remainder, length) = projected(x, basis, count: rows.count)
    // The distance itself was rounded at the scale of x, whose norm is below 60.
    #expect(abs(length - distance) <= 60 * LinalgTolerance.orthonormality(order: n))
    for row in rows {
      #expect(abs(product(row, remainder)) <= LinalgTolerance.orthonormality(order: n) * length)
    }
  }

  @Test func vectorOfTheSpanLeavesNothing() {
    let (_, length) = projected([3, -4, 0], [1, 0, 0, 0, 1, 0], count: 2)
    #expect(length == 0)
    let (untouched, norm) = projected([3, -4, 0], [], count: 0)
    #expect(untouched == [3, -4, 0] && norm == 5)
  }

  private func projected(
    _ vector: ContiguousArray<Double>, _ basis: ContiguousArray<Double>, count: Int
  ) -> (ContiguousArray<Double>, Double) {
    var x = vector
    var coefficients = ContiguousArray(repeating: 0.0, count: count)
    let length = run(&x, basis, &coefficients)
    return (x, length)
  }

  private func run(
    _ x: inout ContiguousArray<Double>, _ basis: ContiguousArray<Double>, _ coefficients: inout ContiguousArray<Double>
  ) -> Double {
    var y = x.mutableSpan
    var c = coefficients.mutableSpan
    return orthogonalize(&y, against: basis.span, coefficients: &c)
  }
}
