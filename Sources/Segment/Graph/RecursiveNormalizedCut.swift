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
    guard let affinity else { return BipartitionTree(graphNodeCount: nodeCount, threshold: tau) }
    let splits = try Parallel.withTeam { try allSplits(of: affinity, tau: tau, by: $0, kernels) }
    var tree = BipartitionTree(graphNodeCount: nodeCount, threshold: tau)
    // Parents before children, a whole high side before the low one.
    var pending: [(split: Int, parent: (index: Int, isHigh: Bool)?)] = splits.isEmpty ? [] : [(0, nil)]
    while let (next, parent) = pending.popLast() {
      let split = splits[next]
      let index = tree.append(
        members: split.members, eigenvalue: split.eigenvalue, bipartition: split.bipartition, parent: parent)
      if let low = split.low { pending.append((low, (index, false))) }
      if let high = split.high { pending.append((high, (index, true))) }
    }
    return tree
  }

  /// A part of the graph that is to be split, and whose side it is.
  private typealias Part = (members: [Int], parent: (index: Int, isHigh: Bool)?)

  /// A part of the graph and the cheapest way to cut it.
  private struct Split {
    let members: [Int]
    let eigenvalue: Double
    let bipartition: Bipartition
    /// Where the splits of its sides are, if it is cut and they can be.
    var low: Int?
    var high: Int?

    init(_ members: [Int], of affinity: AffinityMatrix, by team: ParallelTeam?, _ kernels: KernelTable) throws {
      self.members = members
      let weights =
        members.count == affinity.dimension ? affinity.weights : affinity.weights.submatrix(members, by: team)
      let laplacian = NormalizedLaplacian(weights: weights, kernels: kernels, team: team)
      let (eigenvalue, y) = try laplacian.fiedlerVector()
      self.eigenvalue = eigenvalue
      bipartition = NormalizedCut.bestBipartition(of: y, weights: weights, degree: laplacian.degree, using: kernels)
    }
  }

  /// The splits of the recursion, level by level. Parts that are large share their products out over the threads, the others
  /// are shared out themselves.
  private static func allSplits(
    of affinity: AffinityMatrix, tau: Double, by team: ParallelTeam, _ kernels: KernelTable
  ) throws -> [Split] {
    var splits: [Split] = []
    var level: [Part] = [(Array(0..<affinity.dimension), nil)]
    while !level.isEmpty {
      // The largest first: the threads then end together.
      level.removeAll { $0.members.count < 2 }
      level.sort { $0.members.count > $1.members.count }
      let large = level.prefix { $0.members.count >= SymmetricTensor.teamDimension }.count
      var found = level[..<large].map { part in
        Result { try Split(part.members, of: affinity, by: team, kernels) }
      }
      found += team.map(level.count - large) { index in
        Result { try Split(level[large + index].members, of: affinity, by: nil, kernels) }
      }
      var next: [Part] = []
      for (part, result) in zip(level, found) {
        let split = try result.get()
        let index = splits.count
        switch part.parent {
        case (let parent, true)?: splits[parent].high = index
        case (let parent, false)?: splits[parent].low = index
        case nil: break
        }
        splits.append(split)
        guard split.bipartition.normalizedCutValue < tau else { continue }
        let free = split.members.indices.filter { !affinity.hasZero[split.members[$0]] }
        for side in [false, true] {
          let members = free.filter { split.bipartition.isHigh[$0] == side }.map { split.members[$0] }
          next.append((members, (index, side)))
        }
      }
      level = next
    }
    return splits
  }
}
