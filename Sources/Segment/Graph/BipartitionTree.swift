// SPDX-License-Identifier: Apache-2.0

/// The whole recursion: every subgraph that was examined, with the cut found in it, accepted or not.
///
/// A cut is accepted while its Ncut value is below τ. The tree therefore answers for every smaller τ as well: its
/// labels are those of the recursion stopped earlier.
public struct BipartitionTree: Sendable {
  /// One examined subgraph.
  public struct Node: Sendable {
    /// Graph nodes of the subgraph, increasing.
    public let members: [Int]
    /// λ of its Fiedler vector: the second-smallest eigenvalue of the normalized Laplacian.
    public let eigenvalue: Double
    /// The smallest Ncut of the threshold sweep; NaN when a threshold left one side empty.
    public let normalizedCutValue: Double
    /// Members on the side y > threshold, increasing. When the cut is accepted they are the mask it paints.
    public let highMembers: [Int]
    /// Position in `nodes` of the subgraphs examined next; nil where the cut was not accepted or the side has fewer
    /// than two members left.
    public fileprivate(set) var high: Int?
    public fileprivate(set) var low: Int?
    /// Position in `nodes` of the subgraph this one is a side of; nil for the root.
    public fileprivate(set) var parent: Int?

    public var size: Int { members.count }
  }

  /// Depth first, the high side before the low side; the root is the first.
  public private(set) var nodes: [Node] = []
  /// Nodes of the graph.
  public let graphNodeCount: Int
  /// τ the recursion was stopped at.
  public let threshold: Double

  init(graphNodeCount: Int, threshold: Double) {
    self.graphNodeCount = graphNodeCount
    self.threshold = threshold
  }

  mutating func append(
    members: [Int], eigenvalue: Double, bipartition: Bipartition, parent: (index: Int, isHigh: Bool)?
  ) -> Int {
    nodes.append(
      Node(
        members: members, eigenvalue: eigenvalue, normalizedCutValue: bipartition.normalizedCutValue,
        highMembers: members.indices.filter { bipartition.isHigh[$0] }.map { members[$0] }, parent: parent?.index))
    if let parent {
      if parent.isHigh { nodes[parent.index].high = nodes.count - 1 } else { nodes[parent.index].low = nodes.count - 1 }
    }
    return nodes.count - 1
  }

  /// Accepted cuts, in the order found, when the recursion stops at `tau` instead.
  ///
  /// - Precondition: `tau` is not above `threshold`.
  public func acceptedCuts(tau: Double? = nil) -> [Int] {
    let tau = tau ?? threshold
    precondition(tau <= threshold, "a tree cut at \(threshold) does not answer for \(tau)")
    var accepted: [Int] = []
    var pending = nodes.isEmpty ? [] : [0]
    while let index = pending.popLast() {
      let node = nodes[index]
      // Reference behavior: a NaN stops the recursion too.
      guard node.normalizedCutValue < tau else { continue }
      accepted.append(index)
      if let low = node.low { pending.append(low) }
      if let high = node.high { pending.append(high) }
    }
    return accepted
  }

  /// The class of every graph node, 0 ..< count.
  ///
  /// Reference behavior: every accepted cut is one bit of a node's code, set for the high side; classes are numbered in
  /// increasing order of the code, the last cut found being its most significant bit. Nodes left out below the root keep
  /// 0 in every deeper bit.
  ///
  /// Nodes on the high side of one cut have come the same way, and so have equal codes up to that bit. A class is therefore
  /// known by the last cut that has it on its high side, and later cuts make larger codes: its number is that cut's place
  /// among the accepted ones, counted from 1, and 0 for nodes on no high side. No class is empty, as every accepted cut
  /// leaves a low side.
  public func labels(tau: Double? = nil) -> (labels: [Int], count: Int) {
    let cuts = acceptedCuts(tau: tau)
    var labels = [Int](repeating: 0, count: graphNodeCount)
    for (position, cut) in cuts.enumerated() {
      for node in nodes[cut].highMembers { labels[node] = position + 1 }
    }
    return (labels, cuts.count + 1)
  }

  /// The tree of the recursion stopped at `tau` in place of `threshold`, without another eigenproblem: a cut is kept if its
  /// own Ncut and those of all cuts above it are below τ, and what was examined behind a refused cut goes.
  ///
  /// - Precondition: `tau` is not above `threshold`.
  public func cut(at tau: Double) -> BipartitionTree {
    var tree = BipartitionTree(graphNodeCount: graphNodeCount, threshold: tau)
    // Where a node that is kept stands in the smaller tree.
    var places = [Int?](repeating: nil, count: nodes.count)
    let accepted = Set(acceptedCuts(tau: tau))
    // Parents stand before their sides.
    for (index, node) in nodes.enumerated() {
      guard node.parent.map(accepted.contains) ?? true else { continue }
      var copy = node
      (copy.high, copy.low, copy.parent) = (nil, nil, node.parent.flatMap { places[$0] })
      places[index] = tree.nodes.count
      if let parent = node.parent, let place = copy.parent {
        if nodes[parent].high == index { tree.nodes[place].high = tree.nodes.count }
        if nodes[parent].low == index { tree.nodes[place].low = tree.nodes.count }
      }
      tree.nodes.append(copy)
    }
    return tree
  }

  /// The largest Ncut of a cut that is accepted at `tau`; nil without an accepted cut.
  public func largestAcceptedCutValue(tau: Double? = nil) -> Double? {
    acceptedCuts(tau: tau).map { nodes[$0].normalizedCutValue }.max()
  }

  /// The Ncut of the cheapest cut that is refused at `tau`, of those that were tried: a τ above it, and none up to it, gives
  /// more segments. Nil where no part can be cut in two any more.
  ///
  /// - Precondition: `tau` is not above `threshold`.
  public func smallestRejectedCutValue(tau: Double? = nil) -> Double? {
    let accepted = Set(acceptedCuts(tau: tau))
    return nodes.indices
      .filter { !accepted.contains($0) && nodes[$0].parent.map(accepted.contains) ?? true }
      .map { nodes[$0].normalizedCutValue }.filter { !$0.isNaN }.min()
  }
}
