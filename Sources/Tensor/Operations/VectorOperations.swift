// SPDX-License-Identifier: Apache-2.0

// Double-precision vectors of the eigensolver and the graph.

/// xᵀy.
///
/// - Numerics: partial sums per vector lane, combined in a fixed order; error ≤ γ_n Σ|x||y|.
package func dot(_ x: Span<Double>, _ y: Span<Double>, using kernels: KernelTable = .current) -> Double {
  precondition(x.count == y.count, "dot: \(x.count) against \(y.count) elements")
  return x.withUnsafeBufferPointer { x in
    y.withUnsafeBufferPointer { y in
      guard let x = x.baseAddress, let first = y.baseAddress else { return 0 }
      return kernels.dot(x, first, y.count)
    }
  }
}

/// y ← y + alpha·x.
package func axpy(
  _ alpha: Double, _ x: Span<Double>, into y: inout MutableSpan<Double>, using kernels: KernelTable = .current
) {
  precondition(x.count == y.count, "axpy: \(x.count) against \(y.count) elements")
  x.withUnsafeBufferPointer { x in
    y.withUnsafeMutableBufferPointer { y in
      guard let x = x.baseAddress, let first = y.baseAddress else { return }
      kernels.axpy(alpha, x, first, y.count)
    }
  }
}

extension Tensor {
  /// Rows below which a product is not worth waking other threads for.
  private static let serialRows = 256

  /// y = W·x in double precision.
  ///
  /// - Shapes: self [m, n], `x` [n], `y` [m].
  /// - Numerics: elements are widened to Double first; a row sums in an order that depends on the instruction set only.
  package func multiply(
    _ x: Span<Double>, into y: inout MutableSpan<Double>, using kernels: KernelTable = .current
  ) {
    precondition(shape.rank == 2 && x.count == shape[1] && y.count == shape[0], "\(shape) times \(x.count) elements")
    let (rows, columns) = (shape[0], shape[1])
    let matrix = pointer
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        guard let output = y.baseAddress else { return }
        guard let input = x.baseAddress, columns > 0 else { return output.update(repeating: 0, count: rows) }
        guard rows >= Self.serialRows, Parallel.threadCount > 1 else {
          kernels.multiply(matrix, rows, columns, input, output, columns)
          return
        }
        // Runs start at multiples of four rows, as the kernel's blocks do: a row's sum is the same in any of them.
        let runs = min(Parallel.threadCount, rows / 4)
        Parallel.forEach(runs) { run in
          let quads = share((rows + 3) / 4, of: runs, index: run)
          let first = quads.lowerBound * 4
          let count = min(rows, quads.upperBound * 4) - first
          kernels.multiply(matrix + first * columns, count, columns, input, output + first, columns)
        }
      }
    }
  }

  /// y ← y + alpha · (row `index` of a matrix), in double precision.
  package func addRow(
    _ index: Int, times alpha: Double, into y: inout MutableSpan<Double>, using kernels: KernelTable = .current
  ) {
    precondition(shape.rank == 2 && index >= 0 && index < shape[0] && y.count == shape[1], "row \(index) of \(shape)")
    let row = pointer + index * shape[1]
    y.withUnsafeMutableBufferPointer { y in
      guard let output = y.baseAddress else { return }
      kernels.axpyNarrow(alpha, row, output, y.count)
    }
  }

  /// The submatrix of the given rows and columns of a square matrix.
  ///
  /// - Shapes: self [n, n], result [indices, indices].
  /// - Precondition: every index is a row.
  package func submatrix(_ indices: [Int]) -> Tensor {
    precondition(shape.rank == 2 && shape[0] == shape[1], "submatrix of \(shape)")
    let n = shape[0]
    precondition(indices.allSatisfy { $0 >= 0 && $0 < n }, "submatrix: index out of 0..<\(n)")
    var result = Tensor(uninitialized: [indices.count, indices.count])
    let (source, target) = (pointer, result.mutablePointer)
    Parallel.forEach(indices.count >= Self.serialRows ? indices.count : min(1, indices.count)) { task in
      let rows = indices.count >= Self.serialRows ? task..<task + 1 : 0..<indices.count
      indices.withUnsafeBufferPointer { indices in
        for i in rows {
          let row = source + indices[i] * n
          let output = target + i * indices.count
          for j in 0..<indices.count { output[j] = row[indices[j]] }
        }
      }
    }
    return result
  }
}
