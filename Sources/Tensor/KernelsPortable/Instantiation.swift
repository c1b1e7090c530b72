// SPDX-License-Identifier: Apache-2.0

// Every kernel as a concrete function of this target. The file is one text in three targets: `KernelsAVX2` and
// `KernelsAVX512` link to it, and each says in `Lanes.swift` what F, D, Tile and addPairs are.
import Kernels

public func gemmTileFloat(
  depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
  cStride: Int, accumulate: Bool
) {
  Tile.multiply(F.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate)
}

public func gemmTileDouble(
  depth: Int, a: UnsafePointer<Double>, aStride: Int, b: UnsafePointer<Double>, c: UnsafeMutablePointer<Double>,
  cStride: Int, accumulate: Bool
) {
  Tile.multiply(D.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate)
}

public func gemmHalfTileFloat(
  depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
  cStride: Int, accumulate: Bool
) {
  Tile.multiplyHalf(F.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate)
}

public func gemmHalfTileDouble(
  depth: Int, a: UnsafePointer<Double>, aStride: Int, b: UnsafePointer<Double>, c: UnsafeMutablePointer<Double>,
  cStride: Int, accumulate: Bool
) {
  Tile.multiplyHalf(D.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate)
}

public func transposePanels(
  _ source: UnsafePointer<Float>, rowStride: Int, count: Int, depth: Int, into panels: UnsafeMutablePointer<Float>
) {
  transposePanels(F.self, source, rowStride: rowStride, count: count, depth: depth, into: panels)
}

public func transposeMatrix(
  _ source: UnsafePointer<Float>, rowStride: Int, count: Int, depth: Int, into target: UnsafeMutablePointer<Float>
) {
  transposeMatrix(F.self, source, rowStride: rowStride, count: count, depth: depth, into: target)
}

public func integerTile(
  depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
  cStride: Int, accumulate: Bool
) {
  Tile.multiplyIntegers(
    F.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate,
    addPairs: addPairs)
}

public func quantizeRows(
  _ source: UnsafePointer<Float>, rowStride: Int, count: Int, depth: Int, scratch: UnsafeMutablePointer<Float>,
  into target: UnsafeMutablePointer<Float>, targetStride: Int
) {
  quantizeRows(
    F.self, source, rowStride: rowStride, count: count, depth: depth, scratch: scratch, into: target,
    targetStride: targetStride)
}

public func quantizePanel(
  _ source: UnsafePointer<Float>, depth: Int, scratch: UnsafeMutablePointer<Float>,
  into target: UnsafeMutablePointer<Float>
) {
  quantizePanel(F.self, source, depth: depth, scratch: scratch, into: target)
}

public func exponential(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  mapVectors(F.self, Exponential.self, x, y, count: count)
}

public func powerOfTwo(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  mapVectors(F.self, PowerOfTwo.self, x, y, count: count)
}

public func hyperbolicTangent(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  mapVectors(F.self, HyperbolicTangent.self, x, y, count: count)
}

public func errorFunction(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  mapVectors(F.self, ErrorFunction.self, x, y, count: count)
}

public func silu(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  mapVectors(F.self, SiLU.self, x, y, count: count)
}

public func gelu(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  mapVectors(F.self, GELU.self, x, y, count: count)
}

public func quickGELU(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  mapVectors(F.self, QuickGELU.self, x, y, count: count)
}

public func add(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  addVectors(F.self, x, y, count: count)
}

public func geglu(
  value: UnsafePointer<Float>, gate: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
) {
  gegluRow(F.self, value: value, gate: gate, y, count: count)
}

public func softmax(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, scale: Float) {
  softmaxRow(F.self, x, y, count: count, scale: scale)
}

public func runningSoftmax(
  _ scores: UnsafeMutablePointer<Float>, rows: Int, peaks: UnsafeMutablePointer<Float>,
  sums: UnsafeMutablePointer<Float>, weighted: UnsafeMutablePointer<Float>, channels: Int, scale: Float
) {
  runningSoftmaxPanel(
    F.self, scores, rows: rows, peaks: peaks, sums: sums, weighted: weighted, channels: channels, scale: scale)
}

public func layerNorm(
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, weight: UnsafePointer<Float>,
  bias: UnsafePointer<Float>, epsilon: Float
) {
  layerNormRow(F.self, x, y, count: count, weight: weight, bias: bias, epsilon: epsilon)
}

public func affine(
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, factor: UnsafePointer<Float>,
  addend: UnsafePointer<Float>
) {
  affineRow(F.self, x, y, count: count, factor: factor, addend: addend)
}

public func activate(
  _ x: UnsafePointer<Float>, xStride: Int, pixels: Int, channels: Int, factor: UnsafePointer<Float>?,
  addend: UnsafePointer<Float>?, appliesSiLU: Bool, to y: UnsafeMutablePointer<Float>, yStride: Int
) {
  activatePixels(
    F.self, x, xStride: xStride, pixels: pixels, channels: channels, factor: factor, addend: addend,
    appliesSiLU: appliesSiLU, to: y, yStride: yStride)
}

public func interpolate(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, t: Float
) {
  interpolateRows(F.self, a, b, y, count: count, t: t)
}

public func halfToFloat(_ x: UnsafePointer<UInt16>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  widenHalf(x, y, count: count)
}

public func brainFloatToFloat(_ x: UnsafePointer<UInt16>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  widenBrainFloat(x, y, count: count)
}

public func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, count: Int) -> Double {
  dotDouble(D.self, x, y, count: count)
}

public func axpy(_ alpha: Double, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, count: Int) {
  axpyDouble(D.self, alpha, x, y, count: count)
}

public func basisProducts(
  _ rows: UnsafePointer<Double>, rows count: Int, length: Int, _ x: UnsafePointer<Double>,
  _ c: UnsafeMutablePointer<Double>
) {
  basisProductRows(D.self, rows, rows: count, length: length, x, c)
}

public func subtractCombination(
  _ rows: UnsafePointer<Double>, rows count: Int, length: Int, _ c: UnsafePointer<Double>,
  _ x: UnsafeMutablePointer<Double>
) {
  subtractCombinationOfRows(D.self, rows, rows: count, length: length, c, x)
}

/// See `multiplySymmetricGroups`.
public func multiplySymmetric(
  _ w: UnsafePointer<Float>, first: Int, last: Int, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>
) {
  multiplySymmetricGroups(D.self, w, first: first, last: last, x, y)
}

/// See `sumPrecedingGroups`.
public func sumPreceding(
  _ w: UnsafePointer<Float>, groups: Int, _ keys: UnsafePointer<Double>, _ sums: UnsafeMutablePointer<Double>
) {
  sumPrecedingGroups(D.self, w, groups: groups, keys, sums)
}

public func scaledPower(
  _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Float>, count: Int, minimum: Double, range: Double,
  floor: Double, exponent: Int
) {
  scaledPowerRow(x, y, count: count, minimum: minimum, range: range, floor: floor, exponent: exponent)
}

public func moments(
  _ x: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Double>, _ squares: UnsafeMutablePointer<Double>, count: Int
) {
  addMoments(x, sums: sums, squares: squares, count: count)
}

public func winogradInput4(
  _ d: UnsafePointer<Float>, rowStride: Int, pixelStride: Int, channels: Int, scratch: UnsafeMutablePointer<Float>,
  to v: UnsafeMutablePointer<Float>, planeStride: Int
) {
  winogradInput(
    WinogradTile4.self, F.self, d, rowStride: rowStride, pixelStride: pixelStride, channels: channels,
    scratch: scratch, to: v, planeStride: planeStride)
}

public func winogradFilter4(
  _ g: UnsafePointer<Float>, outputs: Int, scratch: UnsafeMutablePointer<Float>, to u: UnsafeMutablePointer<Float>,
  planeStride: Int
) {
  winogradFilter(
    WinogradTile4.self, F.self, g, outputs: outputs, scratch: scratch, to: u, planeStride: planeStride)
}

public func winogradOutput4(
  _ m: UnsafePointer<Float>, planeStride: Int, channels: Int, scratch: UnsafeMutablePointer<Float>,
  bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?, to y: UnsafeMutablePointer<Float>, rowStride: Int,
  pixelStride: Int, rows: Int, columns: Int
) {
  winogradOutput(
    WinogradTile4.self, F.self, m, planeStride: planeStride, channels: channels, scratch: scratch, bias: bias,
    addend: addend, to: y, rowStride: rowStride, pixelStride: pixelStride, rows: rows, columns: columns)
}

public func winogradInput6(
  _ d: UnsafePointer<Float>, rowStride: Int, pixelStride: Int, channels: Int, scratch: UnsafeMutablePointer<Float>,
  to v: UnsafeMutablePointer<Float>, planeStride: Int
) {
  winogradInput(
    WinogradTile6.self, F.self, d, rowStride: rowStride, pixelStride: pixelStride, channels: channels,
    scratch: scratch, to: v, planeStride: planeStride)
}

public func winogradFilter6(
  _ g: UnsafePointer<Float>, outputs: Int, scratch: UnsafeMutablePointer<Float>, to u: UnsafeMutablePointer<Float>,
  planeStride: Int
) {
  winogradFilter(
    WinogradTile6.self, F.self, g, outputs: outputs, scratch: scratch, to: u, planeStride: planeStride)
}

public func winogradOutput6(
  _ m: UnsafePointer<Float>, planeStride: Int, channels: Int, scratch: UnsafeMutablePointer<Float>,
  bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?, to y: UnsafeMutablePointer<Float>, rowStride: Int,
  pixelStride: Int, rows: Int, columns: Int
) {
  winogradOutput(
    WinogradTile6.self, F.self, m, planeStride: planeStride, channels: channels, scratch: scratch, bias: bias,
    addend: addend, to: y, rowStride: rowStride, pixelStride: pixelStride, rows: rows, columns: columns)
}

public func winogradInput4Stride2(
  _ d: UnsafePointer<Float>, rowStride: Int, pixelStride: Int, channels: Int, scratch: UnsafeMutablePointer<Float>,
  to v: UnsafeMutablePointer<Float>, planeStride: Int
) {
  winogradInput(
    WinogradTile4Stride2.self, F.self, d, rowStride: rowStride, pixelStride: pixelStride, channels: channels,
    scratch: scratch, to: v, planeStride: planeStride)
}

public func winogradFilter4Stride2(
  _ g: UnsafePointer<Float>, outputs: Int, scratch: UnsafeMutablePointer<Float>, to u: UnsafeMutablePointer<Float>,
  planeStride: Int
) {
  winogradFilter(
    WinogradTile4Stride2.self, F.self, g, outputs: outputs, scratch: scratch, to: u, planeStride: planeStride)
}

public func winogradOutput4Stride2(
  _ m: UnsafePointer<Float>, planeStride: Int, channels: Int, scratch: UnsafeMutablePointer<Float>,
  bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?, to y: UnsafeMutablePointer<Float>, rowStride: Int,
  pixelStride: Int, rows: Int, columns: Int
) {
  winogradOutput(
    WinogradTile4Stride2.self, F.self, m, planeStride: planeStride, channels: channels, scratch: scratch, bias: bias,
    addend: addend, to: y, rowStride: rowStride, pixelStride: pixelStride, rows: rows, columns: columns)
}

public func localAffinity(
  _ image: UnsafePointer<Float>, planeStride: Int, row: Int, offsets: UnsafePointer<Int>, taps: Int, epsilon: Float,
  to weights: UnsafeMutablePointer<Float>
) {
  localAffinity(
    F.self, image, planeStride: planeStride, row: row, offsets: offsets, taps: taps, epsilon: epsilon, to: weights)
}

public func averageNeighbours(
  weights: UnsafePointer<Float>, offsets: UnsafePointer<Int>, taps: Int, sources: UnsafePointer<UnsafePointer<Float>>,
  targets: UnsafePointer<UnsafeMutablePointer<Float>>, masks: Int, row: Int, floor: Float,
  peaks: UnsafeMutablePointer<Float>
) {
  averageNeighbours(
    F.self, weights: weights, offsets: offsets, taps: taps, sources: sources, targets: targets, masks: masks, row: row,
    floor: floor, peaks: peaks)
}
