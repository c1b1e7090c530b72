// SPDX-License-Identifier: Apache-2.0

/// The right side of matrix products, packed when it is used: a torch Linear weight [columns, depth].
///
/// Packing widens and transposes what is stored. That takes a few hundredths of the time of a product with hundreds of
/// rows, and spares a copy of every weight in single precision.
package struct WeightMatrix: Sendable {
  /// The length of a sum.
  package let depth: Int
  package let columns: Int
  private let elements: StoredArray
  fileprivate let precision: Precision

  /// - Parameters:
  ///   - elements: [columns, depth], row-major.
  ///   - precision: of its products.
  package init(_ elements: StoredArray, columns: Int, depth: Int, precision: Precision = .single) {
    precondition(columns >= 0 && depth >= 0 && elements.count == columns * depth, "weight [\(columns), \(depth)]")
    (self.depth, self.columns, self.elements, self.precision) = (depth, columns, elements, precision)
  }

  /// - Parameter matrix: [columns, depth].
  package init(_ matrix: Tensor, precision: Precision = .single) {
    precondition(matrix.shape.rank == 2, "weight of shape \(matrix.shape)")
    self.init(StoredArray(matrix), columns: matrix.shape[0], depth: matrix.shape[1], precision: precision)
  }

  /// Packs some columns as `gemm` reads them: depth is cut into blocks, and a block holds panels of as many columns as the
  /// register tile has, each [depth, columns], the last one filled up with zeros.
  private func pack(
    _ range: Range<Int>, into packed: UnsafeMutablePointer<Float>, using kernel: GEMMKernel<Float>
  ) {
    let width = kernel.columns
    let panels = (range.count + width - 1) / width
    Parallel.forEach(panels) { panel in
      let first = range.lowerBound + panel * width
      let count = min(width, range.upperBound - first)
      withScratch(count * depth, of: Float.self) { rows in
        elements.copy(from: first * depth, count: count * depth, into: rows)
        for start in stride(from: 0, to: depth, by: GEMMBlocking.depth) {
          let block = min(GEMMBlocking.depth, depth - start)
          kernel.pack(
            rows + start, depth, 1, count, block, width,
            packed + (kernel.length(start) * panels + panel * kernel.length(block)) * width)
        }
      }
    }
  }

  /// Where a task finds its part of A: rows `stride` apart.
  typealias Rows = (pointer: UnsafePointer<Float>, stride: Int)

  /// C ← A·self + bias + addend.
  ///
  /// - Shapes: A [`rows`, depth], `bias` [columns], `addend` and `output` [`rows`, columns]; `output` may be `addend`.
  /// - Parameters:
  ///   - gathers: whether `locate` writes A into the scratch memory it is lent, which else has no room.
  ///   - locate: tells where a range of rows and depth of A lies; called from several threads.
  /// - Numerics: addend and bias first, then as `gemm`, or as `Precision` tells; the partition into tasks is not seen in the result.
  func multiply(
    rows: Int, bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?,
    into output: UnsafeMutablePointer<Float>, using kernels: KernelTable, gathers: Bool = false,
    locate: (_ rows: Range<Int>, _ depth: Range<Int>, _ scratch: UnsafeMutablePointer<Float>) -> Rows
  ) {
    guard rows > 0, columns > 0 else { return }
    let kernel = kernels.gemm(precision)
    let (mr, nr, threads) = (kernel.rows, kernel.columns, Parallel.threadCount)
    let tiles = (rows + mr - 1) / mr
    // As many blocks as the threads share evenly. With fewer rows than that, columns are shared out as well.
    let needed = (tiles + GEMMBlocking.rowTiles - 1) / GEMMBlocking.rowTiles
    let shared = min(tiles, (needed + threads - 1) / threads * threads)
    let blockRows = (tiles + shared - 1) / shared * mr
    let blocks = (rows + blockRows - 1) / blockRows
    let chunk = max(nr, Self.packedElements / max(1, kernel.length(depth)) / nr * nr)
    withScratch(kernel.length(depth) * roundUp(min(chunk, columns), to: nr), of: Float.self) { packed in
      for first in stride(from: 0, to: columns, by: chunk) {
        let range = first..<min(columns, first + chunk)
        pack(range, into: packed, using: kernel)
        let panels = (range.count + nr - 1) / nr
        let parts = blocks >= threads ? 1 : min(panels, (threads + blocks - 1) / blocks)
        Parallel.forEach(blocks * parts) { task in
          let firstRow = task / parts * blockRows
          let block = firstRow..<min(rows, firstRow + blockRows)
          let part = share(panels, of: parts, index: task % parts)
          withScratch(gathers ? block.count * GEMMBlocking.spread(min(depth, GEMMBlocking.depth)) : 0, of: Float.self) {
            scratch in
            multiplyBlock(
              block, part.lowerBound * nr..<min(range.count, part.upperBound * nr), of: range, packed: packed,
              bias: bias, addend: addend, into: output, kernels, kernel
            ) { locate(block, $0, scratch) }
          }
        }
      }
    }
  }

  /// Elements that are packed at a time: 16 MiB, half of a usual third-level cache.
  private static let packedElements = 1 << 22

  /// One block of rows times some columns of those that are packed, over the whole depth: this part of C stays in the
  /// cache.
  private func multiplyBlock(
    _ rows: Range<Int>, _ part: Range<Int>, of range: Range<Int>, packed: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?, into output: UnsafeMutablePointer<Float>,
    _ kernels: KernelTable, _ kernel: GEMMKernel<Float>, locate: (_ depth: Range<Int>) -> Rows
  ) {
    let (first, count) = (range.lowerBound + part.lowerBound, part.count)
    let paddedColumns = roundUp(range.count, to: kernel.columns)
    for row in rows {
      let target = output + row * columns + first
      if let addend {
        if addend != output { target.update(from: addend + row * columns + first, count: count) }
        if let bias { kernels.add(bias + first, target, count) }
      } else if let bias {
        target.update(from: bias + first, count: count)
      } else if depth == 0 {
        target.update(repeating: 0, count: count)
      }
    }
    for start in stride(from: 0, to: depth, by: GEMMBlocking.depth) {
      let block = min(GEMMBlocking.depth, depth - start)
      let left = locate(start..<start + block)
      kernel.multiply(
        left.pointer, aStride: left.stride, count: rows.count, depth: block,
        panels: packed + kernel.length(start) * paddedColumns + part.lowerBound * kernel.length(block), columns: count,
        into: output + rows.lowerBound * columns + first, cStride: columns,
        adds: bias != nil || addend != nil || start > 0)
    }
  }
}

extension Tensor {
  /// The matrix product self · otherᵀ, plus an optional bias on every row and an optional addend.
  ///
  /// - Shapes: self [m, k] or, as tokens of an image, [h, w, k]; `other` [n, k]; `bias` [n]; `addend` and result
  ///   [m, n] or [h, w, n].
  /// - Numerics: see `gemm`; addend and bias come first.
  package func multiplied(
    by other: WeightMatrix, bias: Tensor? = nil, adding addend: Tensor? = nil, using kernels: KernelTable = .current
  ) -> Tensor {
    let depth = other.depth
    precondition(
      shape.rank >= 2 && shape.extents.last == depth, "product of \(shape) and [\(depth), \(other.columns)]")
    precondition(
      bias?.count ?? other.columns == other.columns, "bias \(bias?.shape ?? []) for \(other.columns) columns")
    var result = Tensor(uninitialized: Shape(shape.extents.dropLast() + [other.columns]))
    precondition(addend?.shape ?? result.shape == result.shape, "adding \(addend?.shape ?? []) to \(result.shape)")
    let source = pointer
    // Integers are made from rows where they lie.
    let conflicts = GEMMBlocking.rowsConflict(stride: depth) && kernels.gemm(other.precision).quantization == nil
    other.multiply(
      rows: shape.extents.dropLast().reduce(1, *), bias: bias?.pointer, addend: addend?.pointer,
      into: result.mutablePointer, using: kernels, gathers: conflicts
    ) { rows, range, copy in
      let first = source + rows.lowerBound * depth + range.lowerBound
      guard conflicts else { return (first, depth) }
      let stride = GEMMBlocking.spread(range.count)
      for row in 0..<rows.count { (copy + row * stride).update(from: first + row * depth, count: range.count) }
      return (UnsafePointer(copy), stride)
    }
    return result
  }
}
