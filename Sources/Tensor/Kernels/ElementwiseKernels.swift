// SPDX-License-Identifier: Apache-2.0

/// x·σ(1.702·x) = x / (1 + e^{−1.702·x}), the activation of CLIP's first text encoder; within 1.5 ulp of x. −∞ gives NaN,
/// as torch has it.
///
/// Source: Hendrycks & Gimpel, "Gaussian Error Linear Units (GELUs)", arXiv:1606.08415, §2.
@_alwaysEmitIntoClient @_transparent
public func quickGELU<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector {
  x / (A.Vector(repeating: 1) + exponential(A.self, x * A.Vector(repeating: -1.702)))
}

public enum QuickGELU: FloatFunction {
  @_alwaysEmitIntoClient @_transparent
  public static func apply<A: FloatArithmetic>(_: A.Type, _ x: A.Vector) -> A.Vector { quickGELU(A.self, x) }
}

extension KernelSet where F: FloatArithmetic {
  @_alwaysEmitIntoClient @inline(__always)
  public static func quickGELU(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
    mapVectors(F.self, QuickGELU.self, x, y, count: count)
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func add(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
  ) {
    typealias V = F.Vector
    let lanes = F.lanes
    var i = 0
    while i &+ lanes <= count {
      store(load(y + i, as: V.self) + load(x + i, as: V.self), to: y + i)
      i &+= lanes
    }
    while i < count {
      y[i] += x[i]
      i &+= 1
    }
  }
}
