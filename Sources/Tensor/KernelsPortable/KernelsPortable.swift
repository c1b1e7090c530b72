// SPDX-License-Identifier: Apache-2.0
import Kernels

/// The kernels for the baseline of the architecture: SSE2 or NEON.
public let kernels: any KernelSet.Type = Portable.self

private enum Portable: KernelSet {
  #if arch(arm64)
    typealias F = FusedFloat4Lanes
    typealias D = FusedDouble2Lanes
    typealias Tile = TallTile
  #else
    typealias F = PlainFloat4Lanes
    typealias D = PlainDouble2Lanes
    typealias Tile = ShortTile
  #endif

  static func integerTile(
    depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
    cStride: Int, accumulate: Bool
  ) {
    Tile.multiplyIntegers(
      F.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate,
      addPairs: addPairs)
  }
}

/// The products and sums of `addPairProducts`, as a function that is not generic.
@inline(__always)
private func addPairs(_ x: SIMD4<Int32>, _ y: SIMD4<Int32>, _ z: SIMD4<Int32>) -> SIMD4<Int32> {
  addPairProducts(x, y, z)
}
