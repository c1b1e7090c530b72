// SPDX-License-Identifier: Apache-2.0

/// c ← B·x: the inner product of every basis vector with x.
///
/// - Shapes: `basis` [m, n] row-major, one vector per row; `x` [n]; `coefficients` [≥ m], of which the first m are set.
/// - Numerics: as `dot`, whatever m.
package func multiplyTransposed(
  basis: Span<Double>, vector x: Span<Double>, into coefficients: inout MutableSpan<Double>
) {
  multiplyTransposed(basis: basis, vector: x, into: &coefficients, kernel: KernelTable.current.basisProducts)
}

package func multiplyTransposed(
  basis: Span<Double>, vector x: Span<Double>, into coefficients: inout MutableSpan<Double>, using kernels: KernelTable
) {
  multiplyTransposed(basis: basis, vector: x, into: &coefficients, kernel: kernels.basisProducts)
}

private func multiplyTransposed(
  basis: Span<Double>, vector x: Span<Double>, into coefficients: inout MutableSpan<Double>,
  kernel: KernelTable.BasisProducts
) {
  let n = x.count
  let m = n > 0 ? basis.count / n : 0
  precondition(basis.count == m * n && m <= coefficients.count, "basis: \(basis.count) elements, vectors of \(n)")
  basis.withUnsafeBufferPointer { basis in
    x.withUnsafeBufferPointer { x in
      coefficients.withUnsafeMutableBufferPointer { coefficients in
        guard m > 0 else { return }
        kernel(basis.baseAddress!, m, n, x.baseAddress!, coefficients.baseAddress!)
      }
    }
  }
}

/// x ← x − Bᵀ·c.
///
/// - Shapes: `basis` [m, n] row-major, one vector per row; `coefficients` [≥ m], of which the first m are used; `x` [n].
package func subtractCombination(
  basis: Span<Double>, coefficients: Span<Double>, from x: inout MutableSpan<Double>
) {
  subtractCombination(
    basis: basis, coefficients: coefficients, from: &x, kernel: KernelTable.current.subtractCombination)
}

package func subtractCombination(
  basis: Span<Double>, coefficients: Span<Double>, from x: inout MutableSpan<Double>, using kernels: KernelTable
) {
  subtractCombination(basis: basis, coefficients: coefficients, from: &x, kernel: kernels.subtractCombination)
}

private func subtractCombination(
  basis: Span<Double>, coefficients: Span<Double>, from x: inout MutableSpan<Double>,
  kernel: KernelTable.BasisProducts
) {
  let n = x.count
  let m = n > 0 ? basis.count / n : 0
  precondition(basis.count == m * n && m <= coefficients.count, "basis: \(basis.count) elements, vectors of \(n)")
  basis.withUnsafeBufferPointer { basis in
    coefficients.withUnsafeBufferPointer { coefficients in
      x.withUnsafeMutableBufferPointer { x in
        guard m > 0 else { return }
        kernel(basis.baseAddress!, m, n, coefficients.baseAddress!, x.baseAddress!)
      }
    }
  }
}

/// x ← alpha·x.
package func scale(_ x: inout MutableSpan<Double>, by alpha: Double) {
  for i in 0..<x.count { x[i] *= alpha }
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
