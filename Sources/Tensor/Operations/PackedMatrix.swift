// SPDX-License-Identifier: Apache-2.0

/// The right side of matrix products, laid out once as the register tile of one instruction set reads it.
///
/// A weight is packed when a model is loaded and multiplied many times. Depth is cut into blocks of 256; a block holds
/// panels of as many columns as the tile has, each [depth, columns], the last one filled up with zeros.
package struct PackedMatrix: Sendable {
  /// Rows of the matrix: the length of a sum.
  package let depth: Int
  package let columns: Int
  package let instructionSet: InstructionSet
  private let panelWidth: Int
  private let storage: AlignedBuffer<Float>

  /// The same as in `gemm`, so that both add in the same order.
  private static let depthBlock = GEMMBlocking.depth

  /// Packs a matrix whose columns are produced one at a time, so that weights of any format are read in place.
  ///
  /// - Parameter fill: writes all `depth` elements of a column; called once for each column, from several threads.
  package init(
    depth: Int, columns: Int, using kernels: KernelTable = .current,
    fill: @Sendable (_ column: Int, _ values: inout MutableSpan<Float>) -> Void
  ) {
    precondition(depth >= 0 && columns >= 0, "packed matrix [\(depth), \(columns)]")
    let kernel = kernels.gemmFloat
    let width = kernel.columns
    let panels = (columns + width - 1) / width
    let storage = AlignedBuffer<Float>(count: depth * panels * width)
    (self.depth, self.columns, self.storage) = (depth, columns, storage)
    (instructionSet, panelWidth) = (kernels.instructionSet, width)
    guard depth > 0 else { return }
    withExtendedLifetime(storage) {
      let packed = storage.pointer
      Parallel.forEach(panels) { panel in
        let count = min(width, columns - panel * width)
        withScratch(count * depth, of: Float.self) { rows in
          for i in 0..<count {
            var values = MutableSpan(_unsafeStart: rows + i * depth, count: depth)
            fill(panel * width + i, &values)
          }
          for first in stride(from: 0, to: depth, by: Self.depthBlock) {
            let block = min(Self.depthBlock, depth - first)
            let target = packed + first * panels * width + panel * width * block
            kernel.pack(rows + first, depth, 1, count, block, width, target)
          }
        }
      }
    }
  }

  /// Packs `matrix` [depth, columns], or its transpose (a torch Linear weight [outputs, inputs]).
  package init(_ matrix: Tensor, transposed: Bool = false, using kernels: KernelTable = .current) {
    precondition(matrix.shape.rank == 2, "packed matrix of shape \(matrix.shape)")
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    self.init(depth: transposed ? columns : rows, columns: transposed ? rows : columns, using: kernels) {
      column, values in
      let source = matrix.pointer
      if transposed {
        for k in 0..<columns { values[k] = source[column * columns + k] }
      } else {
        for k in 0..<rows { values[k] = source[k * columns + column] }
      }
    }
  }

  /// Columns counted with those that fill up the last panel.
  private var paddedColumns: Int { (columns + panelWidth - 1) / panelWidth * panelWidth }

  /// Elements of one row in a panel, as many as `gemmFloat` has columns.
  func row(_ row: Int, panel: Int) -> UnsafePointer<Float> {
    let first = row / Self.depthBlock * Self.depthBlock
    let block = min(Self.depthBlock, depth - first)
    return UnsafePointer(storage.pointer) + first * paddedColumns + (panel * block + row - first) * panelWidth
  }

  /// Where a task finds its part of A: rows `stride` apart.
  typealias Rows = (pointer: UnsafePointer<Float>, stride: Int)

  /// C ← A·self + bias + addend.
  ///
  /// - Shapes: A [`rows`, depth], `bias` [columns], `addend` and `output` [`rows`, columns]; `output` may be `addend`.
  /// - Parameters:
  ///   - gathers: whether `locate` writes A into the scratch memory it is lent, which else has no room.
  ///   - locate: tells where a range of rows and depth of A lies; called from several threads.
  /// - Numerics: addend and bias first, then as `gemm`; the partition into tasks is not seen in the result.
  func multiply(
    rows: Int, bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?,
    into output: UnsafeMutablePointer<Float>, using kernels: KernelTable, gathers: Bool = false,
    locate: (_ rows: Range<Int>, _ depth: Range<Int>, _ scratch: UnsafeMutablePointer<Float>) -> Rows
  ) {
    precondition(
      instructionSet == kernels.instructionSet, "packed for \(instructionSet), used on \(kernels.instructionSet)")
    guard rows > 0, columns > 0 else { return }
    let (mr, nr, threads) = (kernels.gemmFloat.rows, panelWidth, Parallel.threadCount)
    let tiles = (rows + mr - 1) / mr
    // As many blocks as the threads share evenly. With fewer rows than that, columns are shared out as well.
    let needed = (tiles + GEMMBlocking.rowTiles - 1) / GEMMBlocking.rowTiles
    let shared = min(tiles, (needed + threads - 1) / threads * threads)
    let blockRows = (tiles + shared - 1) / shared * mr
    let blocks = (rows + blockRows - 1) / blockRows
    let panels = paddedColumns / nr
    let parts = blocks >= threads ? 1 : min(panels, (threads + blocks - 1) / blocks)
    Parallel.forEach(blocks * parts) { task in
      let firstRow = task / parts * blockRows
      let block = firstRow..<min(rows, firstRow + blockRows)
      withScratch(gathers ? block.count * min(depth, Self.depthBlock) : 0, of: Float.self) { scratch in
        multiplyBlock(
          block, panels: share(panels, of: parts, index: task % parts), bias: bias, addend: addend, into: output,
          kernels
        ) { locate(block, $0, scratch) }
      }
    }
  }

  /// One block of rows times some panels, over the whole depth: this part of C stays in the cache.
  private func multiplyBlock(
    _ rows: Range<Int>, panels: Range<Int>, bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?,
    into output: UnsafeMutablePointer<Float>, _ kernels: KernelTable, locate: (_ depth: Range<Int>) -> Rows
  ) {
    let first = panels.lowerBound * panelWidth
    let count = min(columns, panels.upperBound * panelWidth) - first
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
    for firstDepth in stride(from: 0, to: depth, by: Self.depthBlock) {
      let block = min(Self.depthBlock, depth - firstDepth)
      let left = locate(firstDepth..<firstDepth + block)
      kernels.gemmFloat.multiply(
        left.pointer, aStride: left.stride, count: rows.count, depth: block,
        panels: storage.pointer + firstDepth * paddedColumns + first * block, columns: count,
        into: output + rows.lowerBound * columns + first, cStride: columns,
        adds: bias != nil || addend != nil || firstDepth > 0)
    }
  }
}

extension Tensor {
  /// The matrix product self · other, plus an optional bias on every row and an optional addend.
  ///
  /// - Shapes: self [m, k] or, as tokens of an image, [h, w, k]; `other` [k, n]; `bias` [n]; `addend` and result
  ///   [m, n] or [h, w, n].
  /// - Numerics: see `gemm`; addend and bias come first.
  /// - Precondition: `other` is packed for the instruction set of `kernels`.
  package func multiplied(
    by other: PackedMatrix, bias: Tensor? = nil, adding addend: Tensor? = nil, using kernels: KernelTable = .current
  ) -> Tensor {
    let depth = other.depth
    precondition(
      shape.rank >= 2 && shape.extents.last == depth, "product of \(shape) and [\(depth), \(other.columns)]")
    precondition(
      bias?.count ?? other.columns == other.columns, "bias \(bias?.shape ?? []) for \(other.columns) columns")
    var result = Tensor(uninitialized: Shape(shape.extents.dropLast() + [other.columns]))
    precondition(addend?.shape ?? result.shape == result.shape, "adding \(addend?.shape ?? []) to \(result.shape)")
    let source = pointer
    other.multiply(
      rows: shape.extents.dropLast().reduce(1, *), bias: bias?.pointer, addend: addend?.pointer,
      into: result.mutablePointer, using: kernels
    ) { rows, range, _ in (source + rows.lowerBound * depth + range.lowerBound, depth) }
    return result
  }
}
