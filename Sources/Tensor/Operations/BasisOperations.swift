// SPDX-License-Identifier: Apache-2.0
import Kernels

/// c ← B·x: the inner product of every basis vector with x.
///
/// - Shapes: `basis` [m, n] row-major, one vector per row; `x` [n]; `coefficients` [≥ m], of which the first m are set.
/// - Numerics: as `dot`, whatever m.
package func multiplyTransposed(
  basis: Span<Double>, vector x: Span<Double>, into coefficients: inout MutableSpan<Double>
) {
  multiplyTransposed(basis: basis, vector: x, into: &coefficients, using: KernelTable.current.set)
}

package func multiplyTransposed(
  basis: Span<Double>, vector x: Span<Double>, into coefficients: inout MutableSpan<Double>, using kernels: KernelTable
) {
  multiplyTransposed(basis: basis, vector: x, into: &coefficients, using: kernels.set)
}

private func multiplyTransposed(
  basis: Span<Double>, vector x: Span<Double>, into coefficients: inout MutableSpan<Double>,
  using set: any KernelSet.Type
) {
  let n = x.count
  let m = n > 0 ? basis.count / n : 0
  precondition(basis.count == m * n && m <= coefficients.count, "basis: \(basis.count) elements, vectors of \(n)")
  basis.withUnsafeBufferPointer { basis in
    x.withUnsafeBufferPointer { x in
      coefficients.withUnsafeMutableBufferPointer { coefficients in
        guard m > 0 else { return }
        set.basisProducts(basis.baseAddress!, rows: m, length: n, x.baseAddress!, coefficients.baseAddress!)
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
    basis: basis, coefficients: coefficients, from: &x, using: KernelTable.current.set)
}

package func subtractCombination(
  basis: Span<Double>, coefficients: Span<Double>, from x: inout MutableSpan<Double>, using kernels: KernelTable
) {
  subtractCombination(basis: basis, coefficients: coefficients, from: &x, using: kernels.set)
}

private func subtractCombination(
  basis: Span<Double>, coefficients: Span<Double>, from x: inout MutableSpan<Double>,
  using set: any KernelSet.Type
) {
  let n = x.count
  let m = n > 0 ? basis.count / n : 0
  precondition(basis.count == m * n && m <= coefficients.count, "basis: \(basis.count) elements, vectors of \(n)")
  basis.withUnsafeBufferPointer { basis in
    coefficients.withUnsafeBufferPointer { coefficients in
      x.withUnsafeMutableBufferPointer { x in
        guard m > 0 else { return }
        set.subtractCombination(
          basis.baseAddress!, rows: m, length: n, coefficients.baseAddress!, x.baseAddress!)
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
