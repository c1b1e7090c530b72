// SPDX-License-Identifier: Apache-2.0

extension GEMMKernel {
  /// C ← A·B (+ C) for some rows of A and some panels of a packed B.
  ///
  /// The elements of A are broadcast from where they lie, so A need not be packed; its rows need only be contiguous.
  ///
  /// - Shapes: `a` [count, depth], rows `aStride` apart; `panels` as `pack` writes them, the first one at `b`; `c`
  ///   [count, columns], rows `cStride` apart, with columns within the last panel.
  func multiply(
    _ a: UnsafePointer<Scalar>, aStride: Int, count: Int, depth: Int, panels b: UnsafePointer<Scalar>,
    columns width: Int, into c: UnsafeMutablePointer<Scalar>, cStride: Int, adds: Bool
  ) {
    guard let quantization else {
      return multiplyTiles(
        a, aStride: aStride, count: count, depth: depth, panels: b, columns: width, into: c, cStride: cStride,
        adds: adds)
    }
    let length = length(depth)
    withScratch(count * length, of: Scalar.self) { rows in
      quantization.rows(a, aStride, count, depth, rows, length)
      multiplyTiles(
        rows, aStride: length, count: count, depth: depth, panels: b, columns: width, into: c, cStride: cStride,
        adds: adds)
    }
  }

  /// The same for rows as `tile` reads them.
  private func multiplyTiles(
    _ a: UnsafePointer<Scalar>, aStride: Int, count: Int, depth: Int, panels b: UnsafePointer<Scalar>,
    columns width: Int, into c: UnsafeMutablePointer<Scalar>, cStride: Int, adds: Bool
  ) {
    let (whole, rest, length) = (count - count % rows, count % rows, length(depth))
    // Tiles of integers come back to C after every group: its rows may push each other out of the first-level cache.
    let isDirect = quantization == nil
    // The last rows are those of a tile that reaches back over rows before them, or of one filled up with zeros.
    let (lastTile, lastRows) = if let half, rest <= rows / 2 { (half, rows / 2) } else { (tile, rows) }
    let fills = count < lastRows
    let needsCopies = !isDirect || rest > 0 || width % columns > 0
    withScratch(needsCopies ? rows * columns + (fills ? lastRows * length : 0) : 0, of: Scalar.self) { edge in
      let copies = edge + rows * columns
      if fills {
        for i in 0..<rest { (copies + i * length).update(from: a + i * aStride, count: length) }
        (copies + rest * length).update(repeating: 0, count: (lastRows - rest) * length)
      }
      for column in stride(from: 0, to: width, by: columns) {
        let (right, present) = (b + column * length, min(columns, width - column))
        for row in stride(from: 0, to: whole, by: rows) {
          let (left, target) = (a + row * aStride, c + row * cStride + column)
          if isDirect && present == columns {
            tile(depth, left, aStride, right, target, cStride, adds)
          } else {
            tile(depth, left, aStride, right, edge, columns, false)
            copyTile(edge, columns, to: target, cStride, height: rows, width: present, adds: adds)
          }
        }
        guard rest > 0 else { continue }
        let (left, stride) = fills ? (UnsafePointer(copies), length) : (a + (count - lastRows) * aStride, aStride)
        lastTile(depth, left, stride, right, edge, columns, false)
        copyTile(
          edge + (fills ? 0 : lastRows - rest) * columns, columns, to: c + whole * cStride + column, cStride,
          height: rest, width: present, adds: adds)
      }
    }
  }
}

/// A matrix in memory that belongs to someone else.
package struct MatrixView<Scalar> {
  let pointer: UnsafePointer<Scalar>
  let rows: Int
  let columns: Int
  let rowStride: Int
  let columnStride: Int

  /// Row-major and contiguous.
  package init(_ pointer: UnsafePointer<Scalar>, rows: Int, columns: Int) {
    self.init(pointer, rows: rows, columns: columns, rowStride: columns, columnStride: 1)
  }

  package init(_ pointer: UnsafePointer<Scalar>, rows: Int, columns: Int, rowStride: Int, columnStride: Int) {
    self.pointer = pointer
    self.rows = rows
    self.columns = columns
    self.rowStride = rowStride
    self.columnStride = columnStride
  }

  func slice(rows: Range<Int>, columns: Range<Int>) -> MatrixView {
    MatrixView(
      pointer + rows.lowerBound * rowStride + columns.lowerBound * columnStride, rows: rows.count,
      columns: columns.count, rowStride: rowStride, columnStride: columnStride)
  }

  package var transposed: MatrixView {
    MatrixView(pointer, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride)
  }

  /// Copies the elements to rows `stride` apart.
  func copy(to target: UnsafeMutablePointer<Scalar>, stride: Int) {
    if columnStride == 1 {
      for row in 0..<rows { (target + row * stride).update(from: pointer + row * rowStride, count: columns) }
    } else {
      for column in 0..<columns {
        let source = pointer + column * columnStride
        for row in 0..<rows { target[row * stride + column] = source[row * rowStride] }
      }
    }
  }
}

/// Block sizes, in elements. A panel of B (kc·nr) and a block of A (mc·kc) stay in the second-level cache, a block of B
/// (kc·nc) in the third. The panel is read once for each tile, at a small part of the cache's speed; a shorter kc would keep
/// it in the first level, but reads and writes C more often, which costs more. Compile-time constants: the order of a sum
/// must not depend on the machine.
enum GEMMBlocking {
  static let depth = 1280
  static let columns = 1024
  /// Rows of A in a task, in register tiles: few, so that threads end together, and enough to read B from its cache slowly.
  static let rowTiles = 6

  /// How the rows of A and the packed panels of B are shared out: blocks of rows, as many as the threads share evenly, and
  /// with fewer than there are threads the panels in parts as well.
  static func tasks(rows: Int, tileRows mr: Int, panels: Int) -> (rows: [Range<Int>], parts: Int) {
    let (tiles, threads) = ((rows + mr - 1) / mr, Parallel.threadCount)
    let count = min(tiles, roundUp((tiles + rowTiles - 1) / rowTiles, to: threads))
    let blocks = (0..<count).map { index in
      let range = share(tiles, of: count, index: index)
      return range.lowerBound * mr..<min(rows, range.upperBound * mr)
    }
    return (blocks, count >= threads ? 1 : min(panels, (threads + count - 1) / count))
  }

  /// The distance of rows of A that are copied: a line more where they would share four sets or fewer.
  static func paddedStride(_ depth: Int) -> Int { depth % 256 == 0 ? depth + 16 : depth }
}

/// C ← A·B, or C ← C + A·B with `accumulate`.
///
/// - Shapes: `a` [m, k], `b` [k, n], any strides; `c` [m, n] row-major with rows `rowStride` apart.
/// - Numerics: an element is a chain of multiply-adds in increasing k within blocks of 1280, the blocks added in order;
///   error ≤ γ_k Σ|a||b| (Higham, Accuracy and Stability, §3.1). It depends on the instruction set (fused or not) only.
/// - Source: the five loops of Van Zee & van de Geijn, "BLIS", ACM TOMS 2015.
package func gemm<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
  _ a: MatrixView<Scalar>, _ b: MatrixView<Scalar>, into c: UnsafeMutablePointer<Scalar>, rowStride: Int,
  accumulate: Bool = false, kernel: GEMMKernel<Scalar>
) {
  precondition(a.columns == b.rows, "gemm: [\(a.rows), \(a.columns)] times [\(b.rows), \(b.columns)]")
  let (m, n, k) = (a.rows, b.columns, a.columns)
  precondition(rowStride >= n, "gemm: rows of \(n) elements, \(rowStride) apart")
  guard m > 0, n > 0 else { return }
  if k == 0 {
    if !accumulate { for row in 0..<m { (c + row * rowStride).update(repeating: 0, count: n) } }
    return
  }
  let kc = min(k, GEMMBlocking.depth)
  let nc = roundUp(min(n, GEMMBlocking.columns), to: kernel.columns)
  withScratch(kernel.length(kc) * nc, of: Scalar.self) { packed in
    for firstColumn in stride(from: 0, to: n, by: nc) {
      for firstDepth in stride(from: 0, to: k, by: kc) {
        let depth = firstDepth..<min(k, firstDepth + kc)
        let columns = firstColumn..<min(n, firstColumn + nc)
        packRight(b.slice(rows: depth, columns: columns), into: packed, kernel)
        multiplyBlock(
          a.slice(rows: 0..<m, columns: depth), packed, into: c + firstColumn, rowStride: rowStride,
          columns: columns.count, adds: accumulate || firstDepth > 0, kernel)
      }
    }
  }
}

/// Packs a block of B [depth, columns] into panels of nr columns, panels shared out over the threads.
private func packRight<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
  _ block: MatrixView<Scalar>, into packed: UnsafeMutablePointer<Scalar>, _ kernel: GEMMKernel<Scalar>
) {
  let nr = kernel.columns
  let panels = (block.columns + nr - 1) / nr
  let tasks = min(panels, Parallel.threadCount)
  Parallel.forEach(tasks) { task in
    let range = share(panels, of: tasks, index: task)
    let columns = range.lowerBound * nr..<min(block.columns, range.upperBound * nr)
    let part = block.slice(rows: 0..<block.rows, columns: columns)
    kernel.pack(
      part.pointer, part.columnStride, part.rowStride, columns.count, block.rows, nr,
      packed + columns.lowerBound * kernel.length(block.rows))
  }
}

/// C (+)= A·B for all rows of A and one packed block of B; blocks of mc rows are shared out over the threads.
private func multiplyBlock<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
  _ a: MatrixView<Scalar>, _ packedB: UnsafeMutablePointer<Scalar>, into c: UnsafeMutablePointer<Scalar>,
  rowStride: Int, columns: Int, adds: Bool, _ kernel: GEMMKernel<Scalar>
) {
  let (nr, depth) = (kernel.columns, a.columns)
  let panels = (columns + nr - 1) / nr
  let (blocks, parts) = GEMMBlocking.tasks(rows: a.rows, tileRows: kernel.rows, panels: panels)
  let isDirect = a.columnStride == 1 && !kernel.rowsConflict(stride: a.rowStride)
  let stride = GEMMBlocking.paddedStride(depth)
  Parallel.forEach(blocks.count * parts) { task in
    let rows = blocks[task / parts]
    let block = a.slice(rows: rows, columns: 0..<depth)
    let range = share(panels, of: parts, index: task % parts)
    let (first, end) = (range.lowerBound * nr, min(columns, range.upperBound * nr))
    withScratch(isDirect ? 0 : rows.count * stride, of: Scalar.self) { copy in
      if !isDirect { block.copy(to: copy, stride: stride) }
      kernel.multiply(
        isDirect ? block.pointer : UnsafePointer(copy), aStride: isDirect ? block.rowStride : stride,
        count: rows.count, depth: depth, panels: packedB + first * kernel.length(depth), columns: end - first,
        into: c + rows.lowerBound * rowStride + first, cStride: rowStride, adds: adds)
    }
  }
}

private func copyTile<Scalar: BinaryFloatingPoint>(
  _ tile: UnsafeMutablePointer<Scalar>, _ tileStride: Int, to c: UnsafeMutablePointer<Scalar>, _ rowStride: Int,
  height: Int, width: Int, adds: Bool
) {
  for i in 0..<height {
    let (source, target) = (tile + i * tileStride, c + i * rowStride)
    if adds { for j in 0..<width { target[j] += source[j] } } else { target.update(from: source, count: width) }
  }
}

func roundUp(_ value: Int, to multiple: Int) -> Int { (value + multiple - 1) / multiple * multiple }

/// The `index`-th of `parts` nearly equal runs of 0 ..< count.
func share(_ count: Int, of parts: Int, index: Int) -> Range<Int> {
  count * index / parts..<count * (index + 1) / parts
}

extension Tensor {
  /// The matrix product self · other, or self · otherᵀ, plus an optional bias on every row.
  ///
  /// - Shapes: self [m, k]; `other` [k, n], or [n, k] when transposed (a torch Linear weight); `bias` [n]; result [m, n].
  /// - Numerics: see `gemm`; the bias is added first.
  /// - Precondition: matrices whose inner dimensions agree.
  package func multiplied(
    by other: Tensor, transposed: Bool = false, bias: Tensor? = nil, precision: Precision = .single,
    using kernels: KernelTable = .current
  ) -> Tensor {
    precondition(shape.rank == 2 && other.shape.rank == 2, "product of \(shape) and \(other.shape)")
    let right = MatrixView(other.pointer, rows: other.shape[0], columns: other.shape[1])
    let b = transposed ? right.transposed : right
    var result = Tensor(uninitialized: [shape[0], b.columns])
    let output = result.mutablePointer
    if let bias {
      precondition(bias.count == b.columns, "bias \(bias.shape) for \(b.columns) columns")
      for row in 0..<shape[0] { (output + row * b.columns).update(from: bias.pointer, count: b.columns) }
    }
    gemm(
      MatrixView(pointer, rows: shape[0], columns: shape[1]), b, into: output, rowStride: b.columns,
      accumulate: bias != nil, kernel: kernels.gemm(precision))
    return result
  }
}
