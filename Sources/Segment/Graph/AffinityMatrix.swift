// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The weighted graph over the nodes of a feature map.
///
/// W_ij = ((c_ij − min c) / (max c − min c))^α for the cosines c_ij of all pairs, i = j included.
///
/// - Source: DiffCut §3.2; Reference behavior: min and max are taken over the whole matrix, and the scaled cosine is
///   rounded to single precision before the power and after it.
/// - Invariant: exactly symmetric, entries in [0, 1]. One product stands for (i, j) and (j, i): a blocked product may round
///   the two differently, and then only one node of the least similar pair would hold an exact zero.
package struct AffinityMatrix: Sendable {
  package let weights: SymmetricTensor
  /// Nodes with an exact zero in their row. Below the root the recursion leaves them out.
  package let hasZero: [Bool]

  package var dimension: Int { weights.dimension }

  /// A range of cosines within rounding error holds no structure.
  private static let flatRange = 1e-12

  /// Nil when all cosines are equal up to rounding: a graph without structure, which is one segment.
  ///
  /// - Parameters:
  ///   - unit: feature vectors of length 1 (or 0), [n, channels].
  ///   - exponent: α > 0.
  ///   - floor: scaled cosines below it count as it. 0 is the reference's graph; above it no affinity is zero and no
  ///     node is left out.
  package init?(
    unit: ContiguousArray<Double>, channels: Int, exponent: Double, floor: Double = 0,
    using kernels: KernelTable = .current
  ) {
    let cosines = GramMatrix(of: unit.span, length: channels, using: kernels)
    guard let (minimum, maximum) = cosines.extent, maximum - minimum > Self.flatRange else { return nil }
    weights = cosines.map(
      ScaledPower(minimum: minimum, range: maximum - minimum, exponent: exponent, floor: floor))
    hasZero = weights.rowsWithZero()
  }
}
