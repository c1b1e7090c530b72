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
    /// λ of its Fiedler vector: the second-smallest eigenvalue of the normalised Laplacian.
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
    public let parent: Int?

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
      // Reference behaviour: a NaN stops the recursion too.
      guard node.normalizedCutValue < tau else { continue }
      accepted.append(index)
      if let low = node.low { pending.append(low) }
      if let high = node.high { pending.append(high) }
    }
    return accepted
  }

  /// The class of every graph node, 0 ..< count.
  ///
  /// Reference behaviour: every accepted cut is one bit of a node's code, set for the high side; classes are numbered in
  /// increasing order of the code, the last cut found being its most significant bit. Nodes left out below the root keep
  /// 0 in every deeper bit.
  public func labels(tau: Double? = nil) -> (labels: [Int], count: Int) {
    let cuts = acceptedCuts(tau: tau)
    let words = (cuts.count + 63) / 64
    guard words > 0 else { return ([Int](repeating: 0, count: graphNodeCount), 1) }
    var codes = [[UInt64]](repeating: [UInt64](repeating: 0, count: words), count: graphNodeCount)
    for (position, cut) in cuts.enumerated() {
      // Word 0 is the most significant: the last cut is its highest bit.
      let bit = cuts.count - 1 - position
      for node in nodes[cut].highMembers { codes[node][bit / 64] |= 1 << UInt64(63 - bit % 64) }
    }
    let order = codes.indices.sorted { codes[$0].lexicographicallyPrecedes(codes[$1]) }
    var labels = [Int](repeating: 0, count: graphNodeCount)
    var label = 0
    for (position, node) in order.enumerated() {
      if position > 0 && codes[node] != codes[order[position - 1]] { label += 1 }
      labels[node] = label
    }
    return (labels, label + 1)
  }
}
