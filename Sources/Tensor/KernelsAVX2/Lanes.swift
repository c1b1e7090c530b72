// SPDX-License-Identifier: Apache-2.0
import Kernels

typealias F = FusedFloat8Lanes
typealias D = FusedDouble4Lanes

@_transparent
func gemmTile<A: VectorArithmetic>(
  _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, b: UnsafePointer<A.Vector.Scalar>,
  c: UnsafeMutablePointer<A.Vector.Scalar>, rowStride: Int, accumulate: Bool
) {
  gemmTile6x2(A.self, depth: depth, a: a, b: b, c: c, rowStride: rowStride, accumulate: accumulate)
}
