// SPDX-License-Identifier: Apache-2.0

// Polynomials are weighted minimax fits of this project (Lawson iteration in 40-digit arithmetic); the bounds in ulps are
// those that `ElementaryFunctionTests` measures over all of the range, on every instruction set.

@_alwaysEmitIntoClient @_transparent
func bits<V: SIMD & BitwiseCopyable>(_ x: V) -> V.MaskStorage { unsafeBitCast(x, to: V.MaskStorage.self) }

@_alwaysEmitIntoClient @_transparent
func floats<V: SIMD & BitwiseCopyable>(_ x: V.MaskStorage, as: V.Type) -> V { unsafeBitCast(x, to: V.self) }

/// |x|, by clearing the sign bit.
@_alwaysEmitIntoClient @_transparent
func magnitude<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector {
  floats(bits(x) & A.Vector.MaskStorage(repeating: 0x7fff_ffff), as: A.Vector.self)
}

/// `magnitude` with the sign of `x`.
@_alwaysEmitIntoClient @_transparent
func withSign<A: FloatArithmetic>(_: A.Type, of x: A.Vector, _ magnitude: A.Vector) -> A.Vector {
  floats(bits(magnitude) | (bits(x) & A.Vector.MaskStorage(repeating: Int32.min)), as: A.Vector.self)
}

/// eˣ within 1.1 ulp; exact 0 and ∞ beyond the range of Float, gradual underflow, NaN kept.
///
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2; eʳ = 1 + r + r²·P(r). Adding 1.5·2²³ rounds to an integer and leaves that integer
/// in the low bits. ln 2 is split so that n·high is exact without a fused product; 2ⁿ is applied as two factors, since n
/// runs past the exponent range on both sides.
@_alwaysEmitIntoClient @_transparent
public func exponential<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector {
  typealias V = A.Vector
  let rounding = V(repeating: 12_582_912)
  let clamped = A.minimum(A.maximum(x, V(repeating: -104)), V(repeating: 89))
  let shifted = A.multiplyAdd(clamped, V(repeating: 1.44269504), rounding)
  let n = shifted - rounding
  var r = A.multiplyAdd(n, V(repeating: -0.693359375), clamped)
  r = A.multiplyAdd(n, V(repeating: 2.12194440e-4), r)
  var p = V(repeating: 0.0013813144760206342)
  p = A.multiplyAdd(p, r, V(repeating: 0.008369418792426586))
  p = A.multiplyAdd(p, r, V(repeating: 0.04166845604777336))
  p = A.multiplyAdd(p, r, V(repeating: 0.16666515171527863))
  p = A.multiplyAdd(p, r, V(repeating: 0.4999999403953552))
  p = A.multiplyAdd(p, r * r, r) + V(repeating: 1)
  let exponent = bits(shifted) &- bits(rounding)
  let half = exponent &>> V.MaskStorage(repeating: 1)
  let bias = V.MaskStorage(repeating: 127)
  let shift = V.MaskStorage(repeating: 23)
  let first = floats((half &+ bias) &<< shift, as: V.self)
  let second = floats((exponent &- half &+ bias) &<< shift, as: V.self)
  return p * first * second
}

/// 2ᵗ within 2.3 ulp for −125 ≤ t ≤ 127; 0 below, NaN kept. Half the instructions of `exponential`, for softmax.
///
/// t = n + f with |f| ≤ ½; 2ᶠ = 1 + f·P(f). Adding 1.5·2²³ + 127 rounds to an integer and leaves the exponent bits of 2ⁿ at
/// the end of the mantissa.
@_alwaysEmitIntoClient @_transparent
public func powerOfTwo<A: FloatArithmetic>(_: A.Type, _ t: A.Vector) -> A.Vector {
  typealias V = A.Vector
  let rounding = V(repeating: 12_583_039)
  let shifted = t + rounding
  let f = t - (shifted - rounding)
  var p = V(repeating: 0.001326472731307149)
  p = A.multiplyAdd(p, f, V(repeating: 0.009671512991189957))
  p = A.multiplyAdd(p, f, V(repeating: 0.05550733581185341))
  p = A.multiplyAdd(p, f, V(repeating: 0.24022242426872253))
  p = A.multiplyAdd(p, f, V(repeating: 0.6931470036506653))
  p = A.multiplyAdd(p, f, V(repeating: 1))
  let power = p * floats(bits(shifted) &<< V.MaskStorage(repeating: 23), as: V.self)
  return A.select(t, lessThan: V(repeating: -125), V.zero, else: power)
}

/// tanh x within 1.4 ulp; odd to the last bit.
///
/// |x| < 0.625: x + x³·P(x²). Else 1 − 2 / (e^{2|x|} + 1), which cancels nothing there.
@_alwaysEmitIntoClient @_transparent
public func hyperbolicTangent<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector {
  typealias V = A.Vector
  let a = magnitude(A.self, x)
  let u = a * a
  var p = V(repeating: 0.0021429616026580334)
  p = A.multiplyAdd(p, u, V(repeating: -0.008177397772669792))
  p = A.multiplyAdd(p, u, V(repeating: 0.021700702607631683))
  p = A.multiplyAdd(p, u, V(repeating: -0.05394676327705383))
  p = A.multiplyAdd(p, u, V(repeating: 0.1333320587873459))
  p = A.multiplyAdd(p, u, V(repeating: -0.3333333134651184))
  let small = A.multiplyAdd(p * u, a, a)
  let large = V(repeating: 1) - V(repeating: 2) / (exponential(A.self, a + a) + V(repeating: 1))
  return withSign(A.self, of: x, A.select(a, lessThan: V(repeating: 0.625), small, else: large))
}

/// erf x within 1.5 ulp; odd to the last bit.
///
/// |x| < 0.925: x + x·P(x²). Else 1 − e^{Q(|x|)}, Q fitted to ln erfc on [0.925, 3.95], beyond which erf rounds to 1.
@_alwaysEmitIntoClient @_transparent
public func errorFunction<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector {
  typealias V = A.Vector
  let a = A.minimum(magnitude(A.self, x), V(repeating: 3.95))
  let u = a * a
  var p = V(repeating: 8.349603012902662e-05)
  p = A.multiplyAdd(p, u, V(repeating: -0.0008137852419167757))
  p = A.multiplyAdd(p, u, V(repeating: 0.005200604442507029))
  p = A.multiplyAdd(p, u, V(repeating: -0.026859225705266))
  p = A.multiplyAdd(p, u, V(repeating: 0.11283692717552185))
  p = A.multiplyAdd(p, u, V(repeating: -0.37612634897232056))
  p = A.multiplyAdd(p, u, V(repeating: 0.12837916612625122))
  let small = A.multiplyAdd(p, a, a)
  var q = V(repeating: 0.00019535896717570722)
  q = A.multiplyAdd(q, a, V(repeating: -0.00303754024207592))
  q = A.multiplyAdd(q, a, V(repeating: 0.022204268723726273))
  q = A.multiplyAdd(q, a, V(repeating: -0.10388455539941788))
  q = A.multiplyAdd(q, a, V(repeating: -0.6372358798980713))
  q = A.multiplyAdd(q, a, V(repeating: -1.1276437044143677))
  q = A.multiplyAdd(q, a, V(repeating: -0.00020340667106211185))
  let large = V(repeating: 1) - exponential(A.self, q)
  return withSign(A.self, of: x, A.select(a, lessThan: V(repeating: 0.925), small, else: large))
}

/// x / (1 + e⁻ˣ) within 2.5 ulp for x ≥ −87. Below, where e⁻ˣ overflows and the result becomes −0, within 2⁻¹²¹; −∞
/// gives NaN, as torch has it.
@_alwaysEmitIntoClient @_transparent
public func silu<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector {
  x / (A.Vector(repeating: 1) + exponential(A.self, -x))
}

/// x·Φ(x) in the exact form, ½·x·(1 + erf(x/√2)), as the UNet's GEGLU has it; within 1.5 ulp of x.
///
/// The sum cancels for negative x: small results have no more than that absolute accuracy. −∞ gives NaN, as torch has it.
@_alwaysEmitIntoClient @_transparent
public func gelu<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector {
  let half = A.Vector(repeating: 0.5) * x
  return A.multiplyAdd(half, errorFunction(A.self, x * A.Vector(repeating: 0.70710678)), half)
}

/// A function of one element. A type and not a closure: closures are emitted as weak symbols.
public protocol FloatFunction {
  static func apply<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector
}

public enum Exponential: FloatFunction {
  @_alwaysEmitIntoClient @_transparent
  public static func apply<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector { exponential(A.self, x) }
}

public enum PowerOfTwo: FloatFunction {
  @_alwaysEmitIntoClient @_transparent
  public static func apply<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector { powerOfTwo(A.self, x) }
}

public enum HyperbolicTangent: FloatFunction {
  @_alwaysEmitIntoClient @_transparent
  public static func apply<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector { hyperbolicTangent(A.self, x) }
}

public enum ErrorFunction: FloatFunction {
  @_alwaysEmitIntoClient @_transparent
  public static func apply<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector { errorFunction(A.self, x) }
}

public enum SiLU: FloatFunction {
  @_alwaysEmitIntoClient @_transparent
  public static func apply<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector { silu(A.self, x) }
}

public enum GELU: FloatFunction {
  @_alwaysEmitIntoClient @_transparent
  public static func apply<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector { gelu(A.self, x) }
}

/// y[i] = Function(x[i]); `x` and `y` may be the same memory.
@_alwaysEmitIntoClient @inline(__always)
func mapVectors<A: FloatArithmetic, Function: FloatFunction>(
  _: A.Type, _: Function.Type, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
) {
  typealias V = A.Vector
  let lanes = A.lanes
  var i = 0
  while i &+ lanes <= count {
    store(Function.apply(A.self, load(x + i, as: V.self)), to: y + i)
    i &+= lanes
  }
  let rest = count &- i
  if rest > 0 {
    store(Function.apply(A.self, load(x + i, count: rest, fill: 0, as: V.self)), count: rest, to: y + i)
  }
}

extension KernelSet where F: FloatArithmetic {
  @_alwaysEmitIntoClient @inline(__always)
  public static func exponential(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
    mapVectors(F.self, Exponential.self, x, y, count: count)
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func powerOfTwo(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
    mapVectors(F.self, PowerOfTwo.self, x, y, count: count)
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func hyperbolicTangent(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
    mapVectors(F.self, HyperbolicTangent.self, x, y, count: count)
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func errorFunction(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
    mapVectors(F.self, ErrorFunction.self, x, y, count: count)
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func silu(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
    mapVectors(F.self, SiLU.self, x, y, count: count)
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func gelu(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
    mapVectors(F.self, GELU.self, x, y, count: count)
  }
}
