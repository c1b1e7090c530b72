// SPDX-License-Identifier: Apache-2.0
import Kernels

#if arch(x86_64)
  import Builtin
#endif

typealias F = FusedFloat16Lanes
typealias D = FusedDouble8Lanes
typealias Tile = TallTile

/// See `addPairProducts`.
@inline(__always) func addPairs(_ x: SIMD16<Int32>, _ y: SIMD16<Int32>, _ z: SIMD16<Int32>) -> SIMD16<Int32> {
  #if arch(x86_64)
    var sums = z
    sums._storage._value = Builtin.int_x86_avx512_pmaddw_d_512(
      unsafeBitCast(x, to: SIMD32<Int16>.self)._storage._value, unsafeBitCast(y, to: SIMD32<Int16>.self)._storage._value
    )
    return z &+ sums
  #else
    return addPairProducts(x, y, z)
  #endif
}
