// SPDX-License-Identifier: Apache-2.0

/// Every kernel once more, naive, in Double: what the fast ones are compared with in tests, benchmarks and `verify`.
///
/// Nothing here is fast. Arrays are row-major; a result is rounded only where the operation's definition rounds.
package enum Reference {
  /// A matrix over a stretch of an array, any strides.
  package struct Matrix: Sendable {
    package var elements: [Double]
    package let rows: Int
    package let columns: Int
    package let offset: Int
    package let rowStride: Int
    package let columnStride: Int

    package init(
      _ elements: [Double], rows: Int, columns: Int, offset: Int = 0, rowStride: Int? = nil, columnStride: Int = 1
    ) {
      self.elements = elements
      self.rows = rows
      self.columns = columns
      self.offset = offset
      self.rowStride = rowStride ?? columns
      self.columnStride = columnStride
    }

    package subscript(row: Int, column: Int) -> Double {
      elements[offset + row * rowStride + column * columnStride]
    }

    package var transposed: Matrix {
      Matrix(
        elements, rows: columns, columns: rows, offset: offset, rowStride: columnStride, columnStride: rowStride)
    }

    /// |a| of every element.
    package var magnitudes: Matrix {
      var result = self
      result.elements = elements.map(abs)
      return result
    }
  }
}
