// SPDX-License-Identifier: Apache-2.0
import Tensor

/// How clearly a segment stands out: from the rest of the image, and in itself.
public struct SegmentScore: Equatable, Sendable {
  /// Nodes of the graph in the segment's class.
  public let nodeCount: Int
  /// The mean cosine of the class's unit features to their own mean: 1 where all are alike, near 0 where they have nothing in
  /// common. Nil for a class without nodes.
  public let similarity: Double?
  /// How many cuts led to the class; nil where the method makes none, as for the two below.
  public let depth: Int?
  /// Ncut of the last of them, which set the class apart: the smaller, the more clearly. Nil if nothing was cut.
  public let cutValue: Double?
  /// The smallest Ncut that was found inside the class: with τ above it, it falls apart. Nil where nothing was left to cut.
  public let nextCutValue: Double?
}

extension Segmentation {
  /// The scores of all segments, by id: that of segment id is at id − 1.
  public func scores() -> [SegmentScore] {
    let (partition, tree) = (partition, partition.tree)
    let means = ConceptAssignment.means(
      unit: partition.unit, channels: partition.channels, labels: partition.labels, classCount: partition.classCount)
    let branches = tree?.branches()
    var counts = [Int](repeating: 0, count: partition.classCount)
    // Of nodes that are left out below the root the cuts are not all known; others of their class went all the way.
    var deepest = [BipartitionTree.Branch?](repeating: nil, count: partition.classCount)
    for (node, label) in partition.labels.enumerated() {
      counts[label] += 1
      if let branch = branches?[node], branch.depth > deepest[label]?.depth ?? -1 { deepest[label] = branch }
    }
    return classes.map { label in
      let mean = means.span.extracting(label * partition.channels..<(label + 1) * partition.channels)
      let branch = deepest[label]
      return SegmentScore(
        nodeCount: counts[label],
        // Σ ⟨u, m⟩ / n‖m‖ = ‖m‖, m being the mean of the n unit features u.
        similarity: counts[label] > 0 ? dot(mean, mean).squareRoot() : nil,
        depth: branch?.depth, cutValue: branch?.cut.flatMap { tree?.nodes[$0].normalizedCutValue },
        nextCutValue: branch?.next.flatMap { tree?.nodes[$0].normalizedCutValue }.flatMap { $0.isNaN ? nil : $0 })
    }
  }
}

extension BipartitionTree {
  /// Where a graph node came to lie.
  fileprivate struct Branch {
    /// How many accepted cuts it went through.
    var depth = 0
    /// The last of them.
    var cut: Int?
    /// The subgraph behind it, which was examined and not cut.
    var next: Int?
  }

  /// The branch of every graph node.
  fileprivate func branches() -> [Branch] {
    var branches = [Branch](repeating: Branch(next: nodes.isEmpty ? nil : 0), count: graphNodeCount)
    // Cuts come before those inside their sides.
    for cut in acceptedCuts() {
      let node = nodes[cut]
      for member in node.members {
        branches[member] = Branch(depth: branches[member].depth + 1, cut: cut, next: node.low)
      }
      for member in node.highMembers { branches[member].next = node.high }
    }
    return branches
  }
}
