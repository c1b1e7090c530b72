// SPDX-License-Identifier: Apache-2.0
import Builtin
import Kernels

/// The kernels for AVX-512 F, BW, DQ and VL.
public let kernels: any KernelSet.Type = AVX512.self

private enum AVX512: KernelSet {
  typealias F = FusedFloat16Lanes
  typealias D = FusedDouble8Lanes
  typealias Tile = TallTile

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
private func addPairs(_ x: SIMD16<Int32>, _ y: SIMD16<Int32>, _ z: SIMD16<Int32>) -> SIMD16<Int32> {
  typealias Halves = SIMD32<Int16>
  var sums = z
  sums._storage._value = Builtin.int_x86_avx512_pmaddw_d_512(
    unsafeBitCast(x, to: Halves.self)._storage._value, unsafeBitCast(y, to: Halves.self)._storage._value)
  return z &+ sums
}
