// SPDX-License-Identifier: Apache-2.0

/// c ← B·x: the inner product of every basis vector with x.
///
/// - Shapes: `basis` [m, n] row-major, one vector per row; `x` [n]; `coefficients` [≥ m], of which the first m are set.
package func multiplyTransposed(
  basis: Span<Double>, vector x: Span<Double>, into coefficients: inout MutableSpan<Double>
) {
  let n = x.count
  let m = n > 0 ? basis.count / n : 0
  precondition(basis.count == m * n && m <= coefficients.count, "basis: \(basis.count) elements, vectors of \(n)")
  for i in 0..<m {
    coefficients[i] = dot(basis.extracting(i * n..<(i + 1) * n), x)
  }
}

/// x ← x − Bᵀ·c.
///
/// - Shapes: `basis` [m, n] row-major, one vector per row; `coefficients` [≥ m], of which the first m are used; `x` [n].
package func subtractCombination(
  basis: Span<Double>, coefficients: Span<Double>, from x: inout MutableSpan<Double>
) {
  let n = x.count
  let m = n > 0 ? basis.count / n : 0
  precondition(basis.count == m * n && m <= coefficients.count, "basis: \(basis.count) elements, vectors of \(n)")
  for i in 0..<m {
    axpy(-coefficients[i], basis.extracting(i * n..<(i + 1) * n), into: &x)
  }
}

/// x ← alpha·x.
package func scale(_ x: inout MutableSpan<Double>, by alpha: Double) {
  for i in 0..<x.count { x[i] *= alpha }
}

/// y[offset..<offset + n] ← y[offset..<offset + n] + alpha·x.
///
/// - Shapes: `x` [n], `y` [≥ offset + n].
package func axpy(
  _ alpha: Double, _ x: Span<Double>, into y: inout MutableSpan<Double>, at offset: Int,
  using kernels: KernelTable = .current
) {
  precondition(offset >= 0 && offset + x.count <= y.count, "axpy: \(x.count) elements at \(offset) of \(y.count)")
  x.withUnsafeBufferPointer { x in
    y.withUnsafeMutableBufferPointer { y in
      guard let source = x.baseAddress, let target = y.baseAddress else { return }
      kernels.axpy(alpha, source, target + offset, x.count)
    }
  }
}

/// Plane rotation of two adjacent rows x = `row`, y = `row` + 1: (x, y) ← (c·x − s·y, s·x + c·y).
///
/// - Shapes: `matrix` [≥ row + 2, width] row-major.
package func rotate(
  _ matrix: inout MutableSpan<Double>, width: Int, row: Int, cosine c: Double, sine s: Double
) {
  let first = row * width
  let second = first + width
  precondition(first >= 0 && second + width <= matrix.count, "rotate: row \(row) of \(matrix.count) / \(width)")
  for i in 0..<width {
    let x = matrix[first + i]
    let y = matrix[second + i]
    matrix[first + i] = c * x - s * y
    matrix[second + i] = s * x + c * y
  }
}
