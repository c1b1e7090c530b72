// SPDX-License-Identifier: Apache-2.0

// Kernels over one row: softmax and normalisation. Sums run over lanes in a fixed pattern (lane j takes elements j,
// j + lanes, …; lanes are then added in order), so a result depends on the instruction set and on nothing else.

/// The lanes added from first to last, in Double.
@_alwaysEmitIntoClient @_transparent
func orderedSum<A: FloatArithmetic>(_: A.Type, _ v: A.Vector) -> Double {
  var sum = 0.0
  var lane = 0
  while lane < A.lanes {
    sum += Double(v[lane])
    lane &+= 1
  }
  return sum
}

/// y[i] = e^{scale·(x[i] − max x)} / Σ. A row with a NaN, with +∞ or with only −∞ becomes NaN.
///
/// Subtracting the maximum changes nothing but the range: every exponent is at most 0. `x` and `y` may be the same memory.
@_alwaysEmitIntoClient @inline(__always)
public func softmaxRow<A: FloatArithmetic>(
  _: A.Type, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, scale: Float
) {
  typealias V = A.Vector
  let lanes = A.lanes
  var peaks = V(repeating: -.infinity)
  var i = 0
  while i < count {
    let rest = count &- i
    let v = load(A.self, x + i, upTo: rest, fill: -.infinity)
    peaks = A.maximum(v, peaks)
    i &+= lanes
  }
  var peak = -Float.infinity
  var lane = 0
  while lane < lanes {
    if !(peaks[lane] <= peak) { peak = peaks[lane] }
    lane &+= 1
  }
  var sums = V.zero
  i = 0
  while i < count {
    let rest = count &- i
    let v = load(A.self, x + i, upTo: rest, fill: -.infinity)
    let e = exponential(A.self, (v - V(repeating: peak)) * V(repeating: scale))
    store(A.self, e, upTo: rest, to: y + i)
    sums += e
    i &+= lanes
  }
  let factor = V(repeating: Float(1 / orderedSum(A.self, sums)))
  i = 0
  while i < count {
    let rest = count &- i
    store(A.self, load(A.self, y + i, upTo: rest, fill: 0) * factor, upTo: rest, to: y + i)
    i &+= lanes
  }
}

/// Σ x and Σ (x − mean)² of one row in two passes: the one-pass form Σx² − n·mean² cancels.
@_alwaysEmitIntoClient @_transparent
func rowMoments<A: FloatArithmetic>(
  _: A.Type, _ x: UnsafePointer<Float>, count: Int
) -> (mean: Float, variance: Float) {
  typealias V = A.Vector
  let lanes = A.lanes
  var sums = V.zero
  var i = 0
  while i < count {
    let rest = count &- i
    sums += load(A.self, x + i, upTo: rest, fill: 0)
    i &+= lanes
  }
  let mean = Float(orderedSum(A.self, sums) / Double(count))
  var squares = V.zero
  i = 0
  while i < count {
    let rest = count &- i
    let v = load(A.self, x + i, upTo: rest, fill: mean)
    let deviation = v - V(repeating: mean)
    squares = A.multiplyAdd(deviation, deviation, squares)
    i &+= lanes
  }
  return (mean, Float(orderedSum(A.self, squares) / Double(count)))
}

/// y = (x − mean) / √(variance + epsilon) · weight + bias over one row, the biased variance as torch's LayerNorm takes it.
///
/// `x` and `y` may be the same memory.
@_alwaysEmitIntoClient @inline(__always)
public func layerNormRow<A: FloatArithmetic>(
  _: A.Type, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, weight: UnsafePointer<Float>,
  bias: UnsafePointer<Float>, epsilon: Float
) {
  let (mean, variance) = rowMoments(A.self, x, count: count)
  let scale = 1 / (variance + epsilon).squareRoot()
  scaleAndShiftRow(A.self, x, y, count: count, mean: mean, scale: scale, weight: weight, bias: bias)
}

/// y = ((x − mean) · scale) · weight + bias.
@_alwaysEmitIntoClient @_transparent
func scaleAndShiftRow<A: FloatArithmetic>(
  _: A.Type, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, mean: Float, scale: Float,
  weight: UnsafePointer<Float>, bias: UnsafePointer<Float>
) {
  typealias V = A.Vector
  let lanes = A.lanes
  var i = 0
  while i < count {
    let rest = count &- i
    let normal = (load(A.self, x + i, upTo: rest, fill: 0) - V(repeating: mean)) * V(repeating: scale)
    let w = load(A.self, weight + i, upTo: rest, fill: 0)
    let b = load(A.self, bias + i, upTo: rest, fill: 0)
    store(A.self, A.multiplyAdd(normal, w, b), upTo: rest, to: y + i)
    i &+= lanes
  }
}

/// y = x · factor + addend, element by element: a normalisation whose statistics are folded into two vectors.
@_alwaysEmitIntoClient @inline(__always)
public func affineRow<A: FloatArithmetic>(
  _: A.Type, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, factor: UnsafePointer<Float>,
  addend: UnsafePointer<Float>
) {
  var i = 0
  while i < count {
    let rest = count &- i
    let v = load(A.self, x + i, upTo: rest, fill: 0)
    let f = load(A.self, factor + i, upTo: rest, fill: 0)
    let a = load(A.self, addend + i, upTo: rest, fill: 0)
    store(A.self, A.multiplyAdd(v, f, a), upTo: rest, to: y + i)
    i &+= A.lanes
  }
}

/// y = f(x · factor + addend) for every channel of a run of pixels, f the identity or SiLU.
///
/// - Shapes: `x` [pixels, channels], rows `xStride` apart; `y` likewise, filled up with zeros to the width `yStride`.
/// - Parameter factor: [channels]; nil copies `x`.
@_alwaysEmitIntoClient @inline(__always)
public func activatePixels<A: FloatArithmetic>(
  _: A.Type, _ x: UnsafePointer<Float>, xStride: Int, pixels: Int, channels: Int, factor: UnsafePointer<Float>?,
  addend: UnsafePointer<Float>?, appliesSiLU: Bool, to y: UnsafeMutablePointer<Float>, yStride: Int
) {
  var pixel = 0
  while pixel < pixels {
    let (source, target) = (x + pixel &* xStride, y + pixel &* yStride)
    var i = 0
    while i < yStride {
      let rest = channels &- i
      var v = load(A.self, source + i, upTo: rest, fill: 0)
      if let factor, let addend {
        let f = load(A.self, factor + i, upTo: rest, fill: 0)
        v = A.multiplyAdd(v, f, load(A.self, addend + i, upTo: rest, fill: 0))
      }
      if appliesSiLU { v = silu(A.self, v) }
      store(A.self, v, upTo: yStride &- i, to: target + i)
      i &+= A.lanes
    }
    pixel &+= 1
  }
}

/// y = a + t · (b − a): one row of a bilinear resampling from its two source rows.
@_alwaysEmitIntoClient @inline(__always)
public func interpolateRows<A: FloatArithmetic>(
  _: A.Type, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int,
  t: Float
) {
  let weight = A.Vector(repeating: t)
  var i = 0
  while i < count {
    let rest = count &- i
    let first = load(A.self, a + i, upTo: rest, fill: 0)
    let second = load(A.self, b + i, upTo: rest, fill: 0)
    store(A.self, A.multiplyAdd(weight, second - first, first), upTo: rest, to: y + i)
    i &+= A.lanes
  }
}

/// y = value · gelu(gate): the two halves of a GEGLU row.
@_alwaysEmitIntoClient @inline(__always)
public func gegluRow<A: FloatArithmetic>(
  _: A.Type, value: UnsafePointer<Float>, gate: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
) {
  var i = 0
  while i < count {
    let rest = count &- i
    let v = load(A.self, value + i, upTo: rest, fill: 0)
    let g = load(A.self, gate + i, upTo: rest, fill: 0)
    store(A.self, v * gelu(A.self, g), upTo: rest, to: y + i)
    i &+= A.lanes
  }
}
