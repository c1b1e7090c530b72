// SPDX-License-Identifier: Apache-2.0

/// The register tile of one scalar type on one instruction set, and how operands are packed for it.
struct GEMMKernel<Scalar: BinaryFloatingPoint & BitwiseCopyable>: Sendable {
  /// mr and nr of the BLIS papers.
  let rows: Int
  let columns: Int
  /// (depth, packed a, packed b, c, row stride of c, accumulate)
  let tile:
    @Sendable (Int, UnsafePointer<Scalar>, UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int, Bool) -> Void
  /// (source, row stride, depth stride, rows, depth, panel width, panels)
  let pack: @Sendable (UnsafePointer<Scalar>, Int, Int, Int, Int, Int, UnsafeMutablePointer<Scalar>) -> Void
}

/// A matrix in memory that belongs to someone else.
struct MatrixView<Scalar> {
  let pointer: UnsafePointer<Scalar>
  let rows: Int
  let columns: Int
  let rowStride: Int
  let columnStride: Int

  /// Row-major and contiguous.
  init(_ pointer: UnsafePointer<Scalar>, rows: Int, columns: Int) {
    self.init(pointer, rows: rows, columns: columns, rowStride: columns, columnStride: 1)
  }

  init(_ pointer: UnsafePointer<Scalar>, rows: Int, columns: Int, rowStride: Int, columnStride: Int) {
    self.pointer = pointer
    self.rows = rows
    self.columns = columns
    self.rowStride = rowStride
    self.columnStride = columnStride
  }

  var transposed: MatrixView {
    MatrixView(pointer, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride)
  }
}

/// Block sizes, in elements. A block of A (mc·kc) stays in the second-level cache, a panel of B (kc·nr) in the first, a
/// block of B (kc·nc) in the third. Compile-time constants: the order of a sum must not depend on the machine.
private enum GEMMBlocking {
  static let depth = 256
  static let columns = 3072
  /// Rows of A a task packs, in register tiles.
  static let rowTiles = 12
}

/// C ← A·B, or C ← C + A·B with `accumulate`.
///
/// - Shapes: `a` [m, k], `b` [k, n], any strides; `c` [m, n] row-major with rows `rowStride` apart.
/// - Numerics: an element is a chain of multiply-adds in increasing k within blocks of 256, the blocks added in order;
///   error ≤ γ_k Σ|a||b| (Higham, Accuracy and Stability, §3.1). It depends on the instruction set (fused or not) only.
/// - Source: the five loops of Van Zee & van de Geijn, "BLIS", ACM TOMS 2015.
func gemm<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
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
  let (mr, nr) = (kernel.rows, kernel.columns)
  let kc = min(k, GEMMBlocking.depth)
  let nc = min(roundUp(n, to: nr), roundUp(GEMMBlocking.columns, to: nr))
  // Few rows: smaller blocks, so that every thread gets one.
  let tiles = (m + mr - 1) / mr
  let tilesPerBlock = max(1, min(GEMMBlocking.rowTiles, (tiles + Parallel.threadCount - 1) / Parallel.threadCount))
  let mc = tilesPerBlock * mr
  let rowBlocks = (m + mc - 1) / mc

  withScratch(kc * nc, of: Scalar.self) { packedB in
    for firstColumn in stride(from: 0, to: n, by: nc) {
      let columns = min(nc, n - firstColumn)
      let panels = (columns + nr - 1) / nr
      // With fewer row blocks than threads the columns are shared out as well; each part packs the rows again.
      let parts = rowBlocks >= Parallel.threadCount ? 1 : min(panels, Parallel.threadCount)
      for firstDepth in stride(from: 0, to: k, by: kc) {
        let depth = min(kc, k - firstDepth)
        let adds = accumulate || firstDepth > 0
        let source = b.pointer + firstDepth * b.rowStride + firstColumn * b.columnStride
        let packTasks = min(panels, Parallel.threadCount)
        Parallel.forEach(packTasks) { task in
          let panelRange = share(panels, of: packTasks, index: task)
          let first = panelRange.lowerBound * nr
          kernel.pack(
            source + first * b.columnStride, b.columnStride, b.rowStride,
            min(columns, panelRange.upperBound * nr) - first,
            depth, nr, packedB + first * depth)
        }
        Parallel.forEach(rowBlocks * parts) { task in
          let firstRow = (task / parts) * mc
          let rows = min(mc, m - firstRow)
          let panelRange = share(panels, of: parts, index: task % parts)
          withScratch(tilesPerBlock * mr * depth + mr * nr, of: Scalar.self) { packedA in
            kernel.pack(
              a.pointer + firstRow * a.rowStride + firstDepth * a.columnStride, a.rowStride, a.columnStride, rows,
              depth, mr,
              packedA)
            let edge = packedA + tilesPerBlock * mr * depth
            for panel in panelRange {
              let column = panel * nr
              for row in stride(from: 0, to: rows, by: mr) {
                let target = c + (firstRow + row) * rowStride + firstColumn + column
                let (height, width) = (min(mr, rows - row), min(nr, columns - column))
                let (left, right) = (packedA + row * depth, packedB + column * depth)
                if height == mr && width == nr {
                  kernel.tile(depth, left, right, target, rowStride, adds)
                } else {
                  kernel.tile(depth, left, right, edge, nr, false)
                  copyTile(edge, nr, to: target, rowStride, height: height, width: width, adds: adds)
                }
              }
            }
          }
        }
      }
    }
  }
}

private func copyTile<Scalar: BinaryFloatingPoint>(
  _ tile: UnsafeMutablePointer<Scalar>, _ tileStride: Int, to c: UnsafeMutablePointer<Scalar>, _ rowStride: Int,
  height: Int, width: Int, adds: Bool
) {
  for i in 0..<height {
    for j in 0..<width {
      let value = tile[i * tileStride + j]
      c[i * rowStride + j] = adds ? c[i * rowStride + j] + value : value
    }
  }
}

private func roundUp(_ value: Int, to multiple: Int) -> Int { (value + multiple - 1) / multiple * multiple }

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
    by other: Tensor, transposed: Bool = false, bias: Tensor? = nil, using kernels: KernelTable = .current
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
      accumulate: bias != nil, kernel: kernels.gemmFloat)
    return result
  }
}
