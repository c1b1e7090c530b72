// SPDX-License-Identifier: Apache-2.0

// The vector types that instruction sets compute with. They conform here and not in the instruction-set targets: a public
// conformance emits weak functions (witness thunks) into the object that declares it. Their bodies are inlined, with the
// right instructions, into the kernels of each set.

/// AVX-512 single precision.
public enum FusedFloat16Lanes: FloatArithmetic {
  public typealias Vector = SIMD16<Float>
  @_alwaysEmitIntoClient @_transparent
  public static var lanes: Int { 16 }
  @_alwaysEmitIntoClient @_transparent
  public static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c.addingProduct(a, b) }
  @_alwaysEmitIntoClient @_transparent
  public static func select(_ a: Vector, lessThan b: Vector, _ x: Vector, else y: Vector) -> Vector {
    y.replacing(with: x, where: a .< b)
  }
  @_alwaysEmitIntoClient @_transparent
  public static func interleaveQuads(_ a: Vector, _ b: Vector) -> (Vector, Vector) {
    (
      Vector(a[0], b[0], a[1], b[1], a[4], b[4], a[5], b[5], a[8], b[8], a[9], b[9], a[12], b[12], a[13], b[13]),
      Vector(a[2], b[2], a[3], b[3], a[6], b[6], a[7], b[7], a[10], b[10], a[11], b[11], a[14], b[14], a[15], b[15])
    )
  }
  @_alwaysEmitIntoClient @_transparent
  public static func gatherQuads(_ pointer: UnsafePointer<Float>, _ stride: Int) -> Vector {
    Vector(
      lowHalf: FusedFloat8Lanes.gatherQuads(pointer, stride),
      highHalf: FusedFloat8Lanes.gatherQuads(pointer + 2 &* stride, stride))
  }
  @_alwaysEmitIntoClient @_transparent
  public static func converted(_ x: SIMD16<Int32>) -> Vector {
    Vector(
      Float(x[0]), Float(x[1]), Float(x[2]), Float(x[3]), Float(x[4]), Float(x[5]), Float(x[6]), Float(x[7]),
      Float(x[8]), Float(x[9]), Float(x[10]), Float(x[11]), Float(x[12]), Float(x[13]), Float(x[14]), Float(x[15]))
  }
}

/// AVX2 + FMA single precision.
public enum FusedFloat8Lanes: FloatArithmetic {
  public typealias Vector = SIMD8<Float>
  @_alwaysEmitIntoClient @_transparent
  public static var lanes: Int { 8 }
  @_alwaysEmitIntoClient @_transparent
  public static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c.addingProduct(a, b) }
  @_alwaysEmitIntoClient @_transparent
  public static func select(_ a: Vector, lessThan b: Vector, _ x: Vector, else y: Vector) -> Vector {
    y.replacing(with: x, where: a .< b)
  }
  @_alwaysEmitIntoClient @_transparent
  public static func interleaveQuads(_ a: Vector, _ b: Vector) -> (Vector, Vector) {
    (
      Vector(a[0], b[0], a[1], b[1], a[4], b[4], a[5], b[5]),
      Vector(a[2], b[2], a[3], b[3], a[6], b[6], a[7], b[7])
    )
  }
  @_alwaysEmitIntoClient @_transparent
  public static func gatherQuads(_ pointer: UnsafePointer<Float>, _ stride: Int) -> Vector {
    Vector(
      lowHalf: load(pointer, as: SIMD4<Float>.self), highHalf: load(pointer + stride, as: SIMD4<Float>.self))
  }
  @_alwaysEmitIntoClient @_transparent
  public static func converted(_ x: SIMD8<Int32>) -> Vector {
    Vector(Float(x[0]), Float(x[1]), Float(x[2]), Float(x[3]), Float(x[4]), Float(x[5]), Float(x[6]), Float(x[7]))
  }
}

/// NEON single precision.
public enum FusedFloat4Lanes: FloatArithmetic {
  public typealias Vector = SIMD4<Float>
  @_alwaysEmitIntoClient @_transparent
  public static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c.addingProduct(a, b) }
}

/// SSE2 single precision: no fused product.
public enum PlainFloat4Lanes: FloatArithmetic {
  public typealias Vector = SIMD4<Float>
  @_alwaysEmitIntoClient @_transparent
  public static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c + a * b }
}

/// What NEON and SSE2 have in common.
extension FloatArithmetic where Vector == SIMD4<Float> {
  @_alwaysEmitIntoClient @_transparent
  public static var lanes: Int { 4 }
  @_alwaysEmitIntoClient @_transparent
  public static func select(_ a: Vector, lessThan b: Vector, _ x: Vector, else y: Vector) -> Vector {
    y.replacing(with: x, where: a .< b)
  }
  @_alwaysEmitIntoClient @_transparent
  public static func interleaveQuads(_ a: Vector, _ b: Vector) -> (Vector, Vector) {
    (
      Vector(a[0], b[0], a[1], b[1]),
      Vector(a[2], b[2], a[3], b[3])
    )
  }
  @_alwaysEmitIntoClient @_transparent
  public static func gatherQuads(_ pointer: UnsafePointer<Float>, _ stride: Int) -> Vector {
    load(pointer, as: Vector.self)
  }
  @_alwaysEmitIntoClient @_transparent
  public static func converted(_ x: SIMD4<Int32>) -> Vector {
    Vector(Float(x[0]), Float(x[1]), Float(x[2]), Float(x[3]))
  }
}

/// AVX-512 double precision.
public enum FusedDouble8Lanes: DoubleArithmetic {
  public typealias Vector = SIMD8<Double>
  @_alwaysEmitIntoClient @_transparent
  public static var lanes: Int { 8 }
  public typealias Narrow = SIMD8<Float>
  @_alwaysEmitIntoClient @_transparent
  public static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c.addingProduct(a, b) }
  @_alwaysEmitIntoClient @_transparent
  public static func select(_ a: Vector, lessThan b: Vector, _ x: Vector, else y: Vector) -> Vector {
    y.replacing(with: x, where: a .< b)
  }
  @_alwaysEmitIntoClient @_transparent
  public static func widen(_ n: Narrow) -> Vector {
    Vector(
      Double(n[0]), Double(n[1]), Double(n[2]), Double(n[3]), Double(n[4]), Double(n[5]), Double(n[6]), Double(n[7]))
  }
}

/// AVX2 + FMA double precision.
public enum FusedDouble4Lanes: DoubleArithmetic {
  public typealias Vector = SIMD4<Double>
  @_alwaysEmitIntoClient @_transparent
  public static var lanes: Int { 4 }
  public typealias Narrow = SIMD4<Float>
  @_alwaysEmitIntoClient @_transparent
  public static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c.addingProduct(a, b) }
  @_alwaysEmitIntoClient @_transparent
  public static func select(_ a: Vector, lessThan b: Vector, _ x: Vector, else y: Vector) -> Vector {
    y.replacing(with: x, where: a .< b)
  }
  @_alwaysEmitIntoClient @_transparent
  public static func widen(_ n: Narrow) -> Vector { Vector(Double(n[0]), Double(n[1]), Double(n[2]), Double(n[3])) }
}

/// NEON double precision.
public enum FusedDouble2Lanes: DoubleArithmetic {
  public typealias Vector = SIMD2<Double>
  @_alwaysEmitIntoClient @_transparent
  public static var lanes: Int { 2 }
  public typealias Narrow = SIMD2<Float>
  @_alwaysEmitIntoClient @_transparent
  public static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c.addingProduct(a, b) }
  @_alwaysEmitIntoClient @_transparent
  public static func select(_ a: Vector, lessThan b: Vector, _ x: Vector, else y: Vector) -> Vector {
    y.replacing(with: x, where: a .< b)
  }
  @_alwaysEmitIntoClient @_transparent
  public static func widen(_ n: Narrow) -> Vector { Vector(Double(n[0]), Double(n[1])) }
}

/// SSE2 double precision: no fused product.
public enum PlainDouble2Lanes: DoubleArithmetic {
  public typealias Vector = SIMD2<Double>
  @_alwaysEmitIntoClient @_transparent
  public static var lanes: Int { 2 }
  public typealias Narrow = SIMD2<Float>
  @_alwaysEmitIntoClient @_transparent
  public static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c + a * b }
  @_alwaysEmitIntoClient @_transparent
  public static func select(_ a: Vector, lessThan b: Vector, _ x: Vector, else y: Vector) -> Vector {
    y.replacing(with: x, where: a .< b)
  }
  @_alwaysEmitIntoClient @_transparent
  public static func widen(_ n: Narrow) -> Vector { Vector(Double(n[0]), Double(n[1])) }
}
