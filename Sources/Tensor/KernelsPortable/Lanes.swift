// SPDX-License-Identifier: Apache-2.0
import Kernels

#if arch(arm64)
  typealias F = FusedFloat4Lanes
  typealias D = FusedDouble2Lanes
  typealias Tile = TallTile
#else
  typealias F = PlainFloat4Lanes
  typealias D = PlainDouble2Lanes
  typealias Tile = ShortTile
#endif

/// See `addPairProducts`.
@inline(__always) func addPairs(_ x: SIMD4<Int32>, _ y: SIMD4<Int32>, _ z: SIMD4<Int32>) -> SIMD4<Int32> {
  addPairProducts(x, y, z)
}
