// SPDX-License-Identifier: Apache-2.0
import Kernels

#if arch(x86_64)
  import Builtin
#endif

typealias F = FusedFloat8Lanes
typealias D = FusedDouble4Lanes
typealias Tile = ShortTile

/// See `addPairProducts`.
@inline(__always) func addPairs(_ x: SIMD8<Int32>, _ y: SIMD8<Int32>, _ z: SIMD8<Int32>) -> SIMD8<Int32> {
  #if arch(x86_64)
    var sums = z
    sums._storage._value = Builtin.int_x86_avx2_pmadd_wd(
      unsafeBitCast(x, to: SIMD16<Int16>.self)._storage._value, unsafeBitCast(y, to: SIMD16<Int16>.self)._storage._value
    )
    return z &+ sums
  #else
    return addPairProducts(x, y, z)
  #endif
}
