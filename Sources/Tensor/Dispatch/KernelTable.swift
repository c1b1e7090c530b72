// SPDX-License-Identifier: Apache-2.0
import Kernels
import KernelsAVX2
import KernelsAVX512
import KernelsPortable
import KernelsVNNI

/// The kernels of one instruction set, chosen once at start-up.
///
/// Operations take a table as their last parameter, `current` by default, so that tests compare the sets in one process.
package struct KernelTable: Sendable {
  typealias Map = @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  typealias Widen = @Sendable (UnsafePointer<UInt16>, UnsafeMutablePointer<Float>, Int) -> Void

  typealias Dot = @Sendable (UnsafePointer<Double>, UnsafePointer<Double>, Int) -> Double
  typealias Axpy = @Sendable (Double, UnsafePointer<Double>, UnsafeMutablePointer<Double>, Int) -> Void
  /// (rows, their number, their length, vector or coefficients, result)
  typealias BasisProducts =
    @Sendable (UnsafePointer<Double>, Int, Int, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void

  package let instructionSet: InstructionSet
  package let gemmFloat: GEMMKernel<Float>
  /// The same of integers, with as many columns; `gemm(_:)` takes it where it is faster.
  package let gemmIntegers: GEMMKernel<Float>
  package let gemmDouble: GEMMKernel<Double>
  /// [rows, depth], rows some stride apart, to [depth, rows]: (source, row stride, rows, depth, target).
  let transpose: @Sendable (UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>) -> Void
  let exponential: Map
  let powerOfTwo: Map
  let hyperbolicTangent: Map
  let errorFunction: Map
  let silu: Map
  let gelu: Map
  let quickGELU: Map
  /// y ← y + x.
  let add: Map
  let geglu: @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  let softmax: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, Float) -> Void
  /// (scores, rows, peaks, sums, weighted, channels, scale) of a panel as wide as `gemmFloat` has columns.
  let runningSoftmax:
    @Sendable (
      UnsafeMutablePointer<Float>, Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>, Int, Float
    ) -> Void
  let layerNorm:
    @Sendable (
      UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, UnsafePointer<Float>, UnsafePointer<Float>, Float
    ) -> Void
  let affine:
    @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, UnsafePointer<Float>, UnsafePointer<Float>) ->
      Void
  /// (x, row stride, pixels, channels, factor, addend, applies SiLU, y, row stride)
  let activate:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, UnsafePointer<Float>?, UnsafePointer<Float>?, Bool,
      UnsafeMutablePointer<Float>, Int
    ) -> Void
  /// F(4×4, 3×3) and F(6×6, 3×3), and F(4×4, 3×3) with stride 2.
  package let winograd4: WinogradKernel
  package let winograd6: WinogradKernel
  package let winograd4Stride2: WinogradKernel
  let interpolate:
    @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, Float) -> Void
  /// (image, plane stride, row, offsets, taps, epsilon, weights) of `affinityBlock` pixels.
  let localAffinity:
    @Sendable (
      UnsafePointer<Float>, Int, Int, UnsafePointer<Int>, Int, Float, UnsafeMutablePointer<Float>
    ) -> Void
  /// (weights, offsets, taps, sources, targets, masks, row, floor, peaks) of `affinityBlock` pixels.
  let averageNeighbours:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Int>, Int, UnsafePointer<UnsafePointer<Float>>,
      UnsafePointer<UnsafeMutablePointer<Float>>, Int, Int, Float, UnsafeMutablePointer<Float>
    ) -> Void
  let moments: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>, Int) -> Void
  let halfToFloat: Widen
  let brainFloatToFloat: Widen
  let dot: Dot
  let axpy: Axpy
  let basisProducts: BasisProducts
  let subtractCombination: BasisProducts
  /// (elements, first group, last group, x, y) of a `SymmetricTensor`.
  let multiplySymmetric:
    @Sendable (UnsafePointer<Float>, Int, Int, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  let sumPreceding: @Sendable (UnsafePointer<Float>, Int, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  let scaledPower:
    @Sendable (UnsafePointer<Double>, UnsafeMutablePointer<Float>, Int, Double, Double, Double, Int) -> Void

  /// The table of `InstructionSet.active`.
  package static let current = table(for: .active)

  /// The table of one instruction set. The caller has seen `isSupported`.
  package static func table(for set: InstructionSet) -> KernelTable {
    switch set {
    case .portable: portable
    case .avx2: avx2
    case .avx512: avx512
    }
  }
}

/// (source, row stride, rows, depth, target)
private typealias Transpose =
  @Sendable (UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>) -> Void

/// Packs rows whose elements lie side by side by the transposing kernel, and others element by element.
private func packing(
  _ transpose: @escaping Transpose, columns: Int
) -> @Sendable (UnsafePointer<Float>, Int, Int, Int, Int, Int, UnsafeMutablePointer<Float>) -> Void {
  { source, rowStride, depthStride, count, depth, width, panels in
    guard depthStride == 1 && width == columns else {
      return packPanelsFloat(
        source, rowStride: rowStride, depthStride: depthStride, count: count, depth: depth, width: width, into: panels)
    }
    transpose(source, rowStride, count, depth, panels)
  }
}

private typealias IntegerTile =
  @Sendable (
    Int, UnsafePointer<Float>, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, Bool
  ) -> Void
private typealias QuantizeRows =
  @Sendable (
    UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int
  ) -> Void
private typealias QuantizePanel =
  @Sendable (UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void

/// Products of integers that are made from the operands of a kernel of single precision.
private func integers(
  like kernel: GEMMKernel<Float>, _ tile: @escaping IntegerTile, _ quantizeRows: @escaping QuantizeRows,
  _ quantizePanel: @escaping QuantizePanel
) -> GEMMKernel<Float> {
  let quantization = GEMMKernel<Float>.Quantization(
    rows: { source, rowStride, count, depth, target, targetStride in
      withScratch(integerGroup + kernel.columns, of: Float.self) {
        quantizeRows(source, rowStride, count, depth, $0, target, targetStride)
      }
    },
    panel: { panel, depth, target in
      withScratch(2 * kernel.columns, of: Float.self) { quantizePanel(panel, depth, $0, target) }
    })
  return GEMMKernel(
    rows: kernel.rows, columns: kernel.columns, tile: tile,
    pack: { source, rowStride, depthStride, count, depth, width, panels in
      withScratch(depth * width, of: Float.self) { panel in
        for first in stride(from: 0, to: count, by: width) {
          kernel.pack(
            source + first * rowStride, rowStride, depthStride, min(width, count - first), depth, width, panel)
          quantization.panel(panel, depth, panels + first * quantizedLength(depth))
        }
      }
    },
    quantization: quantization)
}

extension KernelTable {
  #if arch(arm64)
    private static let portableRows = 14
  #else
    private static let portableRows = 6
  #endif

  private static let portableFloat = GEMMKernel<Float>(
    rows: portableRows, columns: 8, tile: KernelsPortable.gemmTileFloat, half: KernelsPortable.gemmHalfTileFloat,
    pack: packing(KernelsPortable.transposePanels, columns: 8))
  private static let portable = KernelTable(
    instructionSet: .portable,
    gemmFloat: portableFloat,
    gemmIntegers: integers(
      like: portableFloat, KernelsPortable.integerTile, KernelsPortable.quantizeRows, KernelsPortable.quantizePanel),
    gemmDouble: GEMMKernel(
      rows: portableRows, columns: 4, tile: KernelsPortable.gemmTileDouble, half: KernelsPortable.gemmHalfTileDouble,
      pack: packPanelsDouble),
    transpose: KernelsPortable.transposeMatrix, exponential: KernelsPortable.exponential,
    powerOfTwo: KernelsPortable.powerOfTwo,
    hyperbolicTangent: KernelsPortable.hyperbolicTangent,
    errorFunction: KernelsPortable.errorFunction, silu: KernelsPortable.silu, gelu: KernelsPortable.gelu,
    quickGELU: KernelsPortable.quickGELU, add: KernelsPortable.add, geglu: KernelsPortable.geglu,
    softmax: KernelsPortable.softmax,
    runningSoftmax: KernelsPortable.runningSoftmax, layerNorm: KernelsPortable.layerNorm,
    affine: KernelsPortable.affine, activate: KernelsPortable.activate,
    winograd4: WinogradKernel(
      outputs: 4, stride: 1, input: KernelsPortable.winogradInput4, filter: KernelsPortable.winogradFilter4,
      output: KernelsPortable.winogradOutput4),
    winograd6: WinogradKernel(
      outputs: 6, stride: 1, input: KernelsPortable.winogradInput6, filter: KernelsPortable.winogradFilter6,
      output: KernelsPortable.winogradOutput6),
    winograd4Stride2: WinogradKernel(
      outputs: 4, stride: 2, input: KernelsPortable.winogradInput4Stride2,
      filter: KernelsPortable.winogradFilter4Stride2,
      output: KernelsPortable.winogradOutput4Stride2),
    interpolate: KernelsPortable.interpolate,
    localAffinity: KernelsPortable.localAffinity, averageNeighbours: KernelsPortable.averageNeighbours,
    moments: KernelsPortable.moments,
    halfToFloat: KernelsPortable.halfToFloat,
    brainFloatToFloat: KernelsPortable.brainFloatToFloat, dot: KernelsPortable.dot, axpy: KernelsPortable.axpy,
    basisProducts: KernelsPortable.basisProducts, subtractCombination: KernelsPortable.subtractCombination,
    multiplySymmetric: KernelsPortable.multiplySymmetric, sumPreceding: KernelsPortable.sumPreceding,
    scaledPower: KernelsPortable.scaledPower
  )
}

extension KernelTable {
  private static let avx2Float = GEMMKernel<Float>(
    rows: 6, columns: 16, tile: KernelsAVX2.gemmTileFloat, half: KernelsAVX2.gemmHalfTileFloat,
    pack: packing(KernelsAVX2.transposePanels, columns: 16))
  private static let avx2 = KernelTable(
    instructionSet: .avx2,
    gemmFloat: avx2Float,
    gemmIntegers: integers(
      like: avx2Float, KernelsAVX2.integerTile, KernelsAVX2.quantizeRows, KernelsAVX2.quantizePanel),
    gemmDouble: GEMMKernel(
      rows: 6, columns: 8, tile: KernelsAVX2.gemmTileDouble, half: KernelsAVX2.gemmHalfTileDouble,
      pack: packPanelsDouble),
    transpose: KernelsAVX2.transposeMatrix, exponential: KernelsAVX2.exponential,
    powerOfTwo: KernelsAVX2.powerOfTwo,
    hyperbolicTangent: KernelsAVX2.hyperbolicTangent,
    errorFunction: KernelsAVX2.errorFunction, silu: KernelsAVX2.silu, gelu: KernelsAVX2.gelu,
    quickGELU: KernelsAVX2.quickGELU, add: KernelsAVX2.add, geglu: KernelsAVX2.geglu, softmax: KernelsAVX2.softmax,
    runningSoftmax: KernelsAVX2.runningSoftmax, layerNorm: KernelsAVX2.layerNorm,
    affine: KernelsAVX2.affine, activate: KernelsAVX2.activate,
    winograd4: WinogradKernel(
      outputs: 4, stride: 1, input: KernelsAVX2.winogradInput4, filter: KernelsAVX2.winogradFilter4,
      output: KernelsAVX2.winogradOutput4),
    winograd6: WinogradKernel(
      outputs: 6, stride: 1, input: KernelsAVX2.winogradInput6, filter: KernelsAVX2.winogradFilter6,
      output: KernelsAVX2.winogradOutput6),
    winograd4Stride2: WinogradKernel(
      outputs: 4, stride: 2, input: KernelsAVX2.winogradInput4Stride2, filter: KernelsAVX2.winogradFilter4Stride2,
      output: KernelsAVX2.winogradOutput4Stride2),
    interpolate: KernelsAVX2.interpolate,
    localAffinity: KernelsAVX2.localAffinity, averageNeighbours: KernelsAVX2.averageNeighbours,
    moments: KernelsAVX2.moments,
    halfToFloat: KernelsAVX2.halfToFloat,
    brainFloatToFloat: KernelsAVX2.brainFloatToFloat, dot: KernelsAVX2.dot, axpy: KernelsAVX2.axpy,
    basisProducts: KernelsAVX2.basisProducts, subtractCombination: KernelsAVX2.subtractCombination,
    multiplySymmetric: KernelsAVX2.multiplySymmetric, sumPreceding: KernelsAVX2.sumPreceding,
    scaledPower: KernelsAVX2.scaledPower)
}

extension KernelTable {
  private static let avx512Float = GEMMKernel<Float>(
    rows: 14, columns: 32, tile: KernelsAVX512.gemmTileFloat, half: KernelsAVX512.gemmHalfTileFloat,
    pack: packing(KernelsAVX512.transposePanels, columns: 32))
  private static func avx512Integers(_ tile: @escaping IntegerTile) -> GEMMKernel<Float> {
    integers(like: avx512Float, tile, KernelsAVX512.quantizeRows, KernelsAVX512.quantizePanel)
  }

  /// Every kernel of integers that this processor runs with a set: of two, tables hold the faster.
  package static func integerKernels(of set: InstructionSet) -> [GEMMKernel<Float>] {
    let others = set == .avx512 && InstructionSet.multipliesPairs ? [avx512Integers(KernelsAVX512.integerTile)] : []
    return [table(for: set).gemmIntegers] + others
  }

  private static let avx512 = KernelTable(
    instructionSet: .avx512,
    gemmFloat: avx512Float,
    gemmIntegers: avx512Integers(
      InstructionSet.multipliesPairs ? KernelsVNNI.integerTile : KernelsAVX512.integerTile),
    gemmDouble: GEMMKernel(
      rows: 14, columns: 16, tile: KernelsAVX512.gemmTileDouble, half: KernelsAVX512.gemmHalfTileDouble,
      pack: packPanelsDouble),
    transpose: KernelsAVX512.transposeMatrix, exponential: KernelsAVX512.exponential,
    powerOfTwo: KernelsAVX512.powerOfTwo,
    hyperbolicTangent: KernelsAVX512.hyperbolicTangent,
    errorFunction: KernelsAVX512.errorFunction, silu: KernelsAVX512.silu, gelu: KernelsAVX512.gelu,
    quickGELU: KernelsAVX512.quickGELU, add: KernelsAVX512.add, geglu: KernelsAVX512.geglu,
    softmax: KernelsAVX512.softmax,
    runningSoftmax: KernelsAVX512.runningSoftmax, layerNorm: KernelsAVX512.layerNorm,
    affine: KernelsAVX512.affine, activate: KernelsAVX512.activate,
    winograd4: WinogradKernel(
      outputs: 4, stride: 1, input: KernelsAVX512.winogradInput4, filter: KernelsAVX512.winogradFilter4,
      output: KernelsAVX512.winogradOutput4),
    winograd6: WinogradKernel(
      outputs: 6, stride: 1, input: KernelsAVX512.winogradInput6, filter: KernelsAVX512.winogradFilter6,
      output: KernelsAVX512.winogradOutput6),
    winograd4Stride2: WinogradKernel(
      outputs: 4, stride: 2, input: KernelsAVX512.winogradInput4Stride2, filter: KernelsAVX512.winogradFilter4Stride2,
      output: KernelsAVX512.winogradOutput4Stride2),
    interpolate: KernelsAVX512.interpolate,
    localAffinity: KernelsAVX512.localAffinity, averageNeighbours: KernelsAVX512.averageNeighbours,
    moments: KernelsAVX512.moments,
    halfToFloat: KernelsAVX512.halfToFloat,
    brainFloatToFloat: KernelsAVX512.brainFloatToFloat, dot: KernelsAVX512.dot, axpy: KernelsAVX512.axpy,
    basisProducts: KernelsAVX512.basisProducts, subtractCombination: KernelsAVX512.subtractCombination,
    multiplySymmetric: KernelsAVX512.multiplySymmetric, sumPreceding: KernelsAVX512.sumPreceding,
    scaledPower: KernelsAVX512.scaledPower)
}
