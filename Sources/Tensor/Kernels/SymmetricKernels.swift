// SPDX-License-Identifier: Apache-2.0

// Kernels on a symmetric matrix stored as in `SymmetricTensor`: rows in groups of 16, group g holding the columns
// 0 ..< 16·(g + 1). The 16 × 16 block on the diagonal is stored whole, so every loop ends on whole vectors.

@_alwaysEmitIntoClient @_transparent
public var symmetricGroup: Int { 16 }

/// The first element of a group of rows.
@_alwaysEmitIntoClient @_transparent
public func symmetricGroupOffset(_ group: Int) -> Int { 128 &* group &* (group &+ 1) }

extension KernelSet where D: DoubleArithmetic {
  /// Four rows at a time share the loads of x and y.
  @_alwaysEmitIntoClient @inline(__always)
  public static func multiplySymmetric(
    _ w: UnsafePointer<Float>, first: Int, last: Int, _ x: UnsafePointer<Double>,
    _ y: UnsafeMutablePointer<Double>
  ) {
    typealias V = D.Vector
    let lanes = D.lanes
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
          let w0 = D.widen(load(a0 + j, as: D.Narrow.self))
          let w1 = D.widen(load(a1 + j, as: D.Narrow.self))
          let w2 = D.widen(load(a2 + j, as: D.Narrow.self))
          let w3 = D.widen(load(a3 + j, as: D.Narrow.self))
          s0 = D.multiplyAdd(w0, u, s0)
          s1 = D.multiplyAdd(w1, u, s1)
          s2 = D.multiplyAdd(w2, u, s2)
          s3 = D.multiplyAdd(w3, u, s3)
          var v = D.multiplyAdd(w0, x0, load(y + j, as: V.self))
          v = D.multiplyAdd(w1, x1, v)
          v = D.multiplyAdd(w2, x2, v)
          v = D.multiplyAdd(w3, x3, v)
          store(v, to: y + j)
          j &+= lanes
        }
        while j < length {
          let u = load(x + j, as: V.self)
          s0 = D.multiplyAdd(D.widen(load(a0 + j, as: D.Narrow.self)), u, s0)
          s1 = D.multiplyAdd(D.widen(load(a1 + j, as: D.Narrow.self)), u, s1)
          s2 = D.multiplyAdd(D.widen(load(a2 + j, as: D.Narrow.self)), u, s2)
          s3 = D.multiplyAdd(D.widen(load(a3 + j, as: D.Narrow.self)), u, s3)
          j &+= lanes
        }
        y[i] += laneSum(D.self, s0)
        y[i &+ 1] += laneSum(D.self, s1)
        y[i &+ 2] += laneSum(D.self, s2)
        y[i &+ 3] += laneSum(D.self, s3)
        a0 += 4 &* length
        i &+= 4
      }
      group &+= 1
    }
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func sumPreceding(
    _ w: UnsafePointer<Float>, groups: Int, _ keys: UnsafePointer<Double>,
    _ sums: UnsafeMutablePointer<Double>
  ) {
    typealias V = D.Vector
    let lanes = D.lanes
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
          let weight = D.widen(load(row + j, as: D.Narrow.self))
          let preceding = D.select(load(keys + j, as: V.self), lessThan: key, weight, else: V.zero)
          own += preceding
          store(load(sums + j, as: V.self) + (weight - preceding), to: sums + j)
          j &+= lanes
        }
        while j < length {
          let weight = D.widen(load(row + j, as: D.Narrow.self))
          own += D.select(load(keys + j, as: V.self), lessThan: key, weight, else: V.zero)
          j &+= lanes
        }
        sums[i] += laneSum(D.self, own)
        row += length
        i &+= 1
      }
      group &+= 1
    }
  }
}
