// SPDX-License-Identifier: Apache-2.0
import Builtin

/// How one instruction set computes on vectors of one scalar type.
///
/// Kernels are written once against this protocol; each `KernelSet` names the types that conform. It holds the one decision that
/// differs between sets besides the width: whether `a · b + c` is rounded once (a fused instruction exists) or twice (it
/// does not, and `addingProduct` would call `fmaf` per lane).
public protocol VectorArithmetic {
  associatedtype Vector: SIMD & BitwiseCopyable
  where Vector.Scalar: BinaryFloatingPoint & BitwiseCopyable, Vector.MaskStorage: BitwiseCopyable

  /// Lanes of a vector. Not the library's `scalarCount`, which unoptimized modules emit as a weak function.
  static var lanes: Int { get }

  /// a · b + c, lane by lane.
  static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector

  /// `x` where a < b, else `y`; a NaN compares false.
  ///
  /// A requirement and not generic code: `.<` on a generic vector is a loop over lanes, on a concrete one an instruction.
  static func select(_ a: Vector, lessThan b: Vector, _ x: Vector, else y: Vector) -> Vector
}

extension VectorArithmetic {
  /// The smaller of each pair of lanes; a NaN in `a` is kept.
  @_alwaysEmitIntoClient @_transparent
  public static func minimum(_ a: Vector, _ b: Vector) -> Vector { select(b, lessThan: a, b, else: a) }

  /// The larger of each pair of lanes; a NaN in `a` is kept.
  @_alwaysEmitIntoClient @_transparent
  public static func maximum(_ a: Vector, _ b: Vector) -> Vector { select(a, lessThan: b, b, else: a) }
}

/// Single-precision arithmetic; `MaskStorage` is the vector of the same width that holds the bit patterns.
public protocol FloatArithmetic: VectorArithmetic where Vector.Scalar == Float, Vector.MaskStorage.Scalar == Int32 {
  /// In every group of four lanes: a₀ b₀ a₁ b₁, and a₂ b₂ a₃ b₃.
  static func interleaveQuads(_ a: Vector, _ b: Vector) -> (Vector, Vector)

  /// Four elements for each group of four lanes, `stride` apart.
  static func gatherQuads(_ pointer: UnsafePointer<Float>, _ stride: Int) -> Vector

  /// Whole numbers, to the nearest that there are.
  static func converted(_ x: Vector.MaskStorage) -> Vector
}

/// Double-precision arithmetic that reads single-precision vectors of the same lane count.
public protocol DoubleArithmetic: VectorArithmetic where Vector.Scalar == Double {
  associatedtype Narrow: SIMD & BitwiseCopyable where Narrow.Scalar == Float

  /// Exact conversion of every lane.
  static func widen(_ narrow: Narrow) -> Vector
}

/// √x, rounded to the nearest.
///
/// The library's `squareRoot` calls a C function, and the compiler does not inline such a call into a protocol witness.
@_alwaysEmitIntoClient @_transparent
func squareRoot(_ x: Float) -> Float { Float(Builtin.int_sqrt_FPIEEE32(x._value)) }

// Memory access. These six functions load and store all vectors whose elements have the pointer's type; integer kernels
// access pairs of 16-bit integers in memory of type Float themselves. A pointer only needs the alignment of its element.
// The functions are transparent: a call would be emitted as a weak symbol (see <doc:InstructionSets>).

@_alwaysEmitIntoClient @_transparent
public func load<V: SIMD & BitwiseCopyable>(_ pointer: UnsafePointer<V.Scalar>, as: V.Type) -> V {
  UnsafeRawPointer(pointer).loadUnaligned(as: V.self)
}

@_alwaysEmitIntoClient @_transparent
public func store<V: SIMD & BitwiseCopyable>(_ vector: V, to pointer: UnsafeMutablePointer<V.Scalar>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: V.self)
}

/// The first `count` elements, the other lanes equal to `fill`. Reads nothing past `count`.
@_alwaysEmitIntoClient @_transparent
public func load<V: SIMD & BitwiseCopyable>(
  _ pointer: UnsafePointer<V.Scalar>, count: Int, fill: V.Scalar, as: V.Type
) -> V {
  var vector = V(repeating: fill)
  var lane = 0
  while lane < count {
    vector[lane] = pointer[lane]
    lane &+= 1
  }
  return vector
}

/// Writes the first `count` lanes and nothing else.
@_alwaysEmitIntoClient @_transparent
public func store<V: SIMD & BitwiseCopyable>(_ vector: V, count: Int, to pointer: UnsafeMutablePointer<V.Scalar>) {
  var lane = 0
  while lane < count {
    pointer[lane] = vector[lane]
    lane &+= 1
  }
}

/// A whole vector where `rest` elements fill one, else those there are and `fill` in the other lanes.
@_alwaysEmitIntoClient @_transparent
public func load<A: VectorArithmetic>(
  _: A.Type, _ pointer: UnsafePointer<A.Vector.Scalar>, upTo rest: Int, fill: A.Vector.Scalar
) -> A.Vector {
  rest >= A.lanes ? load(pointer, as: A.Vector.self) : load(pointer, count: rest, fill: fill, as: A.Vector.self)
}

/// Writes all lanes where `rest` elements fill a vector, else the first `rest` ones.
@_alwaysEmitIntoClient @_transparent
public func store<A: VectorArithmetic>(
  _: A.Type, _ vector: A.Vector, upTo rest: Int, to pointer: UnsafeMutablePointer<A.Vector.Scalar>
) {
  if rest >= A.lanes { store(vector, to: pointer) } else { store(vector, count: rest, to: pointer) }
}
