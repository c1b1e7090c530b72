// SPDX-License-Identifier: Apache-2.0

// Double-precision kernels of the graph stage. An affinity is stored in single precision (the reference rounds it so)
// and read into double.

extension KernelSet where D: DoubleArithmetic {
  /// Four vector accumulators.
  @_alwaysEmitIntoClient @inline(__always)
  public static func dot(
    _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, count: Int
  ) -> Double {
    typealias V = D.Vector
    let lanes = D.lanes
    var (s0, s1, s2, s3) = (V.zero, V.zero, V.zero, V.zero)
    var i = 0
    while i &+ 4 &* lanes <= count {
      s0 = D.multiplyAdd(load(x + i, as: V.self), load(y + i, as: V.self), s0)
      s1 = D.multiplyAdd(load(x + i + lanes, as: V.self), load(y + i + lanes, as: V.self), s1)
      s2 = D.multiplyAdd(load(x + i + 2 &* lanes, as: V.self), load(y + i + 2 &* lanes, as: V.self), s2)
      s3 = D.multiplyAdd(load(x + i + 3 &* lanes, as: V.self), load(y + i + 3 &* lanes, as: V.self), s3)
      i &+= 4 &* lanes
    }
    while i &+ lanes <= count {
      s0 = D.multiplyAdd(load(x + i, as: V.self), load(y + i, as: V.self), s0)
      i &+= lanes
    }
    var sum = laneSum(D.self, (s0 + s1) + (s2 + s3))
    while i < count {
      sum += x[i] * y[i]
      i &+= 1
    }
    return sum
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func axpy(
    _ alpha: Double, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, count: Int
  ) {
    addMultiple(D.self, alpha, x, y, count: count)
  }
}

@_alwaysEmitIntoClient @_transparent
func laneSum<A: DoubleArithmetic>(_: A.Type, _ v: A.Vector) -> Double {
  var sum = 0.0
  var lane = 0
  while lane < A.lanes {
    sum += v[lane]
    lane &+= 1
  }
  return sum
}

/// y ← y + alpha·x.
@_alwaysEmitIntoClient @inline(__always)
func addMultiple<A: DoubleArithmetic>(
  _: A.Type, _ alpha: Double, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, count: Int
) {
  typealias V = A.Vector
  let lanes = A.lanes
  let factor = V(repeating: alpha)
  var i = 0
  while i &+ lanes <= count {
    store(A.multiplyAdd(factor, load(x + i, as: V.self), load(y + i, as: V.self)), to: y + i)
    i &+= lanes
  }
  while i < count {
    y[i] += alpha * x[i]
    i &+= 1
  }
}

extension KernelSet where D: DoubleArithmetic {
  /// Four rows at a time: x is then read once for four products.
  @_alwaysEmitIntoClient @inline(__always)
  public static func basisProducts(
    _ rows: UnsafePointer<Double>, rows count: Int, length: Int, _ x: UnsafePointer<Double>,
    _ c: UnsafeMutablePointer<Double>
  ) {
    typealias V = D.Vector
    let lanes = D.lanes
    var r = 0
    while r &+ 4 <= count {
      let a0 = rows + r &* length
      let (a1, a2, a3) = (a0 + length, a0 + 2 &* length, a0 + 3 &* length)
      var (s0, s1, s2, s3) = (V.zero, V.zero, V.zero, V.zero)
      var (t0, t1, t2, t3) = (V.zero, V.zero, V.zero, V.zero)
      var i = 0
      while i &+ 2 &* lanes <= length {
        let u = load(x + i, as: V.self)
        let v = load(x + i + lanes, as: V.self)
        s0 = D.multiplyAdd(load(a0 + i, as: V.self), u, s0)
        s1 = D.multiplyAdd(load(a1 + i, as: V.self), u, s1)
        s2 = D.multiplyAdd(load(a2 + i, as: V.self), u, s2)
        s3 = D.multiplyAdd(load(a3 + i, as: V.self), u, s3)
        t0 = D.multiplyAdd(load(a0 + i + lanes, as: V.self), v, t0)
        t1 = D.multiplyAdd(load(a1 + i + lanes, as: V.self), v, t1)
        t2 = D.multiplyAdd(load(a2 + i + lanes, as: V.self), v, t2)
        t3 = D.multiplyAdd(load(a3 + i + lanes, as: V.self), v, t3)
        i &+= 2 &* lanes
      }
      c[r] = laneSum(D.self, s0 + t0) + shortDot(a0 + i, x + i, count: length &- i)
      c[r &+ 1] = laneSum(D.self, s1 + t1) + shortDot(a1 + i, x + i, count: length &- i)
      c[r &+ 2] = laneSum(D.self, s2 + t2) + shortDot(a2 + i, x + i, count: length &- i)
      c[r &+ 3] = laneSum(D.self, s3 + t3) + shortDot(a3 + i, x + i, count: length &- i)
      r &+= 4
    }
    while r < count {
      let a = rows + r &* length
      var (s, t) = (V.zero, V.zero)
      var i = 0
      while i &+ 2 &* lanes <= length {
        s = D.multiplyAdd(load(a + i, as: V.self), load(x + i, as: V.self), s)
        t = D.multiplyAdd(load(a + i + lanes, as: V.self), load(x + i + lanes, as: V.self), t)
        i &+= 2 &* lanes
      }
      c[r] = laneSum(D.self, s + t) + shortDot(a + i, x + i, count: length &- i)
      r &+= 1
    }
  }
}

/// The rest of a row that does not fill two vectors.
@_alwaysEmitIntoClient @_transparent
func shortDot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, count: Int) -> Double {
  var sum = 0.0
  var i = 0
  while i < count {
    sum += x[i] * y[i]
    i &+= 1
  }
  return sum
}

extension KernelSet where D: DoubleArithmetic {
  /// Four rows at a time: x is then read and written once for four of them.
  @_alwaysEmitIntoClient @inline(__always)
  public static func subtractCombination(
    _ rows: UnsafePointer<Double>, rows count: Int, length: Int, _ c: UnsafePointer<Double>,
    _ x: UnsafeMutablePointer<Double>
  ) {
    typealias V = D.Vector
    let lanes = D.lanes
    var r = 0
    while r &+ 4 <= count {
      let a0 = rows + r &* length
      let (a1, a2, a3) = (a0 + length, a0 + 2 &* length, a0 + 3 &* length)
      let (c0, c1, c2, c3) = (-c[r], -c[r &+ 1], -c[r &+ 2], -c[r &+ 3])
      let (v0, v1, v2, v3) = (V(repeating: c0), V(repeating: c1), V(repeating: c2), V(repeating: c3))
      var i = 0
      while i &+ lanes <= length {
        var sum = D.multiplyAdd(v0, load(a0 + i, as: V.self), load(x + i, as: V.self))
        sum = D.multiplyAdd(v1, load(a1 + i, as: V.self), sum)
        sum = D.multiplyAdd(v2, load(a2 + i, as: V.self), sum)
        sum = D.multiplyAdd(v3, load(a3 + i, as: V.self), sum)
        store(sum, to: x + i)
        i &+= lanes
      }
      while i < length {
        x[i] = (((x[i] + c0 * a0[i]) + c1 * a1[i]) + c2 * a2[i]) + c3 * a3[i]
        i &+= 1
      }
      r &+= 4
    }
    while r < count {
      addMultiple(D.self, -c[r], rows + r &* length, x, count: length)
      r &+= 1
    }
  }
}

extension KernelSet {
  /// The power multiplies by squares over the bits of `exponent`, all lanes alike.
  @_alwaysEmitIntoClient @inline(__always)
  public static func scaledPower(
    _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Float>, count: Int, minimum: Double, range: Double,
    floor: Double, exponent: Int
  ) {
    var i = 0
    while i &+ 8 <= count {
      var scaled = (load(x + i, as: SIMD8<Double>.self) - minimum) / range
      scaled.replace(with: floor, where: scaled .< floor)
      let rounded = SIMD8<Float>(
        Float(scaled[0]), Float(scaled[1]), Float(scaled[2]), Float(scaled[3]), Float(scaled[4]), Float(scaled[5]),
        Float(scaled[6]), Float(scaled[7]))
      var base = SIMD8<Double>(
        Double(rounded[0]), Double(rounded[1]), Double(rounded[2]), Double(rounded[3]), Double(rounded[4]),
        Double(rounded[5]), Double(rounded[6]), Double(rounded[7]))
      var power = SIMD8<Double>(repeating: 1)
      var bits = exponent
      while bits > 0 {
        if bits & 1 == 1 { power *= base }
        base *= base
        bits &>>= 1
      }
      let result = SIMD8<Float>(
        Float(power[0]), Float(power[1]), Float(power[2]), Float(power[3]), Float(power[4]), Float(power[5]),
        Float(power[6]), Float(power[7]))
      store(result, to: y + i)
      i &+= 8
    }
    while i < count {
      let scaled = (x[i] - minimum) / range
      var base = Double(Float(scaled < floor ? floor : scaled))
      var power = 1.0
      var bits = exponent
      while bits > 0 {
        if bits & 1 == 1 { power *= base }
        base *= base
        bits &>>= 1
      }
      y[i] = Float(power)
      i &+= 1
    }
  }
}
