// SPDX-License-Identifier: Apache-2.0

// The innermost loop of matrix multiplication, in the two tiles that fill a register file: 14 rows by two vectors where
// there are 32 vector registers (AVX-512, NEON), 6 rows by two where there are 16 (SSE2, AVX2). The accumulators are
// spelled out because nothing else is sure to stay in registers.
// Source: Van Zee & van de Geijn, "BLIS: A Framework for Rapidly Instantiating BLAS Functionality", TOMS 2015.

/// C ← A·B (+ C) for a tile of 14 rows by two vectors, all of C in registers.
///
/// - Shapes: `a` [depth, 14], `b` [depth, 2·lanes], both packed and contiguous; `c` 14 rows `rowStride` apart.
/// - Numerics: every element is one chain of multiply-adds over increasing depth, added to `c` once at the end.
/// - Registers: 28 accumulators, two for the row of `b`; the elements of `a` are broadcast from memory.
@_alwaysEmitIntoClient @inline(__always)
public func gemmTile14x2<A: VectorArithmetic>(
  _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, b: UnsafePointer<A.Vector.Scalar>,
  c: UnsafeMutablePointer<A.Vector.Scalar>, rowStride: Int, accumulate: Bool
) {
  typealias V = A.Vector
  let lanes = A.lanes
  var (l0, r0) = (V.zero, V.zero)
  var (l1, r1) = (V.zero, V.zero)
  var (l2, r2) = (V.zero, V.zero)
  var (l3, r3) = (V.zero, V.zero)
  var (l4, r4) = (V.zero, V.zero)
  var (l5, r5) = (V.zero, V.zero)
  var (l6, r6) = (V.zero, V.zero)
  var (l7, r7) = (V.zero, V.zero)
  var (l8, r8) = (V.zero, V.zero)
  var (l9, r9) = (V.zero, V.zero)
  var (l10, r10) = (V.zero, V.zero)
  var (l11, r11) = (V.zero, V.zero)
  var (l12, r12) = (V.zero, V.zero)
  var (l13, r13) = (V.zero, V.zero)
  var (a, b) = (a, b)
  var step = 0
  while step < depth {
    let left = load(b, as: V.self)
    let right = load(b + lanes, as: V.self)
    multiplyAddRow(A.self, a[0], left, right, &l0, &r0)
    multiplyAddRow(A.self, a[1], left, right, &l1, &r1)
    multiplyAddRow(A.self, a[2], left, right, &l2, &r2)
    multiplyAddRow(A.self, a[3], left, right, &l3, &r3)
    multiplyAddRow(A.self, a[4], left, right, &l4, &r4)
    multiplyAddRow(A.self, a[5], left, right, &l5, &r5)
    multiplyAddRow(A.self, a[6], left, right, &l6, &r6)
    multiplyAddRow(A.self, a[7], left, right, &l7, &r7)
    multiplyAddRow(A.self, a[8], left, right, &l8, &r8)
    multiplyAddRow(A.self, a[9], left, right, &l9, &r9)
    multiplyAddRow(A.self, a[10], left, right, &l10, &r10)
    multiplyAddRow(A.self, a[11], left, right, &l11, &r11)
    multiplyAddRow(A.self, a[12], left, right, &l12, &r12)
    multiplyAddRow(A.self, a[13], left, right, &l13, &r13)
    a += 14
    b += 2 &* lanes
    step &+= 1
  }
  var c = c
  storeRow(A.self, l0, r0, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l1, r1, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l2, r2, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l3, r3, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l4, r4, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l5, r5, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l6, r6, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l7, r7, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l8, r8, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l9, r9, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l10, r10, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l11, r11, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l12, r12, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l13, r13, to: c, accumulate: accumulate)
}

/// C ← A·B (+ C) for a tile of 6 rows by two vectors, all of C in registers.
///
/// - Shapes: `a` [depth, 6], `b` [depth, 2·lanes], both packed and contiguous; `c` 6 rows `rowStride` apart.
/// - Numerics: every element is one chain of multiply-adds over increasing depth, added to `c` once at the end.
/// - Registers: 12 accumulators, two for the row of `b`; the elements of `a` are broadcast from memory.
@_alwaysEmitIntoClient @inline(__always)
public func gemmTile6x2<A: VectorArithmetic>(
  _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, b: UnsafePointer<A.Vector.Scalar>,
  c: UnsafeMutablePointer<A.Vector.Scalar>, rowStride: Int, accumulate: Bool
) {
  typealias V = A.Vector
  let lanes = A.lanes
  var (l0, r0) = (V.zero, V.zero)
  var (l1, r1) = (V.zero, V.zero)
  var (l2, r2) = (V.zero, V.zero)
  var (l3, r3) = (V.zero, V.zero)
  var (l4, r4) = (V.zero, V.zero)
  var (l5, r5) = (V.zero, V.zero)
  var (a, b) = (a, b)
  var step = 0
  while step < depth {
    let left = load(b, as: V.self)
    let right = load(b + lanes, as: V.self)
    multiplyAddRow(A.self, a[0], left, right, &l0, &r0)
    multiplyAddRow(A.self, a[1], left, right, &l1, &r1)
    multiplyAddRow(A.self, a[2], left, right, &l2, &r2)
    multiplyAddRow(A.self, a[3], left, right, &l3, &r3)
    multiplyAddRow(A.self, a[4], left, right, &l4, &r4)
    multiplyAddRow(A.self, a[5], left, right, &l5, &r5)
    a += 6
    b += 2 &* lanes
    step &+= 1
  }
  var c = c
  storeRow(A.self, l0, r0, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l1, r1, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l2, r2, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l3, r3, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l4, r4, to: c, accumulate: accumulate)
  c += rowStride
  storeRow(A.self, l5, r5, to: c, accumulate: accumulate)
}

@_alwaysEmitIntoClient @_transparent
func multiplyAddRow<A: VectorArithmetic>(
  _: A.Type, _ factor: A.Vector.Scalar, _ left: A.Vector, _ right: A.Vector, _ l: inout A.Vector, _ r: inout A.Vector
) {
  let broadcast = A.Vector(repeating: factor)
  l = A.multiplyAdd(broadcast, left, l)
  r = A.multiplyAdd(broadcast, right, r)
}

@_alwaysEmitIntoClient @_transparent
func storeRow<A: VectorArithmetic>(
  _: A.Type, _ left: A.Vector, _ right: A.Vector, to c: UnsafeMutablePointer<A.Vector.Scalar>, accumulate: Bool
) {
  let lanes = A.lanes
  if accumulate {
    store(load(c, as: A.Vector.self) + left, to: c)
    store(load(c + lanes, as: A.Vector.self) + right, to: c + lanes)
  } else {
    store(left, to: c)
    store(right, to: c + lanes)
  }
}

/// Which tile a target instantiates.
public protocol GEMMTile {
  static func multiply<A: VectorArithmetic>(
    _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, b: UnsafePointer<A.Vector.Scalar>,
    c: UnsafeMutablePointer<A.Vector.Scalar>, rowStride: Int, accumulate: Bool)
}

/// For 32 vector registers.
public enum TallTile: GEMMTile {
  @_alwaysEmitIntoClient @_transparent
  public static func multiply<A: VectorArithmetic>(
    _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, b: UnsafePointer<A.Vector.Scalar>,
    c: UnsafeMutablePointer<A.Vector.Scalar>, rowStride: Int, accumulate: Bool
  ) {
    gemmTile14x2(A.self, depth: depth, a: a, b: b, c: c, rowStride: rowStride, accumulate: accumulate)
  }
}

/// For 16 vector registers.
public enum ShortTile: GEMMTile {
  @_alwaysEmitIntoClient @_transparent
  public static func multiply<A: VectorArithmetic>(
    _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, b: UnsafePointer<A.Vector.Scalar>,
    c: UnsafeMutablePointer<A.Vector.Scalar>, rowStride: Int, accumulate: Bool
  ) {
    gemmTile6x2(A.self, depth: depth, a: a, b: b, c: c, rowStride: rowStride, accumulate: accumulate)
  }
}
