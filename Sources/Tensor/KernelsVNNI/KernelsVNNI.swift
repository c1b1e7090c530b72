// SPDX-License-Identifier: Apache-2.0
import Builtin
import Kernels

/// C ← A·B (+ C) for the register tile of AVX-512; see `KernelSet.integerTile`.
public func integerTile(
  depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
  cStride: Int, accumulate: Bool
) {
  integerTile14x2(
    FusedFloat16Lanes.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate,
    addPairs: addPairs)
}

/// Two products and both additions are one instruction; see `PairProducts`.
@inline(__always)
private func addPairs(_ x: SIMD16<Int32>, _ y: SIMD16<Int32>, _ z: SIMD16<Int32>) -> SIMD16<Int32> {
  var sums = z
  sums._storage._value = Builtin.int_x86_avx512_vpdpwssd_512(
    z._storage._value, x._storage._value, y._storage._value)
  return sums
}
