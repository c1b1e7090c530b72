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
      let columns = first..<min(first + width, range.upperBound)
      for start in stride(from: 0, to: depth, by: GEMMBlocking.depth) {
        let block = start..<min(start + GEMMBlocking.depth, depth)
        packPanel(
          columns, block, into: packed + (kernel.length(start) * panels + panel * kernel.length(block.count)) * width,
          using: kernel)
      }
    }
  }

  /// One panel of one block of depth.
  private func packPanel(
    _ columns: Range<Int>, _ block: Range<Int>, into panel: UnsafeMutablePointer<Float>,
    using kernel: GEMMKernel<Float>
  ) {
    let stride = GEMMBlocking.paddedStride(block.count)
    withScratch(columns.count * stride, of: Float.self) { rows in
      for (row, column) in columns.enumerated() {
        elements.copy(from: column * depth + block.lowerBound, count: block.count, into: rows + row * stride)
      }
      kernel.pack(rows, stride, 1, columns.count, block.count, kernel.columns, panel)
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
    if rows <= Self.fewRows {
      return multiplyFewRows(rows, bias: bias, addend: addend, into: output, kernels, kernel, gathers, locate)
    }
    let nr = kernel.columns
    let chunk = max(nr, Self.packedElements / max(1, kernel.length(depth)) / nr * nr)
    withScratch(kernel.length(depth) * roundUp(min(chunk, columns), to: nr), of: Float.self) { packed in
      for first in stride(from: 0, to: columns, by: chunk) {
        let range = first..<min(columns, first + chunk)
        pack(range, into: packed, using: kernel)
        let panels = (range.count + nr - 1) / nr
        let (blocks, parts) = GEMMBlocking.tasks(rows: rows, tileRows: kernel.rows, panels: panels)
        Parallel.forEach(blocks.count * parts) { task in
          let block = blocks[task / parts]
          let part = share(panels, of: parts, index: task % parts)
          withScratch(
            gathers ? block.count * GEMMBlocking.paddedStride(min(depth, GEMMBlocking.depth)) : 0, of: Float.self
          ) {
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
    begin(rows, first..<first + count, bias: bias, addend: addend, output, kernels)
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

  /// What the products are added to: addend + bias.
  private func begin(
    _ rows: Range<Int>, _ range: Range<Int>, bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?,
    _ output: UnsafeMutablePointer<Float>, _ kernels: KernelTable
  ) {
    let (first, count) = (range.lowerBound, range.count)
    for row in rows {
      let target = output + row * columns + first
      if let addend {
        if addend != output { target.update(from: addend + row * columns + first, count: count) }
        if let bias { kernels.set.add(bias + first, target, count: count) }
      } else if let bias {
        target.update(from: bias + first, count: count)
      } else if depth == 0 {
        target.update(repeating: 0, count: count)
      }
    }
  }

  /// Rows with which packing takes a good part of the time.
  private static let fewRows = 128
  /// Elements that are packed and multiplied at once with few rows: 512 KiB, for the second-level cache.
  private static let fewRowsPacked = 1 << 17

  /// The product with few rows: columns are shared out over the threads.
  private func multiplyFewRows(
    _ rows: Int, bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?, into output: UnsafeMutablePointer<Float>,
    _ kernels: KernelTable, _ kernel: GEMMKernel<Float>, _ gathers: Bool,
    _ locate: (_ rows: Range<Int>, _ depth: Range<Int>, _ scratch: UnsafeMutablePointer<Float>) -> Rows
  ) {
    let panels = (columns + kernel.columns - 1) / kernel.columns
    // A task gathers A for itself: one for a single thread, more where threads have to end together.
    let tasks = Parallel.threadCount == 1 ? 1 : min(panels, 4 * Parallel.threadCount)
    Parallel.forEach(tasks) { task in
      let part = share(panels, of: tasks, index: task)
      let range = part.lowerBound * kernel.columns..<min(columns, part.upperBound * kernel.columns)
      begin(0..<rows, range, bias: bias, addend: addend, output, kernels)
      withScratch(gathers ? rows * GEMMBlocking.paddedStride(min(depth, GEMMBlocking.depth)) : 0, of: Float.self) {
        scratch in
        for start in stride(from: 0, to: depth, by: GEMMBlocking.depth) {
          let block = start..<min(start + GEMMBlocking.depth, depth)
          multiplyPanels(
            of: range, block, rows: rows, left: locate(0..<rows, block, scratch), into: output, kernel,
            adds: bias != nil || addend != nil || start > 0)
        }
      }
    }
  }

  /// Some columns of one block of depth: panels are multiplied by all rows as soon as they are packed, while they lie in
  /// the thread's own cache.
  private func multiplyPanels(
    of range: Range<Int>, _ block: Range<Int>, rows: Int, left: Rows, into output: UnsafeMutablePointer<Float>,
    _ kernel: GEMMKernel<Float>, adds: Bool
  ) {
    let (nr, length) = (kernel.columns, kernel.length(block.count))
    let chunk = max(1, Self.fewRowsPacked / (length * nr)) * nr
    withScratch(length * min(chunk, roundUp(range.count, to: nr)), of: Float.self) { packed in
      for first in stride(from: range.lowerBound, to: range.upperBound, by: chunk) {
        let end = min(first + chunk, range.upperBound)
        for column in stride(from: first, to: end, by: nr) {
          packPanel(column..<min(column + nr, end), block, into: packed + (column - first) * length, using: kernel)
        }
        kernel.multiply(
          left.pointer, aStride: left.stride, count: rows, depth: block.count, panels: packed, columns: end - first,
          into: output + first, cStride: columns, adds: adds)
      }
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
    let conflicts = kernels.gemm(other.precision).rowsConflict(stride: depth)
    other.multiply(
      rows: shape.extents.dropLast().reduce(1, *), bias: bias?.pointer, addend: addend?.pointer,
      into: result.mutablePointer, using: kernels, gathers: conflicts
    ) { rows, range, copy in
      let first = source + rows.lowerBound * depth + range.lowerBound
      guard conflicts else { return (first, depth) }
      let stride = GEMMBlocking.paddedStride(range.count)
      MatrixView(first, rows: rows.count, columns: range.count, rowStride: depth, columnStride: 1)
        .copy(to: copy, stride: stride)
      return (UnsafePointer(copy), stride)
    }
    return result
  }
}
