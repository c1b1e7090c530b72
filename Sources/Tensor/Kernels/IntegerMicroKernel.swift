// SPDX-License-Identifier: Apache-2.0

// The innermost loop of matrix multiplication on 16-bit integers, which processors multiply twice as many of at a time as of
// single-precision numbers. Along the depth, rows and columns are cut into groups of 32 elements, each with a scale of its own:
// the sum of a group's products is exact, and is added up in single precision with those of other groups.
//
// A group of a row of A is 16 words of two elements and a word with its scale; a group of a panel of B is 16 rows of pairs and a
// row of scales. Words are kept as `Float`s, so that memory, blocking and edges are those of `GEMMKernel`.

/// Elements along the depth that share a scale. More of them would leave each fewer bits, for their products are summed in 32; fewer would
/// be added up in single precision more often.
@_alwaysEmitIntoClient @_transparent
public var integerGroup: Int { 32 }

/// (x, y, z) ↦ z + low x · low y + high x · high y of every lane's two 16-bit halves.
public typealias PairProducts<A: FloatArithmetic> =
  (A.Vector.MaskStorage, A.Vector.MaskStorage, A.Vector.MaskStorage) -> A.Vector.MaskStorage

/// C ← A·B (+ C) for a tile of 14 rows by two vectors of operands that `quantizeRows` and `quantizePanel` have made.
///
/// - Shapes: `a` 14 rows of `depth` elements in groups, `aStride` words apart; `b` a panel of them 2·lanes wide; `c` 14 rows
///   `cStride` apart.
/// - Numerics: sums of a group are exact; they are scaled and added to `c` in increasing order.
/// - Registers: 28 accumulators, two for the row of `b`; the pairs of `a` are broadcast from memory.
@_alwaysEmitIntoClient @inline(__always)
public func integerTile14x2<A: FloatArithmetic>(
  _: A.Type, depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
  cStride: Int, accumulate: Bool,
  addPairs: PairProducts<A>
) {
  typealias P = A.Vector.MaskStorage
  let lanes = A.lanes
  var a0 = a
  var a3 = a + 3 &* aStride
  var a6 = a + 6 &* aStride
  var a9 = a + 9 &* aStride
  var a12 = a + 12 &* aStride
  var b = b
  let next = 2 &* aStride
  if !accumulate { clearTile(A.self, c, cStride: cStride, rows: 14) }
  var rest = depth
  while rest > 0 {
    var (l0, r0) = (P.zero, P.zero)
    var (l1, r1) = (P.zero, P.zero)
    var (l2, r2) = (P.zero, P.zero)
    var (l3, r3) = (P.zero, P.zero)
    var (l4, r4) = (P.zero, P.zero)
    var (l5, r5) = (P.zero, P.zero)
    var (l6, r6) = (P.zero, P.zero)
    var (l7, r7) = (P.zero, P.zero)
    var (l8, r8) = (P.zero, P.zero)
    var (l9, r9) = (P.zero, P.zero)
    var (l10, r10) = (P.zero, P.zero)
    var (l11, r11) = (P.zero, P.zero)
    var (l12, r12) = (P.zero, P.zero)
    var (l13, r13) = (P.zero, P.zero)
    var step = 0
    while step < integerGroup / 2 {
      let left = pairs(b, as: P.self)
      let right = pairs(b + lanes, as: P.self)
      addPairRow(A.self, a0, left, right, &l0, &r0, addPairs)
      addPairRow(A.self, a0 + aStride, left, right, &l1, &r1, addPairs)
      addPairRow(A.self, a0 + next, left, right, &l2, &r2, addPairs)
      addPairRow(A.self, a3, left, right, &l3, &r3, addPairs)
      addPairRow(A.self, a3 + aStride, left, right, &l4, &r4, addPairs)
      addPairRow(A.self, a3 + next, left, right, &l5, &r5, addPairs)
      addPairRow(A.self, a6, left, right, &l6, &r6, addPairs)
      addPairRow(A.self, a6 + aStride, left, right, &l7, &r7, addPairs)
      addPairRow(A.self, a6 + next, left, right, &l8, &r8, addPairs)
      addPairRow(A.self, a9, left, right, &l9, &r9, addPairs)
      addPairRow(A.self, a9 + aStride, left, right, &l10, &r10, addPairs)
      addPairRow(A.self, a9 + next, left, right, &l11, &r11, addPairs)
      addPairRow(A.self, a12, left, right, &l12, &r12, addPairs)
      addPairRow(A.self, a12 + aStride, left, right, &l13, &r13, addPairs)
      a0 += 1
      a3 += 1
      a6 += 1
      a9 += 1
      a12 += 1
      b += 2 &* lanes
      step &+= 1
    }
    let left = load(b, as: A.Vector.self)
    let right = load(b + lanes, as: A.Vector.self)
    var target = c
    addScaled(A.self, l0, r0, a0[0], left, right, to: target)
    target += cStride
    addScaled(A.self, l1, r1, a0[aStride], left, right, to: target)
    target += cStride
    addScaled(A.self, l2, r2, a0[next], left, right, to: target)
    target += cStride
    addScaled(A.self, l3, r3, a3[0], left, right, to: target)
    target += cStride
    addScaled(A.self, l4, r4, a3[aStride], left, right, to: target)
    target += cStride
    addScaled(A.self, l5, r5, a3[next], left, right, to: target)
    target += cStride
    addScaled(A.self, l6, r6, a6[0], left, right, to: target)
    target += cStride
    addScaled(A.self, l7, r7, a6[aStride], left, right, to: target)
    target += cStride
    addScaled(A.self, l8, r8, a6[next], left, right, to: target)
    target += cStride
    addScaled(A.self, l9, r9, a9[0], left, right, to: target)
    target += cStride
    addScaled(A.self, l10, r10, a9[aStride], left, right, to: target)
    target += cStride
    addScaled(A.self, l11, r11, a9[next], left, right, to: target)
    target += cStride
    addScaled(A.self, l12, r12, a12[0], left, right, to: target)
    target += cStride
    addScaled(A.self, l13, r13, a12[aStride], left, right, to: target)
    a0 += 1
    a3 += 1
    a6 += 1
    a9 += 1
    a12 += 1
    b += 2 &* lanes
    rest &-= integerGroup
  }
}

/// C ← A·B (+ C) for a tile of 6 rows by two vectors of operands that `quantizeRows` and `quantizePanel` have made.
///
/// - Shapes: `a` 6 rows of `depth` elements in groups, `aStride` words apart; `b` a panel of them 2·lanes wide; `c` 6 rows
///   `cStride` apart.
/// - Numerics: sums of a group are exact; they are scaled and added to `c` in increasing order.
/// - Registers: 12 accumulators, two for the row of `b`; the pairs of `a` are broadcast from memory.
@_alwaysEmitIntoClient @inline(__always)
public func integerTile6x2<A: FloatArithmetic>(
  _: A.Type, depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
  cStride: Int, accumulate: Bool,
  addPairs: PairProducts<A>
) {
  typealias P = A.Vector.MaskStorage
  let lanes = A.lanes
  var a0 = a
  var a3 = a + 3 &* aStride
  var b = b
  let next = 2 &* aStride
  if !accumulate { clearTile(A.self, c, cStride: cStride, rows: 6) }
  var rest = depth
  while rest > 0 {
    var (l0, r0) = (P.zero, P.zero)
    var (l1, r1) = (P.zero, P.zero)
    var (l2, r2) = (P.zero, P.zero)
    var (l3, r3) = (P.zero, P.zero)
    var (l4, r4) = (P.zero, P.zero)
    var (l5, r5) = (P.zero, P.zero)
    var step = 0
    while step < integerGroup / 2 {
      let left = pairs(b, as: P.self)
      let right = pairs(b + lanes, as: P.self)
      addPairRow(A.self, a0, left, right, &l0, &r0, addPairs)
      addPairRow(A.self, a0 + aStride, left, right, &l1, &r1, addPairs)
      addPairRow(A.self, a0 + next, left, right, &l2, &r2, addPairs)
      addPairRow(A.self, a3, left, right, &l3, &r3, addPairs)
      addPairRow(A.self, a3 + aStride, left, right, &l4, &r4, addPairs)
      addPairRow(A.self, a3 + next, left, right, &l5, &r5, addPairs)
      a0 += 1
      a3 += 1
      b += 2 &* lanes
      step &+= 1
    }
    let left = load(b, as: A.Vector.self)
    let right = load(b + lanes, as: A.Vector.self)
    var target = c
    addScaled(A.self, l0, r0, a0[0], left, right, to: target)
    target += cStride
    addScaled(A.self, l1, r1, a0[aStride], left, right, to: target)
    target += cStride
    addScaled(A.self, l2, r2, a0[next], left, right, to: target)
    target += cStride
    addScaled(A.self, l3, r3, a3[0], left, right, to: target)
    target += cStride
    addScaled(A.self, l4, r4, a3[aStride], left, right, to: target)
    target += cStride
    addScaled(A.self, l5, r5, a3[next], left, right, to: target)
    a0 += 1
    a3 += 1
    b += 2 &* lanes
    rest &-= integerGroup
  }
}

@_alwaysEmitIntoClient @_transparent
func pairs<P: SIMD & BitwiseCopyable>(_ pointer: UnsafePointer<Float>, as: P.Type) -> P {
  UnsafeRawPointer(pointer).loadUnaligned(as: P.self)
}

@_alwaysEmitIntoClient @_transparent
func addPairRow<A: FloatArithmetic>(
  _: A.Type, _ a: UnsafePointer<Float>, _ left: A.Vector.MaskStorage, _ right: A.Vector.MaskStorage,
  _ l: inout A.Vector.MaskStorage, _ r: inout A.Vector.MaskStorage,
  _ addPairs: PairProducts<A>
) {
  let broadcast = A.Vector.MaskStorage(repeating: UnsafeRawPointer(a).loadUnaligned(as: Int32.self))
  l = addPairs(broadcast, left, l)
  r = addPairs(broadcast, right, r)
}

/// C ← C + the scaled sums of a group.
@_alwaysEmitIntoClient @_transparent
func addScaled<A: FloatArithmetic>(
  _: A.Type, _ l: A.Vector.MaskStorage, _ r: A.Vector.MaskStorage, _ scale: Float, _ left: A.Vector, _ right: A.Vector,
  to c: UnsafeMutablePointer<Float>
) {
  let row = A.Vector(repeating: scale)
  let lanes = A.lanes
  store(A.multiplyAdd(A.converted(l), left * row, load(c, as: A.Vector.self)), to: c)
  store(A.multiplyAdd(A.converted(r), right * row, load(c + lanes, as: A.Vector.self)), to: c + lanes)
}

@_alwaysEmitIntoClient @_transparent
func clearTile<A: FloatArithmetic>(_: A.Type, _ c: UnsafeMutablePointer<Float>, cStride: Int, rows: Int) {
  var row = 0
  while row < rows {
    store(A.Vector.zero, to: c + row &* cStride)
    store(A.Vector.zero, to: c + (row &* cStride &+ A.lanes))
    row &+= 1
  }
}

/// z + low x · low y + high x · high y of the 16-bit halves of every lane, on any processor.
@_alwaysEmitIntoClient @_transparent
public func addPairProducts<P: SIMD>(_ x: P, _ y: P, _ z: P) -> P where P.Scalar == Int32 {
  let half = P(repeating: 16)
  return z &+ ((x &<< half) &>> half) &* ((y &<< half) &>> half) &+ (x &>> half) &* (y &>> half)
}
