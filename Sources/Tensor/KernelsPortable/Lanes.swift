// SPDX-License-Identifier: Apache-2.0
import Kernels

#if arch(arm64)
  typealias F = FusedFloat4Lanes
  typealias D = FusedDouble2Lanes

#else
  typealias F = PlainFloat4Lanes
  typealias D = PlainDouble2Lanes

#endif

@_transparent
func gemmTile<A: VectorArithmetic>(
  _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, b: UnsafePointer<A.Vector.Scalar>,
  c: UnsafeMutablePointer<A.Vector.Scalar>, rowStride: Int, accumulate: Bool
) {
  #if arch(arm64)
    gemmTile14x2(A.self, depth: depth, a: a, b: b, c: c, rowStride: rowStride, accumulate: accumulate)
  #else
    gemmTile6x2(A.self, depth: depth, a: a, b: b, c: c, rowStride: rowStride, accumulate: accumulate)
  #endif
}
