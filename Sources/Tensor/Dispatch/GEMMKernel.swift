// SPDX-License-Identifier: Apache-2.0
import Kernels

/// The register tile of one scalar type on one instruction set, and how the right operand is packed for it.
package struct GEMMKernel<Scalar: BinaryFloatingPoint & BitwiseCopyable>: Sendable {
  /// mr and nr of the BLIS papers.
  package let rows: Int
  package let columns: Int
  let tile: Tile
  /// `tile` for half of its rows; nil where only whole ones are computed.
  var half: Tile?
  /// (source, row stride, depth stride, rows, depth, panel width, panels)
  let pack: @Sendable (UnsafePointer<Scalar>, Int, Int, Int, Int, Int, UnsafeMutablePointer<Scalar>) -> Void
  /// How operands become integers; nil where `tile` takes them as they are.
  var quantization: Quantization?

  /// (depth, a, row stride of a, packed b, c, row stride of c, accumulate)
  typealias Tile =
    @Sendable (Int, UnsafePointer<Scalar>, Int, UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int, Bool) -> Void

  struct Quantization: Sendable {
    /// (source, row stride, rows, depth, left operand, its row stride)
    let rows: @Sendable (UnsafePointer<Scalar>, Int, Int, Int, UnsafeMutablePointer<Scalar>, Int) -> Void
    /// (one packed panel, depth, the same for `tile`)
    let panel: @Sendable (UnsafePointer<Scalar>, Int, UnsafeMutablePointer<Scalar>) -> Void
  }

  /// Whether rows of A this many elements apart push each other out of the first-level cache: at multiples of 4 KiB a
  /// usual one has a single set of eight lines for all of them, and a register tile reads up to 14 rows at a time. Integers
  /// are made from rows where they lie.
  func rowsConflict(stride: Int) -> Bool {
    quantization == nil && stride * MemoryLayout<Scalar>.stride % 4096 == 0
  }

  /// The length of a row of the left operand, and of a column of a panel, as `tile` reads it.
  func length(_ depth: Int) -> Int { quantization == nil ? depth : quantizedLength(depth) }
}

/// Words of a group of integers with their scale.
func quantizedLength(_ depth: Int) -> Int { (depth + integerGroup - 1) / integerGroup * (integerGroup / 2 + 1) }

extension GEMMKernel<Float> {
  /// The tile of single precision of a set.
  init(_ set: any KernelSet.Type) {
    let columns = 2 * set.floatLanes
    self.init(
      rows: set.tileRows, columns: columns,
      tile: { set.gemmTileFloat(depth: $0, a: $1, aStride: $2, b: $3, c: $4, cStride: $5, accumulate: $6) },
      half: { set.gemmHalfTileFloat(depth: $0, a: $1, aStride: $2, b: $3, c: $4, cStride: $5, accumulate: $6) },
      pack: { source, rowStride, depthStride, count, depth, width, panels in
        // Contiguous rows are transposed, others are packed element by element.
        if depthStride == 1 && width == columns {
          set.transposePanels(source, rowStride: rowStride, count: count, depth: depth, into: panels)
        } else {
          packPanelsFloat(
            source, rowStride: rowStride, depthStride: depthStride, count: count, depth: depth, width: width,
            into: panels)
        }
      })
  }

  /// A tile of integers, for operands that the set quantizes.
  init(_ set: any KernelSet.Type, integerTile: @escaping Tile) {
    let single = GEMMKernel(set)
    let columns = single.columns
    let quantization = Quantization(
      rows: { source, rowStride, count, depth, target, targetStride in
        withScratch(integerGroup + columns, of: Float.self) {
          set.quantizeRows(
            source, rowStride: rowStride, count: count, depth: depth, scratch: $0, into: target,
            targetStride: targetStride)
        }
      },
      panel: { panel, depth, target in
        withScratch(2 * columns, of: Float.self) { set.quantizePanel(panel, depth: depth, scratch: $0, into: target) }
      })
    self.init(
      rows: single.rows, columns: columns, tile: integerTile,
      pack: { source, rowStride, depthStride, count, depth, width, panels in
        withScratch(depth * width, of: Float.self) { panel in
          for first in stride(from: 0, to: count, by: width) {
            single.pack(
              source + first * rowStride, rowStride, depthStride, min(width, count - first), depth, width, panel)
            quantization.panel(panel, depth, panels + first * quantizedLength(depth))
          }
        }
      },
      quantization: quantization)
  }
}

extension GEMMKernel<Double> {
  /// The tile of double precision of a set.
  init(_ set: any KernelSet.Type) {
    self.init(
      rows: set.tileRows, columns: 2 * set.doubleLanes,
      tile: { set.gemmTileDouble(depth: $0, a: $1, aStride: $2, b: $3, c: $4, cStride: $5, accumulate: $6) },
      half: { set.gemmHalfTileDouble(depth: $0, a: $1, aStride: $2, b: $3, c: $4, cStride: $5, accumulate: $6) },
      pack: packPanelsDouble)
  }
}
