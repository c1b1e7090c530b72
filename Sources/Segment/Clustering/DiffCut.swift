// SPDX-License-Identifier: Apache-2.0
import Tensor
import UNet

/// DiffCut: recursive normalized cut of the affinity graph of an image's features.
///
/// The numbers of equations are those of <doc:ClusteringStage>.
///
/// - Source: Couairon et al., "DiffCut", NeurIPS 2024, §3.2, §3.3 and Algorithm 1.
public struct DiffCut: Clusterer {
  public let name = "diffcut"
  /// A cut is accepted while its Ncut value is below τ; nil takes the τ that suits the features.
  public var tau: Double?
  /// The exponent of the affinity; nil takes that of the features' graph.
  public var alpha: Double?

  public init(tau: Double? = nil, alpha: Double? = nil) {
    self.tau = tau
    self.alpha = alpha
  }

  public func partition(_ image: EncodedImage, observer: StageObserver) throws -> NodePartition {
    var graph = image.graph
    graph.alpha = alpha ?? graph.alpha
    let unit = image.nodes.unitRows()
    observer.begin(ClusteringStage.affinity)
    let affinity = AffinityMatrix(  // (1), (2)
      unit: unit, channels: image.nodes.channels, exponent: graph.alpha, floor: graph.floor)
    observer.begin(ClusteringStage.cuts)
    let tree = try Self.tree(of: affinity, nodeCount: image.nodes.nodeCount, tau: tau ?? image.defaultTau)
    let (labels, classCount) = tree.labels()
    return NodePartition(
      image, graph: graph, unit: unit, labels: labels, classCount: classCount, tree: tree, upsampling: upsampling)
  }

  /// Algorithm 1: cuts the graph in two, and both sides again, as long as the cheapest cut is below τ. Parts of one depth are
  /// cut together.
  ///
  /// - Parameter affinity: nil: a graph without structure, which stays whole.
  /// - Throws: `EigensolverError` when an eigenproblem does not converge.
  package static func tree(
    of affinity: AffinityMatrix?, nodeCount: Int, tau: Double, using kernels: KernelTable = .current
  ) throws -> BipartitionTree {
    guard let affinity else { return BipartitionTree(graphNodeCount: nodeCount, threshold: tau) }
    var cuts: [SubgraphCut] = []
    try Parallel.withTeam { team in
      var parts = [Subgraph(members: Array(0..<nodeCount))]
      while !parts.isEmpty {
        let best = try affinity.bestCuts(of: parts, by: team, using: kernels)  // (3) to (5)
        parts = []
        for cut in best {
          cuts.append(cut)
          guard cut.normalizedCutValue < tau else { continue }  // (6)
          parts += cut.sides(in: affinity, at: cuts.count - 1)
        }
      }
    }
    return BipartitionTree(graphNodeCount: nodeCount, threshold: tau, cuts: cuts)
  }
}

extension DiffCut {
  public var description: String {
    "\(name), tau \(tau.map { "\($0)" } ?? "of the encoder"), alpha \(alpha.map { "\($0)" } ?? "of the encoder")"
  }

  /// Returns the partitions of an image at several τ, in their order. The recursion runs once, at the largest; `tau` does not
  /// count.
  ///
  /// - Throws: `EigensolverError` when an eigenproblem does not converge.
  public func partitions(
    _ image: EncodedImage, at taus: [Double], observer: StageObserver = StageObserver()
  ) throws -> [NodePartition] {
    guard let largest = taus.max() else { return [] }
    let whole = try DiffCut(tau: largest, alpha: alpha).partition(image, observer: observer)
    return taus.map(whole.cut)
  }
}
