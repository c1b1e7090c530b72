// SPDX-License-Identifier: Apache-2.0

// The innermost loop of matrix multiplication, in the two tiles that fill a register file: 14 rows by two vectors where
// there are 32 vector registers (AVX-512, NEON), 6 rows by two where there are 16 (SSE2, AVX2); and in half of each. The
// accumulators are spelled out because nothing else is sure to stay in registers.
// Source: Van Zee & van de Geijn, "BLIS: A Framework for Rapidly Instantiating BLAS Functionality", TOMS 2015.

/// C ← A·B (+ C) for a tile of 14 rows by two vectors, all of C in registers.
///
/// - Shapes: `a` 14 rows of `depth` elements, `aStride` apart; `b` [depth, 2·lanes], packed; `c` 14 rows `cStride` apart.
/// - Numerics: every element is one chain of multiply-adds over increasing depth, added to `c` once at the end.
/// - Registers: 28 accumulators, two for the row of `b`; the elements of `a` are broadcast from memory.
@_alwaysEmitIntoClient @inline(__always)
public func gemmTile14x2<A: VectorArithmetic>(
  _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, aStride: Int, b: UnsafePointer<A.Vector.Scalar>,
  c: UnsafeMutablePointer<A.Vector.Scalar>, cStride: Int, accumulate: Bool
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
  var a3 = a + 3 &* aStride
  var a6 = a + 6 &* aStride
  var a9 = a + 9 &* aStride
  var a12 = a + 12 &* aStride
  var (a0, b) = (a, b)
  let next = 2 &* aStride
  var step = 0
  while step < depth {
    let left = load(b, as: V.self)
    let right = load(b + lanes, as: V.self)
    multiplyAddRow(A.self, a0[0], left, right, &l0, &r0)
    multiplyAddRow(A.self, a0[aStride], left, right, &l1, &r1)
    multiplyAddRow(A.self, a0[next], left, right, &l2, &r2)
    multiplyAddRow(A.self, a3[0], left, right, &l3, &r3)
    multiplyAddRow(A.self, a3[aStride], left, right, &l4, &r4)
    multiplyAddRow(A.self, a3[next], left, right, &l5, &r5)
    multiplyAddRow(A.self, a6[0], left, right, &l6, &r6)
    multiplyAddRow(A.self, a6[aStride], left, right, &l7, &r7)
    multiplyAddRow(A.self, a6[next], left, right, &l8, &r8)
    multiplyAddRow(A.self, a9[0], left, right, &l9, &r9)
    multiplyAddRow(A.self, a9[aStride], left, right, &l10, &r10)
    multiplyAddRow(A.self, a9[next], left, right, &l11, &r11)
    multiplyAddRow(A.self, a12[0], left, right, &l12, &r12)
    multiplyAddRow(A.self, a12[aStride], left, right, &l13, &r13)
    a0 += 1
    a3 += 1
    a6 += 1
    a9 += 1
    a12 += 1
    b += 2 &* lanes
    step &+= 1
  }
  var c = c
  storeRow(A.self, l0, r0, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l1, r1, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l2, r2, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l3, r3, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l4, r4, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l5, r5, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l6, r6, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l7, r7, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l8, r8, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l9, r9, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l10, r10, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l11, r11, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l12, r12, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l13, r13, to: c, accumulate: accumulate)
}

/// C ← A·B (+ C) for a tile of 6 rows by two vectors, all of C in registers.
///
/// - Shapes: `a` 6 rows of `depth` elements, `aStride` apart; `b` [depth, 2·lanes], packed; `c` 6 rows `cStride` apart.
/// - Numerics: every element is one chain of multiply-adds over increasing depth, added to `c` once at the end.
/// - Registers: 12 accumulators, two for the row of `b`; the elements of `a` are broadcast from memory.
@_alwaysEmitIntoClient @inline(__always)
public func gemmTile6x2<A: VectorArithmetic>(
  _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, aStride: Int, b: UnsafePointer<A.Vector.Scalar>,
  c: UnsafeMutablePointer<A.Vector.Scalar>, cStride: Int, accumulate: Bool
) {
  typealias V = A.Vector
  let lanes = A.lanes
  var (l0, r0) = (V.zero, V.zero)
  var (l1, r1) = (V.zero, V.zero)
  var (l2, r2) = (V.zero, V.zero)
  var (l3, r3) = (V.zero, V.zero)
  var (l4, r4) = (V.zero, V.zero)
  var (l5, r5) = (V.zero, V.zero)
  var a3 = a + 3 &* aStride
  var (a0, b) = (a, b)
  let next = 2 &* aStride
  var step = 0
  while step < depth {
    let left = load(b, as: V.self)
    let right = load(b + lanes, as: V.self)
    multiplyAddRow(A.self, a0[0], left, right, &l0, &r0)
    multiplyAddRow(A.self, a0[aStride], left, right, &l1, &r1)
    multiplyAddRow(A.self, a0[next], left, right, &l2, &r2)
    multiplyAddRow(A.self, a3[0], left, right, &l3, &r3)
    multiplyAddRow(A.self, a3[aStride], left, right, &l4, &r4)
    multiplyAddRow(A.self, a3[next], left, right, &l5, &r5)
    a0 += 1
    a3 += 1
    b += 2 &* lanes
    step &+= 1
  }
  var c = c
  storeRow(A.self, l0, r0, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l1, r1, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l2, r2, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l3, r3, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l4, r4, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l5, r5, to: c, accumulate: accumulate)
}

/// C ← A·B (+ C) for half of the tall tile: 7 rows by two vectors, for rows that are left over. As `gemmTile14x2` else.
@_alwaysEmitIntoClient @inline(__always)
public func gemmTile7x2<A: VectorArithmetic>(
  _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, aStride: Int, b: UnsafePointer<A.Vector.Scalar>,
  c: UnsafeMutablePointer<A.Vector.Scalar>, cStride: Int, accumulate: Bool
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
  var a3 = a + 3 &* aStride
  var a6 = a + 6 &* aStride
  var (a0, b) = (a, b)
  let next = 2 &* aStride
  var step = 0
  while step < depth {
    let left = load(b, as: V.self)
    let right = load(b + lanes, as: V.self)
    multiplyAddRow(A.self, a0[0], left, right, &l0, &r0)
    multiplyAddRow(A.self, a0[aStride], left, right, &l1, &r1)
    multiplyAddRow(A.self, a0[next], left, right, &l2, &r2)
    multiplyAddRow(A.self, a3[0], left, right, &l3, &r3)
    multiplyAddRow(A.self, a3[aStride], left, right, &l4, &r4)
    multiplyAddRow(A.self, a3[next], left, right, &l5, &r5)
    multiplyAddRow(A.self, a6[0], left, right, &l6, &r6)
    a0 += 1
    a3 += 1
    a6 += 1
    b += 2 &* lanes
    step &+= 1
  }
  var c = c
  storeRow(A.self, l0, r0, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l1, r1, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l2, r2, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l3, r3, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l4, r4, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l5, r5, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l6, r6, to: c, accumulate: accumulate)
}

/// C ← A·B (+ C) for half of the short tile: 3 rows by two vectors, for rows that are left over. As `gemmTile6x2` else.
@_alwaysEmitIntoClient @inline(__always)
public func gemmTile3x2<A: VectorArithmetic>(
  _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, aStride: Int, b: UnsafePointer<A.Vector.Scalar>,
  c: UnsafeMutablePointer<A.Vector.Scalar>, cStride: Int, accumulate: Bool
) {
  typealias V = A.Vector
  let lanes = A.lanes
  var (l0, r0) = (V.zero, V.zero)
  var (l1, r1) = (V.zero, V.zero)
  var (l2, r2) = (V.zero, V.zero)
  var (a0, b) = (a, b)
  let next = 2 &* aStride
  var step = 0
  while step < depth {
    let left = load(b, as: V.self)
    let right = load(b + lanes, as: V.self)
    multiplyAddRow(A.self, a0[0], left, right, &l0, &r0)
    multiplyAddRow(A.self, a0[aStride], left, right, &l1, &r1)
    multiplyAddRow(A.self, a0[next], left, right, &l2, &r2)
    a0 += 1
    b += 2 &* lanes
    step &+= 1
  }
  var c = c
  storeRow(A.self, l0, r0, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l1, r1, to: c, accumulate: accumulate)
  c += cStride
  storeRow(A.self, l2, r2, to: c, accumulate: accumulate)
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
