// SPDX-License-Identifier: Apache-2.0

// Kernels on a symmetric matrix stored as in `SymmetricTensor`: rows in groups of 16, group g holding the columns
// 0 ..< 16·(g + 1). The 16 × 16 block on the diagonal is stored whole, so every loop ends on whole vectors.

@_alwaysEmitIntoClient @_transparent
public var symmetricGroup: Int { 16 }

/// The first element of a group of rows.
@_alwaysEmitIntoClient @_transparent
public func symmetricGroupOffset(_ group: Int) -> Int { 128 &* group &* (group &+ 1) }

/// y ← y + the part of W·x that the stored rows of some groups give: row i contributes to y[i] and, its elements left of
/// the diagonal block being column i as well, to y[j]. Every element is read once for two products.
///
/// Four rows at a time share the loads of x and y.
///
/// - Shapes: `w` the whole matrix; `x`, `y` [a multiple of 16], zeros in x past the dimension.
@_alwaysEmitIntoClient @inline(__always)
public func multiplySymmetricGroups<A: DoubleArithmetic>(
  _: A.Type, _ w: UnsafePointer<Float>, first: Int, last: Int, _ x: UnsafePointer<Double>,
  _ y: UnsafeMutablePointer<Double>
) {
  typealias V = A.Vector
  let lanes = A.lanes
  var group = first
  while group < last {
    let shared = symmetricGroup &* group
    let length = shared &+ symmetricGroup
    var a0 = w + symmetricGroupOffset(group)
    var i = shared
    while i < length {
      let (a1, a2, a3) = (a0 + length, a0 + 2 &* length, a0 + 3 &* length)
      let (x0, x1, x2, x3) = (
        V(repeating: x[i]), V(repeating: x[i &+ 1]), V(repeating: x[i &+ 2]), V(repeating: x[i &+ 3])
      )
      var (s0, s1, s2, s3) = (V.zero, V.zero, V.zero, V.zero)
      var j = 0
      while j < shared {
        let u = load(x + j, as: V.self)
        let w0 = A.widen(load(a0 + j, as: A.Narrow.self))
        let w1 = A.widen(load(a1 + j, as: A.Narrow.self))
        let w2 = A.widen(load(a2 + j, as: A.Narrow.self))
        let w3 = A.widen(load(a3 + j, as: A.Narrow.self))
        s0 = A.multiplyAdd(w0, u, s0)
        s1 = A.multiplyAdd(w1, u, s1)
        s2 = A.multiplyAdd(w2, u, s2)
        s3 = A.multiplyAdd(w3, u, s3)
        var v = A.multiplyAdd(w0, x0, load(y + j, as: V.self))
        v = A.multiplyAdd(w1, x1, v)
        v = A.multiplyAdd(w2, x2, v)
        v = A.multiplyAdd(w3, x3, v)
        store(v, to: y + j)
        j &+= lanes
      }
      while j < length {
        let u = load(x + j, as: V.self)
        s0 = A.multiplyAdd(A.widen(load(a0 + j, as: A.Narrow.self)), u, s0)
        s1 = A.multiplyAdd(A.widen(load(a1 + j, as: A.Narrow.self)), u, s1)
        s2 = A.multiplyAdd(A.widen(load(a2 + j, as: A.Narrow.self)), u, s2)
        s3 = A.multiplyAdd(A.widen(load(a3 + j, as: A.Narrow.self)), u, s3)
        j &+= lanes
      }
      y[i] += laneSum(A.self, s0)
      y[i &+ 1] += laneSum(A.self, s1)
      y[i &+ 2] += laneSum(A.self, s2)
      y[i &+ 3] += laneSum(A.self, s3)
      a0 += 4 &* length
      i &+= 4
    }
    group &+= 1
  }
}

/// s_i ← s_i + Σ W_ij over the j with a key less than that of i, for all i at once.
///
/// - Shapes: `w` the whole matrix; `keys`, `sums` [a multiple of 16], no two keys of the matrix equal, those past
///   the dimension arbitrary numbers.
@_alwaysEmitIntoClient @inline(__always)
public func sumPrecedingGroups<A: DoubleArithmetic>(
  _: A.Type, _ w: UnsafePointer<Float>, groups: Int, _ keys: UnsafePointer<Double>,
  _ sums: UnsafeMutablePointer<Double>
) {
  typealias V = A.Vector
  let lanes = A.lanes
  var group = 0
  while group < groups {
    let shared = symmetricGroup &* group
    let length = shared &+ symmetricGroup
    var row = w + symmetricGroupOffset(group)
    var i = shared
    while i < length {
      let key = V(repeating: keys[i])
      var own = V.zero
      var j = 0
      while j < shared {
        let weight = A.widen(load(row + j, as: A.Narrow.self))
        let preceding = A.select(load(keys + j, as: V.self), lessThan: key, weight, else: V.zero)
        own += preceding
        store(load(sums + j, as: V.self) + (weight - preceding), to: sums + j)
        j &+= lanes
      }
      while j < length {
        let weight = A.widen(load(row + j, as: A.Narrow.self))
        own += A.select(load(keys + j, as: V.self), lessThan: key, weight, else: V.zero)
        j &+= lanes
      }
      sums[i] += laneSum(A.self, own)
      row += length
      i &+= 1
    }
    group &+= 1
  }
}
