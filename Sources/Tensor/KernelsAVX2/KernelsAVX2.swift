// SPDX-License-Identifier: Apache-2.0
import Builtin
import Kernels

/// The kernels for AVX2, FMA and F16C.
public let kernels: any KernelSet.Type = AVX2.self

private enum AVX2: KernelSet {
  typealias F = FusedFloat8Lanes
  typealias D = FusedDouble4Lanes
  typealias Tile = ShortTile

  static func integerTile(
    depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
    cStride: Int, accumulate: Bool
  ) {
    Tile.multiplyIntegers(
      F.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate,
      addPairs: addPairs)
  }
}

/// Two products and their sum are one instruction; see `PairProducts`.
@inline(__always)
private func addPairs(_ x: SIMD8<Int32>, _ y: SIMD8<Int32>, _ z: SIMD8<Int32>) -> SIMD8<Int32> {
  typealias Halves = SIMD16<Int16>
  var sums = z
  sums._storage._value = Builtin.int_x86_avx2_pmadd_wd(
    unsafeBitCast(x, to: Halves.self)._storage._value, unsafeBitCast(y, to: Halves.self)._storage._value)
  return z &+ sums
}
