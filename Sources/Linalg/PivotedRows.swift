// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The first pivots of a QR factorization of Vᵀ with column pivoting: rows of V that span its row space well.
///
/// Each pivot is the row with the largest part outside the span of the rows before; the lowest index of equal ones. The
/// choice depends on the inner products of rows only, so it does not change when V is rotated from the right.
///
/// - Shapes: `rows` [n, width] row-major. Result: min(n, width) distinct indices, fewer where the rank is smaller.
/// - Numerics: modified Gram–Schmidt, each direction orthogonalized twice; pivots are those of Householder's method unless
///   two candidates agree up to rounding.
/// - Source: Businger & Golub, "Linear least squares solutions by Householder transformations", 1965.
package func pivotedRows(_ rows: ContiguousArray<Double>, width: Int) -> [Int] {
  precondition(width > 0 && rows.count % width == 0, "\(rows.count) elements in rows of \(width)")
  let n = rows.count / width
  var rest = rows
  var squares = (0..<n).map { squaredNorm(rows.span.extracting($0 * width..<($0 + 1) * width)) }
  let negligible = (squares.max() ?? 0) * 0x1p-100
  var basis = ContiguousArray<Double>()
  var pivots: [Int] = []
  while pivots.count < min(n, width) {
    var pivot = 0
    for i in 1..<max(1, n) where squares[i] > squares[pivot] { pivot = i }
    // Written so that NaN ends the search.
    guard squares[pivot] > negligible else { break }
    var direction = ContiguousArray(rest[pivot * width..<(pivot + 1) * width])
    var coefficients = ContiguousArray(repeating: 0.0, count: pivots.count)
    var x = direction.mutableSpan
    var c = coefficients.mutableSpan
    let length = orthogonalize(&x, against: basis.span, coefficients: &c)
    guard length > 0 else { break }
    scale(&x, by: 1 / length)
    pivots.append(pivot)
    basis.append(contentsOf: direction)
    for i in 0..<n {
      let row = i * width..<(i + 1) * width
      let projection = dot(direction.span, rest.span.extracting(row))
      var all = rest.mutableSpan
      axpy(-projection, direction.span, into: &all, at: row.lowerBound)
      squares[i] = squaredNorm(rest.span.extracting(row))
    }
    squares[pivot] = 0
  }
  return pivots
}
