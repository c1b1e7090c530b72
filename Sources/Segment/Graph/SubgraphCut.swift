// SPDX-License-Identifier: Apache-2.0
import Linalg
import Tensor

/// A part of the graph that is to be cut.
package struct Subgraph: Sendable {
  /// The nodes of the graph in it, increasing.
  let members: [Int]
  /// The cut that it is a side of, and which side; nil for the whole graph.
  var parent: (cut: Int, isHigh: Bool)?
}

/// A part of the graph, and the cheapest cut of it in two.
package struct SubgraphCut: Sendable {
  let part: Subgraph
  /// λ of its Fiedler vector: the second-smallest eigenvalue of the normalized Laplacian.
  let eigenvalue: Double
  let bipartition: Bipartition

  package var normalizedCutValue: Double { bipartition.normalizedCutValue }

  /// Finds the cheapest cut: (D − W) y = λ D y, and the threshold on y with the smallest Ncut.
  fileprivate init(
    of part: Subgraph, in affinity: AffinityMatrix, by team: ParallelTeam?, _ kernels: KernelTable
  ) throws {
    let (members, whole) = (part.members, affinity.weights)
    let weights = members.count == whole.dimension ? whole : whole.submatrix(members, by: team)
    let laplacian = NormalizedLaplacian(weights: weights, kernels: kernels, team: team)
    let (eigenvalue, y) = try laplacian.fiedlerVector()
    self.part = part
    self.eigenvalue = eigenvalue
    bipartition = NormalizedCut.bestBipartition(of: y, weights: weights, degree: laplacian.degree, using: kernels)
  }

  /// Returns both sides, the low one first.
  ///
  /// Reference behavior: below the root a node whose affinity row holds an exact zero is left out, which is at least the
  /// least similar pair that min-max scaling sends to zero.
  ///
  /// - Parameter index: the number of this cut, which the sides refer to.
  func sides(in affinity: AffinityMatrix, at index: Int) -> [Subgraph] {
    let members = part.members
    let free = members.indices.filter { !affinity.hasZero[members[$0]] }
    return [false, true].map { isHigh in
      Subgraph(
        members: free.filter { bipartition.isHigh[$0] == isHigh }.map { members[$0] }, parent: (index, isHigh))
    }
  }
}

extension AffinityMatrix {
  /// Returns the cheapest cut of each part that has at least two nodes, the largest part first.
  ///
  /// Large parts share each of their products out over the threads; the others are shared out whole.
  ///
  /// - Throws: `EigensolverError` when an eigenproblem does not converge.
  func bestCuts(
    of parts: [Subgraph], by team: ParallelTeam, using kernels: KernelTable
  ) throws -> [SubgraphCut] {
    // The largest first: the threads then end together.
    let parts = parts.filter { $0.members.count >= 2 }.sorted { $0.members.count > $1.members.count }
    let large = parts.prefix { $0.members.count >= SymmetricTensor.teamDimension }.count
    var found = parts[..<large].map { part in
      Result { try SubgraphCut(of: part, in: self, by: team, kernels) }
    }
    found += team.map(parts.count - large) { index in
      Result { try SubgraphCut(of: parts[large + index], in: self, by: nil, kernels) }
    }
    return try found.map { try $0.get() }
  }
}

extension BipartitionTree {
  /// Creates the tree of a recursion.
  ///
  /// - Parameter cuts: the cuts of all parts that were examined, parents before their sides.
  init(graphNodeCount: Int, threshold: Double, cuts: [SubgraphCut]) {
    self.init(graphNodeCount: graphNodeCount, threshold: threshold)
    var sides = [(low: Int?, high: Int?)](repeating: (nil, nil), count: cuts.count)
    for (index, cut) in cuts.enumerated() {
      guard let (parent, isHigh) = cut.part.parent else { continue }
      if isHigh { sides[parent].high = index } else { sides[parent].low = index }
    }
    // Depth first, the high side before the low one.
    var pending: [(cut: Int, parent: (index: Int, isHigh: Bool)?)] = cuts.isEmpty ? [] : [(0, nil)]
    while let (next, parent) = pending.popLast() {
      let cut = cuts[next]
      let index = append(
        members: cut.part.members, eigenvalue: cut.eigenvalue, bipartition: cut.bipartition, parent: parent)
      if let low = sides[next].low { pending.append((low, (index, false))) }
      if let high = sides[next].high { pending.append((high, (index, true))) }
    }
  }
}
