// SPDX-License-Identifier: Apache-2.0

// Double-precision kernels of the graph stage. An affinity is stored in single precision (the reference rounds it so)
// and read into double.

/// xᵀy: four vector accumulators, combined in a fixed order.
@_alwaysEmitIntoClient @inline(__always)
public func dotDouble<A: DoubleArithmetic>(
  _: A.Type, _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, count: Int
) -> Double {
  typealias V = A.Vector
  let lanes = A.lanes
  var (s0, s1, s2, s3) = (V.zero, V.zero, V.zero, V.zero)
  var i = 0
  while i &+ 4 &* lanes <= count {
    s0 = A.multiplyAdd(load(x + i, as: V.self), load(y + i, as: V.self), s0)
    s1 = A.multiplyAdd(load(x + i + lanes, as: V.self), load(y + i + lanes, as: V.self), s1)
    s2 = A.multiplyAdd(load(x + i + 2 &* lanes, as: V.self), load(y + i + 2 &* lanes, as: V.self), s2)
    s3 = A.multiplyAdd(load(x + i + 3 &* lanes, as: V.self), load(y + i + 3 &* lanes, as: V.self), s3)
    i &+= 4 &* lanes
  }
  while i &+ lanes <= count {
    s0 = A.multiplyAdd(load(x + i, as: V.self), load(y + i, as: V.self), s0)
    i &+= lanes
  }
  var sum = laneSum(A.self, (s0 + s1) + (s2 + s3))
  while i < count {
    sum += x[i] * y[i]
    i &+= 1
  }
  return sum
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
public func axpyDouble<A: DoubleArithmetic>(
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

/// y ← y + alpha·x for a single-precision row x.
@_alwaysEmitIntoClient @inline(__always)
public func axpyWidening<A: DoubleArithmetic>(
  _: A.Type, _ alpha: Double, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Double>, count: Int
) {
  typealias V = A.Vector
  let lanes = A.lanes
  let factor = V(repeating: alpha)
  var i = 0
  while i &+ lanes <= count {
    store(A.multiplyAdd(factor, A.widen(load(x + i, as: A.Narrow.self)), load(y + i, as: V.self)), to: y + i)
    i &+= lanes
  }
  while i < count {
    y[i] += alpha * Double(x[i])
    i &+= 1
  }
}

/// y[r] = Σ_j a[r, j]·x[j] for four rows of a single-precision matrix at once: x is then read once for four products.
///
/// Every row sums in the same order whatever block it falls in.
@_alwaysEmitIntoClient @inline(__always)
public func multiplyFourRows<A: DoubleArithmetic>(
  _: A.Type, _ a: UnsafePointer<Float>, rowStride: Int, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>,
  count: Int
) {
  typealias V = A.Vector
  let lanes = A.lanes
  let (a0, a1, a2, a3) = (a, a + rowStride, a + 2 &* rowStride, a + 3 &* rowStride)
  var (s0, s1, s2, s3) = (V.zero, V.zero, V.zero, V.zero)
  var (t0, t1, t2, t3) = (V.zero, V.zero, V.zero, V.zero)
  var i = 0
  while i &+ 2 &* lanes <= count {
    let u = load(x + i, as: V.self)
    let v = load(x + i + lanes, as: V.self)
    s0 = A.multiplyAdd(A.widen(load(a0 + i, as: A.Narrow.self)), u, s0)
    s1 = A.multiplyAdd(A.widen(load(a1 + i, as: A.Narrow.self)), u, s1)
    s2 = A.multiplyAdd(A.widen(load(a2 + i, as: A.Narrow.self)), u, s2)
    s3 = A.multiplyAdd(A.widen(load(a3 + i, as: A.Narrow.self)), u, s3)
    t0 = A.multiplyAdd(A.widen(load(a0 + i + lanes, as: A.Narrow.self)), v, t0)
    t1 = A.multiplyAdd(A.widen(load(a1 + i + lanes, as: A.Narrow.self)), v, t1)
    t2 = A.multiplyAdd(A.widen(load(a2 + i + lanes, as: A.Narrow.self)), v, t2)
    t3 = A.multiplyAdd(A.widen(load(a3 + i + lanes, as: A.Narrow.self)), v, t3)
    i &+= 2 &* lanes
  }
  var (r0, r1, r2, r3) = (
    laneSum(A.self, s0 + t0), laneSum(A.self, s1 + t1), laneSum(A.self, s2 + t2), laneSum(A.self, s3 + t3)
  )
  while i < count {
    let v = x[i]
    r0 += Double(a0[i]) * v
    r1 += Double(a1[i]) * v
    r2 += Double(a2[i]) * v
    r3 += Double(a3[i]) * v
    i &+= 1
  }
  y[0] = r0
  y[1] = r1
  y[2] = r2
  y[3] = r3
}

/// The same for one row; rows past the last block of four take it.
@_alwaysEmitIntoClient @inline(__always)
public func multiplyOneRow<A: DoubleArithmetic>(
  _: A.Type, _ a: UnsafePointer<Float>, _ x: UnsafePointer<Double>, count: Int
) -> Double {
  typealias V = A.Vector
  let lanes = A.lanes
  var (s, t) = (V.zero, V.zero)
  var i = 0
  while i &+ 2 &* lanes <= count {
    s = A.multiplyAdd(A.widen(load(a + i, as: A.Narrow.self)), load(x + i, as: V.self), s)
    t = A.multiplyAdd(A.widen(load(a + i + lanes, as: A.Narrow.self)), load(x + i + lanes, as: V.self), t)
    i &+= 2 &* lanes
  }
  var sum = laneSum(A.self, s + t)
  while i < count {
    sum += Double(a[i]) * x[i]
    i &+= 1
  }
  return sum
}

/// y = max((x − minimum) / range, floor) rounded to Float, raised to a positive integer power in Double, rounded to Float.
///
/// The power multiplies by squares over the bits of `exponent`, all lanes alike.
@_alwaysEmitIntoClient @inline(__always)
public func scaledPowerRow(
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
