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
    let v = rest >= lanes ? load(x + i, as: V.self) : load(x + i, count: rest, fill: -.infinity, as: V.self)
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
    if rest >= lanes {
      let e = exponential(A.self, (load(x + i, as: V.self) - V(repeating: peak)) * V(repeating: scale))
      store(e, to: y + i)
      sums += e
    } else {
      let v = load(x + i, count: rest, fill: -.infinity, as: V.self)
      let e = exponential(A.self, (v - V(repeating: peak)) * V(repeating: scale))
      store(e, count: rest, to: y + i)
      sums += e
    }
    i &+= lanes
  }
  let factor = V(repeating: Float(1 / orderedSum(A.self, sums)))
  i = 0
  while i < count {
    let rest = count &- i
    if rest >= lanes {
      store(load(y + i, as: V.self) * factor, to: y + i)
    } else {
      store(load(y + i, count: rest, fill: 0, as: V.self) * factor, count: rest, to: y + i)
    }
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
    sums += rest >= lanes ? load(x + i, as: V.self) : load(x + i, count: rest, fill: 0, as: V.self)
    i &+= lanes
  }
  let mean = Float(orderedSum(A.self, sums) / Double(count))
  var squares = V.zero
  i = 0
  while i < count {
    let rest = count &- i
    let v = rest >= lanes ? load(x + i, as: V.self) : load(x + i, count: rest, fill: mean, as: V.self)
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
    if rest >= lanes {
      let normal = (load(x + i, as: V.self) - V(repeating: mean)) * V(repeating: scale)
      store(A.multiplyAdd(normal, load(weight + i, as: V.self), load(bias + i, as: V.self)), to: y + i)
    } else {
      let normal = (load(x + i, count: rest, fill: 0, as: V.self) - V(repeating: mean)) * V(repeating: scale)
      let w = load(weight + i, count: rest, fill: 0, as: V.self)
      let b = load(bias + i, count: rest, fill: 0, as: V.self)
      store(A.multiplyAdd(normal, w, b), count: rest, to: y + i)
    }
    i &+= lanes
  }
}

/// y = x · factor + addend, element by element: a normalisation whose statistics are folded into two vectors.
@_alwaysEmitIntoClient @inline(__always)
public func affineRow<A: FloatArithmetic>(
  _: A.Type, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, factor: UnsafePointer<Float>,
  addend: UnsafePointer<Float>
) {
  typealias V = A.Vector
  let lanes = A.lanes
  var i = 0
  while i < count {
    let rest = count &- i
    if rest >= lanes {
      store(
        A.multiplyAdd(load(x + i, as: V.self), load(factor + i, as: V.self), load(addend + i, as: V.self)), to: y + i)
    } else {
      let v = load(x + i, count: rest, fill: 0, as: V.self)
      let f = load(factor + i, count: rest, fill: 0, as: V.self)
      let a = load(addend + i, count: rest, fill: 0, as: V.self)
      store(A.multiplyAdd(v, f, a), count: rest, to: y + i)
    }
    i &+= lanes
  }
}

/// y = a + t · (b − a): one row of a bilinear resampling from its two source rows.
@_alwaysEmitIntoClient @inline(__always)
public func interpolateRows<A: FloatArithmetic>(
  _: A.Type, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int,
  t: Float
) {
  typealias V = A.Vector
  let lanes = A.lanes
  let weight = V(repeating: t)
  var i = 0
  while i < count {
    let rest = count &- i
    if rest >= lanes {
      let first = load(a + i, as: V.self)
      store(A.multiplyAdd(weight, load(b + i, as: V.self) - first, first), to: y + i)
    } else {
      let first = load(a + i, count: rest, fill: 0, as: V.self)
      let second = load(b + i, count: rest, fill: 0, as: V.self)
      store(A.multiplyAdd(weight, second - first, first), count: rest, to: y + i)
    }
    i &+= lanes
  }
}

/// y = value · gelu(gate): the two halves of a GEGLU row.
@_alwaysEmitIntoClient @inline(__always)
public func gegluRow<A: FloatArithmetic>(
  _: A.Type, value: UnsafePointer<Float>, gate: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
) {
  typealias V = A.Vector
  let lanes = A.lanes
  var i = 0
  while i < count {
    let rest = count &- i
    if rest >= lanes {
      store(load(value + i, as: V.self) * gelu(A.self, load(gate + i, as: V.self)), to: y + i)
    } else {
      let v = load(value + i, count: rest, fill: 0, as: V.self)
      let g = load(gate + i, count: rest, fill: 0, as: V.self)
      store(v * gelu(A.self, g), count: rest, to: y + i)
    }
    i &+= lanes
  }
}
