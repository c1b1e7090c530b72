// SPDX-License-Identifier: Apache-2.0
import Linalg
import Tensor

/// Cuts a graph in two, and the parts again, as long as the cut is cheap (DiffCut §3.3).
package enum RecursiveNormalizedCut {
  /// The recursion over the graph of `features` with exponent α, accepting cuts with Ncut < τ.
  ///
  /// Reference behaviour: below the root a node whose affinity row holds an exact zero is left out (at least the least
  /// similar pair, which min-max scaling sends to zero).
  ///
  /// - Throws: `EigensolverError` when an eigenproblem does not converge.
  package static func tree(
    of features: FeatureMap, tau: Double, alpha: Double, using kernels: KernelTable = .current
  ) throws -> BipartitionTree {
    try tree(
      of: AffinityMatrix(unit: features.unitRows(), channels: features.channels, exponent: alpha, using: kernels),
      nodeCount: features.nodeCount, tau: tau, using: kernels)
  }

  /// The same for a graph at hand; nil stands for one without structure, which stays whole.
  package static func tree(
    of affinity: AffinityMatrix?, nodeCount: Int, tau: Double, using kernels: KernelTable = .current
  ) throws -> BipartitionTree {
    var tree = BipartitionTree(graphNodeCount: nodeCount, threshold: tau)
    guard let affinity else { return tree }
    // A stack of its own: a path may be as long as the graph is large.
    var pending: [(members: [Int], parent: (index: Int, isHigh: Bool)?)] = [(Array(0..<nodeCount), nil)]
    while let (members, parent) = pending.popLast() {
      guard members.count > 1 else { continue }
      let weights = members.count == nodeCount ? affinity.weights : affinity.weights.submatrix(members)
      let laplacian = NormalizedLaplacian(weights: weights, kernels: kernels)
      let (eigenvalue, y) = try laplacian.fiedlerVector()
      let bipartition = NormalizedCut.bestBipartition(
        of: y, weights: weights, degree: laplacian.degree, using: kernels)
      let index = tree.append(
        members: members, eigenvalue: eigenvalue, bipartition: bipartition, parent: parent)
      guard bipartition.normalizedCutValue < tau else { continue }
      let free = members.indices.filter { !affinity.hasZero[members[$0]] }
      pending.append((free.filter { !bipartition.isHigh[$0] }.map { members[$0] }, (index, false)))
      pending.append((free.filter { bipartition.isHigh[$0] }.map { members[$0] }, (index, true)))
    }
    return tree
  }
}
