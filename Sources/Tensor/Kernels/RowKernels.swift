// SPDX-License-Identifier: Apache-2.0

// Kernels over one row: softmax and normalization. Sums run over lanes in a fixed pattern (lane j takes elements j,
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

extension KernelSet where F: FloatArithmetic {
  @_alwaysEmitIntoClient @inline(__always)
  public static func softmax(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, scale: Float
  ) {
    typealias V = F.Vector
    let lanes = F.lanes
    var peaks = V(repeating: -.infinity)
    var i = 0
    while i < count {
      let rest = count &- i
      let v = load(F.self, x + i, upTo: rest, fill: -.infinity)
      peaks = F.maximum(v, peaks)
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
      let v = load(F.self, x + i, upTo: rest, fill: -.infinity)
      let e = Kernels.exponential(F.self, (v - V(repeating: peak)) * V(repeating: scale))
      store(F.self, e, upTo: rest, to: y + i)
      sums += e
      i &+= lanes
    }
    let factor = V(repeating: Float(1 / orderedSum(F.self, sums)))
    i = 0
    while i < count {
      let rest = count &- i
      store(F.self, load(F.self, y + i, upTo: rest, fill: 0) * factor, upTo: rest, to: y + i)
      i &+= lanes
    }
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

extension KernelSet where F: FloatArithmetic {
  @_alwaysEmitIntoClient @inline(__always)
  public static func layerNorm(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, epsilon: Float
  ) {
    let (mean, variance) = rowMoments(F.self, x, count: count)
    let scale = 1 / squareRoot(variance + epsilon)
    scaleAndShiftRow(F.self, x, y, count: count, mean: mean, scale: scale, weight: weight, bias: bias)
  }
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

extension KernelSet where F: FloatArithmetic {
  @_alwaysEmitIntoClient @inline(__always)
  public static func activate(
    _ x: UnsafePointer<Float>, xStride: Int, pixels: Int, channels: Int, factor: UnsafePointer<Float>?,
    addend: UnsafePointer<Float>?, appliesSiLU: Bool, to y: UnsafeMutablePointer<Float>, yStride: Int
  ) {
    var pixel = 0
    while pixel < pixels {
      let (source, target) = (x + pixel &* xStride, y + pixel &* yStride)
      var i = 0
      while i < yStride {
        let rest = channels &- i
        var v = load(F.self, source + i, upTo: rest, fill: 0)
        if let factor, let addend {
          let f = load(F.self, factor + i, upTo: rest, fill: 0)
          v = F.multiplyAdd(v, f, load(F.self, addend + i, upTo: rest, fill: 0))
        }
        if appliesSiLU { v = Kernels.silu(F.self, v) }
        store(F.self, v, upTo: yStride &- i, to: target + i)
        i &+= F.lanes
      }
      pixel &+= 1
    }
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func interpolate(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int,
    t: Float
  ) {
    let weight = F.Vector(repeating: t)
    var i = 0
    while i < count {
      let rest = count &- i
      let first = load(F.self, a + i, upTo: rest, fill: 0)
      let second = load(F.self, b + i, upTo: rest, fill: 0)
      store(F.self, F.multiplyAdd(weight, second - first, first), upTo: rest, to: y + i)
      i &+= F.lanes
    }
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func geglu(
    value: UnsafePointer<Float>, gate: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
  ) {
    gateVectors(F.self, GELU.self, value: value, gate: gate, y, count: count)
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func swiglu(
    gate: UnsafePointer<Float>, value: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
  ) {
    gateVectors(F.self, SiLU.self, value: value, gate: gate, y, count: count)
  }
}

/// y[i] = value[i] · Function(gate[i]).
@_alwaysEmitIntoClient @inline(__always)
func gateVectors<A: FloatArithmetic, Function: FloatFunction>(
  _: A.Type, _: Function.Type, value: UnsafePointer<Float>, gate: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>, count: Int
) {
  var i = 0
  while i < count {
    let rest = count &- i
    let v = load(A.self, value + i, upTo: rest, fill: 0)
    let g = load(A.self, gate + i, upTo: rest, fill: 0)
    store(A.self, v * Function.apply(A.self, g), upTo: rest, to: y + i)
    i &+= A.lanes
  }
}
