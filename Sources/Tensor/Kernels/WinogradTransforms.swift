// SPDX-License-Identifier: Apache-2.0

// Winograd's minimal filtering F(m×m, 3×3): m·m outputs of a 3×3 correlation from n·n products instead of 9·m·m, with
// n = m + 2. Along one axis, with input d, filter g and output y:
//
//   y = Aᵀ[(G g) ⊙ (Bᵀ d)],
//
// Toom–Cook's evaluation of polynomials at n − 1 points p and at infinity. Row j of G is (1, pⱼ, pⱼ²)/Nⱼ with
// Nⱼ = Π_{q≠pⱼ}(pⱼ − q), row i of Aᵀ is pⱼⁱ, and row j of Bᵀ holds the coefficients of Π_{q≠pⱼ}(x − q). Points in
// pairs ±p share their even and odd parts.
//
// Source: Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016; the points are chosen for small
// rounding errors, as in Alam et al., "Winograd Convolution for Deep Neural Networks: Efficient Point Selection", 2022.

/// One size of tile: the three transforms along one axis, on vectors `stride` elements apart in memory.
public protocol WinogradTile {
  /// m: the outputs along an axis.
  static var outputs: Int { get }
  /// The distance of the windows: 1, or 2 (see `WinogradTile4Stride2`).
  static var stride: Int { get }
  /// The finite points at which the polynomials are evaluated, with stride 2 those of the filter over the even inputs. Tests derive
  /// the exact matrices from them.
  static var points: [Double] { get }

  /// Bᵀ d: n vectors to n.
  static func transformInput<A: FloatArithmetic>(
    _: A.Type, _ d: UnsafePointer<Float>, stride: Int, to v: UnsafeMutablePointer<Float>, stride vStride: Int)
  /// G g: 3 vectors to n.
  static func transformFilter<A: FloatArithmetic>(
    _: A.Type, _ g: UnsafePointer<Float>, stride: Int, to u: UnsafeMutablePointer<Float>, stride uStride: Int)
  /// Aᵀ m: n vectors to m.
  static func transformOutput<A: FloatArithmetic>(
    _: A.Type, _ m: UnsafePointer<Float>, stride: Int, to y: UnsafeMutablePointer<Float>, stride yStride: Int)
}

extension WinogradTile {
  /// n = m + 2 with stride 1, 2m + 1 with stride 2: the inputs, and the products, along an axis.
  @_alwaysEmitIntoClient @_transparent
  public static var inputs: Int { (outputs &- 1) &* stride &+ 3 }
}

/// c + factor · x.
@_alwaysEmitIntoClient @_transparent
func plus<A: FloatArithmetic>(_: A.Type, _ c: A.Vector, _ factor: Float, _ x: A.Vector) -> A.Vector {
  A.multiplyAdd(A.Vector(repeating: factor), x, c)
}

/// F(4×4, 3×3) at 0, ±√½, ±√2 and ∞: 36 products for 16 outputs, a quarter of the direct sum's.
public enum WinogradTile4: WinogradTile {
  @_alwaysEmitIntoClient @_transparent
  public static var outputs: Int { 4 }
  @_alwaysEmitIntoClient @_transparent
  public static var stride: Int { 1 }
  public static var points: [Double] { [0, 0.5.squareRoot(), -0.5.squareRoot(), 2.squareRoot(), -2.squareRoot()] }

  @_alwaysEmitIntoClient @_transparent
  static var root: Float { 1.41421356 }

  @_alwaysEmitIntoClient @_transparent
  public static func transformInput<A: FloatArithmetic>(
    _: A.Type, _ d: UnsafePointer<Float>, stride: Int, to v: UnsafeMutablePointer<Float>, stride vStride: Int
  ) {
    typealias V = A.Vector
    let d0 = load(d, as: V.self)
    let d1 = load(d + stride, as: V.self)
    let d2 = load(d + 2 &* stride, as: V.self)
    let d3 = load(d + 3 &* stride, as: V.self)
    let d4 = load(d + 4 &* stride, as: V.self)
    let d5 = load(d + 5 &* stride, as: V.self)
    let evenSmall = plus(A.self, d4, -2, d2)
    let oddSmall = V(repeating: root / 2) * plus(A.self, d3, -2, d1)
    let evenLarge = plus(A.self, d4, -0.5, d2)
    let oddLarge = V(repeating: root) * plus(A.self, d3, -0.5, d1)
    store(plus(A.self, d0 + d4, -2.5, d2), to: v)
    store(evenSmall + oddSmall, to: v + vStride)
    store(evenSmall - oddSmall, to: v + 2 &* vStride)
    store(evenLarge + oddLarge, to: v + 3 &* vStride)
    store(evenLarge - oddLarge, to: v + 4 &* vStride)
    store(plus(A.self, d1 + d5, -2.5, d3), to: v + 5 &* vStride)
  }

  @_alwaysEmitIntoClient @_transparent
  public static func transformFilter<A: FloatArithmetic>(
    _: A.Type, _ g: UnsafePointer<Float>, stride: Int, to u: UnsafeMutablePointer<Float>, stride uStride: Int
  ) {
    typealias V = A.Vector
    let g0 = load(g, as: V.self)
    let g1 = load(g + stride, as: V.self)
    let g2 = load(g + 2 &* stride, as: V.self)
    // N = −3/2 for ±√½, 6 for ±√2.
    let evenSmall = V(repeating: -2 / 3) * plus(A.self, g0, 0.5, g2)
    let oddSmall = V(repeating: -root / 3) * g1
    let evenLarge = V(repeating: 1 / 6) * plus(A.self, g0, 2, g2)
    let oddLarge = V(repeating: root / 6) * g1
    store(g0, to: u)
    store(evenSmall + oddSmall, to: u + uStride)
    store(evenSmall - oddSmall, to: u + 2 &* uStride)
    store(evenLarge + oddLarge, to: u + 3 &* uStride)
    store(evenLarge - oddLarge, to: u + 4 &* uStride)
    store(g2, to: u + 5 &* uStride)
  }

  @_alwaysEmitIntoClient @_transparent
  public static func transformOutput<A: FloatArithmetic>(
    _: A.Type, _ m: UnsafePointer<Float>, stride: Int, to y: UnsafeMutablePointer<Float>, stride yStride: Int
  ) {
    typealias V = A.Vector
    let m1 = load(m + stride, as: V.self)
    let m2 = load(m + 2 &* stride, as: V.self)
    let m3 = load(m + 3 &* stride, as: V.self)
    let m4 = load(m + 4 &* stride, as: V.self)
    let (evenSmall, oddSmall) = (m1 + m2, V(repeating: root / 2) * (m1 - m2))
    let (evenLarge, oddLarge) = (m3 + m4, V(repeating: root) * (m3 - m4))
    store(load(m, as: V.self) + evenSmall + evenLarge, to: y)
    store(oddSmall + oddLarge, to: y + yStride)
    store(plus(A.self, V(repeating: 0.5) * evenSmall, 2, evenLarge), to: y + 2 &* yStride)
    let cubes = plus(A.self, V(repeating: 0.5) * oddSmall, 2, oddLarge)
    store(cubes + load(m + 5 &* stride, as: V.self), to: y + 3 &* yStride)
  }
}

/// F(6×6, 3×3) at 0, ±½, ±1, ±2 and ∞: 64 products for 36 outputs, a fifth of the direct sum's.
public enum WinogradTile6: WinogradTile {
  @_alwaysEmitIntoClient @_transparent
  public static var outputs: Int { 6 }
  @_alwaysEmitIntoClient @_transparent
  public static var stride: Int { 1 }
  public static var points: [Double] { [0, 0.5, -0.5, 1, -1, 2, -2] }

  @_alwaysEmitIntoClient @_transparent
  public static func transformInput<A: FloatArithmetic>(
    _: A.Type, _ d: UnsafePointer<Float>, stride: Int, to v: UnsafeMutablePointer<Float>, stride vStride: Int
  ) {
    typealias V = A.Vector
    let d0 = load(d, as: V.self)
    let d1 = load(d + stride, as: V.self)
    let d2 = load(d + 2 &* stride, as: V.self)
    let d3 = load(d + 3 &* stride, as: V.self)
    let d4 = load(d + 4 &* stride, as: V.self)
    let d5 = load(d + 5 &* stride, as: V.self)
    let d6 = load(d + 6 &* stride, as: V.self)
    let d7 = load(d + 7 &* stride, as: V.self)
    let evenHalf = plus(A.self, plus(A.self, d6, 4, d2), -5, d4)
    let oddHalf = V(repeating: 0.5) * plus(A.self, plus(A.self, d5, 4, d1), -5, d3)
    let evenOne = plus(A.self, d6 + d2, -4.25, d4)
    let oddOne = plus(A.self, d5 + d1, -4.25, d3)
    let evenTwo = plus(A.self, plus(A.self, d6, 0.25, d2), -1.25, d4)
    let oddTwo = V(repeating: 2) * plus(A.self, plus(A.self, d5, 0.25, d1), -1.25, d3)
    store(plus(A.self, d6 - d0, 5.25, d2 - d4), to: v)
    store(evenHalf + oddHalf, to: v + vStride)
    store(evenHalf - oddHalf, to: v + 2 &* vStride)
    store(evenOne + oddOne, to: v + 3 &* vStride)
    store(evenOne - oddOne, to: v + 4 &* vStride)
    store(evenTwo + oddTwo, to: v + 5 &* vStride)
    store(evenTwo - oddTwo, to: v + 6 &* vStride)
    store(plus(A.self, d7 - d1, 5.25, d3 - d5), to: v + 7 &* vStride)
  }

  @_alwaysEmitIntoClient @_transparent
  public static func transformFilter<A: FloatArithmetic>(
    _: A.Type, _ g: UnsafePointer<Float>, stride: Int, to u: UnsafeMutablePointer<Float>, stride uStride: Int
  ) {
    typealias V = A.Vector
    let g0 = load(g, as: V.self)
    let g1 = load(g + stride, as: V.self)
    let g2 = load(g + 2 &* stride, as: V.self)
    // N = −1 for 0, 45/32 for ±½, −9/2 for ±1, 90 for ±2.
    let evenHalf = V(repeating: 32 / 45) * plus(A.self, g0, 0.25, g2)
    let oddHalf = V(repeating: 16 / 45) * g1
    let evenOne = V(repeating: -2 / 9) * (g0 + g2)
    let oddOne = V(repeating: -2 / 9) * g1
    let evenTwo = V(repeating: 1 / 90) * plus(A.self, g0, 4, g2)
    let oddTwo = V(repeating: 1 / 45) * g1
    store(V(repeating: -1) * g0, to: u)
    store(evenHalf + oddHalf, to: u + uStride)
    store(evenHalf - oddHalf, to: u + 2 &* uStride)
    store(evenOne + oddOne, to: u + 3 &* uStride)
    store(evenOne - oddOne, to: u + 4 &* uStride)
    store(evenTwo + oddTwo, to: u + 5 &* uStride)
    store(evenTwo - oddTwo, to: u + 6 &* uStride)
    store(g2, to: u + 7 &* uStride)
  }

  @_alwaysEmitIntoClient @_transparent
  public static func transformOutput<A: FloatArithmetic>(
    _: A.Type, _ m: UnsafePointer<Float>, stride: Int, to y: UnsafeMutablePointer<Float>, stride yStride: Int
  ) {
    typealias V = A.Vector
    let m1 = load(m + stride, as: V.self)
    let m2 = load(m + 2 &* stride, as: V.self)
    let m3 = load(m + 3 &* stride, as: V.self)
    let m4 = load(m + 4 &* stride, as: V.self)
    let m5 = load(m + 5 &* stride, as: V.self)
    let m6 = load(m + 6 &* stride, as: V.self)
    let (evenHalf, oddHalf) = (m1 + m2, m1 - m2)
    let (evenOne, oddOne) = (m3 + m4, m3 - m4)
    let (evenTwo, oddTwo) = (m5 + m6, m5 - m6)
    store(load(m, as: V.self) + evenHalf + evenOne + evenTwo, to: y)
    store(plus(A.self, plus(A.self, oddOne, 0.5, oddHalf), 2, oddTwo), to: y + yStride)
    store(plus(A.self, plus(A.self, evenOne, 0.25, evenHalf), 4, evenTwo), to: y + 2 &* yStride)
    store(plus(A.self, plus(A.self, oddOne, 0.125, oddHalf), 8, oddTwo), to: y + 3 &* yStride)
    store(plus(A.self, plus(A.self, evenOne, 0.0625, evenHalf), 16, evenTwo), to: y + 4 &* yStride)
    let fifth = plus(A.self, plus(A.self, oddOne, 0.03125, oddHalf), 32, oddTwo)
    store(fifth + load(m + 7 &* stride, as: V.self), to: y + 5 &* yStride)
  }
}
