// SPDX-License-Identifier: Apache-2.0

// Minimal filtering with stride 2. Along one axis
//
//   y[i] = d[2i] g0 + d[2i+1] g1 + d[2i+2] g2
//
// is a filter (g0, g2) over the even inputs, which Toom–Cook's F(m, 2) does with m + 1 products for m outputs, and one
// product for each odd input. Points ±a, ±b and infinity; rows of −p are taken with the opposite sign in Bᵀ and in G,
// which cancels, so that both signs of a pair share the same sums.

/// F(4×4, 3×3) with stride 2 at ±½, ±5/4 and ∞: 81 products for 16 outputs, where the sum itself has 144.
///
/// The first five products of an axis belong to the even inputs, the last four to the odd ones.
public enum WinogradTile4Stride2: WinogradTile {
  @_alwaysEmitIntoClient @_transparent
  public static var outputs: Int { 4 }
  @_alwaysEmitIntoClient @_transparent
  public static var stride: Int { 2 }
  public static var points: [Double] { [0.5, -0.5, 1.25, -1.25] }

  @_alwaysEmitIntoClient @_transparent
  public static func transformInput<A: FloatArithmetic>(
    _: A.Type, _ d: UnsafePointer<Float>, stride: Int, to v: UnsafeMutablePointer<Float>, stride vStride: Int
  ) {
    typealias V = A.Vector
    let d0 = load(d, as: V.self)
    let d2 = load(d + 2 &* stride, as: V.self)
    let d4 = load(d + 4 &* stride, as: V.self)
    let d6 = load(d + 6 &* stride, as: V.self)
    let d8 = load(d + 8 &* stride, as: V.self)
    // Π over the other points of (x − q), for x = ½: (x + ½)(x² − 25/16), for 5/4: (x + 5/4)(x² − ¼).
    let evenSmall = V(repeating: 0.5) * plus(A.self, d4, -1.5625, d0)
    let oddSmall = plus(A.self, d6, -1.5625, d2)
    let evenLarge = V(repeating: 1.25) * plus(A.self, d4, -0.25, d0)
    let oddLarge = plus(A.self, d6, -0.25, d2)
    store(evenSmall + oddSmall, to: v)
    store(evenSmall - oddSmall, to: v + vStride)
    store(evenLarge + oddLarge, to: v + 2 &* vStride)
    store(evenLarge - oddLarge, to: v + 3 &* vStride)
    store(plus(A.self, plus(A.self, d8, 0.390625, d0), -1.8125, d4), to: v + 4 &* vStride)
    store(load(d + stride, as: V.self), to: v + 5 &* vStride)
    store(load(d + 3 &* stride, as: V.self), to: v + 6 &* vStride)
    store(load(d + 5 &* stride, as: V.self), to: v + 7 &* vStride)
    store(load(d + 7 &* stride, as: V.self), to: v + 8 &* vStride)
  }

  @_alwaysEmitIntoClient @_transparent
  public static func transformFilter<A: FloatArithmetic>(
    _: A.Type, _ g: UnsafePointer<Float>, stride: Int, to u: UnsafeMutablePointer<Float>, stride uStride: Int
  ) {
    typealias V = A.Vector
    let g0 = load(g, as: V.self)
    let g1 = load(g + stride, as: V.self)
    let g2 = load(g + 2 &* stride, as: V.self)
    // N = −21/16 for ½, 105/32 for 5/4.
    let (evenSmall, oddSmall) = (V(repeating: -16 / 21) * g0, V(repeating: -8 / 21) * g2)
    let (evenLarge, oddLarge) = (V(repeating: 32 / 105) * g0, V(repeating: 8 / 21) * g2)
    store(evenSmall + oddSmall, to: u)
    store(evenSmall - oddSmall, to: u + uStride)
    store(evenLarge + oddLarge, to: u + 2 &* uStride)
    store(evenLarge - oddLarge, to: u + 3 &* uStride)
    store(g2, to: u + 4 &* uStride)
    store(g1, to: u + 5 &* uStride)
    store(g1, to: u + 6 &* uStride)
    store(g1, to: u + 7 &* uStride)
    store(g1, to: u + 8 &* uStride)
  }

  @_alwaysEmitIntoClient @_transparent
  public static func transformOutput<A: FloatArithmetic>(
    _: A.Type, _ m: UnsafePointer<Float>, stride: Int, to y: UnsafeMutablePointer<Float>, stride yStride: Int
  ) {
    typealias V = A.Vector
    let m0 = load(m, as: V.self)
    let m1 = load(m + stride, as: V.self)
    let m2 = load(m + 2 &* stride, as: V.self)
    let m3 = load(m + 3 &* stride, as: V.self)
    let (evenSmall, oddSmall) = (m0 + m1, V(repeating: 0.5) * (m0 - m1))
    let (evenLarge, oddLarge) = (m2 + m3, V(repeating: 1.25) * (m2 - m3))
    store(evenSmall + evenLarge + load(m + 5 &* stride, as: V.self), to: y)
    store(oddSmall + oddLarge + load(m + 6 &* stride, as: V.self), to: y + yStride)
    let squares = plus(A.self, V(repeating: 0.25) * evenSmall, 1.5625, evenLarge)
    store(squares + load(m + 7 &* stride, as: V.self), to: y + 2 &* yStride)
    let cubes = plus(A.self, V(repeating: 0.25) * oddSmall, 1.5625, oddLarge)
    store(cubes + load(m + 4 &* stride, as: V.self) + load(m + 8 &* stride, as: V.self), to: y + 3 &* yStride)
  }
}
