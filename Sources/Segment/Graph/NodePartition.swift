// SPDX-License-Identifier: Apache-2.0

/// The nodes of a feature map sorted into classes: the clustering stage's result.
public struct NodePartition: Sendable {
  public let grid: Grid
  /// How the classes were found.
  public let method: ClusteringMethod
  /// The class of every node, 0 ..< classCount, numbered as the method's reference numbers them.
  public let labels: [Int]
  public let classCount: Int
  /// Every cut that was tried; empty where the method is not DiffCut's recursion.
  public let tree: BipartitionTree
  /// Exponent of the affinity, and what scaled cosines below it count as: the graph that eigenvectors are shown of. Only
  /// DiffCut's recursion cuts this graph.
  public let alpha: Double
  public let floor: Double
  /// Unit features of the nodes, [nodes, channels].
  package let unit: ContiguousArray<Double>
  public let channels: Int

  fileprivate init(
    _ features: FeatureMap, method: ClusteringMethod, tau: Double, alpha: Double, floor: Double,
    willBegin: (String) -> Void
  ) throws {
    try method.check()
    unit = features.unitRows()
    channels = features.channels
    grid = features.grid
    (self.method, self.alpha, self.floor) = (method, alpha, floor)
    if method == .diffCut {
      willBegin(ClusteringStage.affinity)
      let affinity = AffinityMatrix(unit: unit, channels: channels, exponent: alpha, floor: floor)
      willBegin(ClusteringStage.cuts)
      tree = try RecursiveNormalizedCut.tree(of: affinity, nodeCount: features.nodeCount, tau: tau)
      (labels, classCount) = tree.labels()
    } else {
      willBegin(ClusteringStage.cuts)
      tree = BipartitionTree(graphNodeCount: features.nodeCount, threshold: tau)
      (labels, classCount) = try method.classes(unit: unit, channels: channels, grid: grid, floor: floor)
    }
  }

  /// A partition by another tree over the same graph.
  private init(_ other: NodePartition, tree: BipartitionTree) {
    (grid, method, unit, channels) = (other.grid, other.method, other.unit, other.channels)
    (alpha, floor) = (other.alpha, other.floor)
    self.tree = tree
    (labels, classCount) = tree.labels()
  }

  /// What `FeatureMap.partition` gives at a smaller τ, class numbers included, without another eigenproblem: a bipartition does
  /// not depend on τ, only whether it is accepted.
  ///
  /// - Precondition: the method is DiffCut's recursion, and `tau` is not above the tree's threshold.
  public func cut(at tau: Double) -> NodePartition {
    precondition(method == .diffCut, "\(method) leaves no tree to cut")
    return NodePartition(self, tree: tree.cut(at: tau))
  }

  /// The class of every pixel of a picture that the grid covers.
  ///
  /// - Parameters:
  ///   - height: of the picture, in pixels.
  ///   - width: of the picture, in pixels.
  ///   - upsampling: nil: the method's own.
  ///   - fine: features on a finer grid, which pixels are then assigned by; same channels as the nodes'.
  public func labelMap(
    height: Int, width: Int, upsampling: Upsampling? = nil, fine: FeatureMap? = nil
  ) -> LabelMap {
    switch upsampling ?? method.upsampling {
    case .nearest, .corner:
      ConceptAssignment.nearestLabelMap(
        grid: grid, labels: labels, height: height, width: width,
        fromCorner: (upsampling ?? method.upsampling) == .corner)
    case .concept:
      ConceptAssignment.labelMap(
        unit: fine?.unitRows() ?? unit, grid: fine?.grid ?? grid,
        concepts: ConceptAssignment.means(unit: unit, channels: channels, labels: labels, classCount: classCount),
        channels: channels, height: height, width: width)
    }
  }
}

extension FeatureMap {
  /// Sorts the nodes into classes. DiffCut's method cuts the graph of these features: affinity with exponent α, recursion
  /// while Ncut < τ.
  ///
  /// - Parameters:
  ///   - method: what sorts the nodes.
  ///   - tau: τ of DiffCut's recursion; the other methods have settings of their own.
  ///   - alpha: α of DiffCut's affinity.
  ///   - floor: scaled cosines below it count as it; 0 is the reference's graph.
  ///   - willBegin: told a stage's name before it is computed: `affinity`, then `cuts`.
  /// - Throws: `EigensolverError` when an eigenproblem does not converge; `ClusteringError` for settings that cannot be used.
  public func partition(
    by method: ClusteringMethod = .diffCut, tau: Double = 0.5, alpha: Double = 10, floor: Double = 0,
    willBegin: (_ stage: String) -> Void = { _ in }
  ) throws -> NodePartition {
    try NodePartition(self, method: method, tau: tau, alpha: alpha, floor: floor, willBegin: willBegin)
  }

  /// What `partition` gives by DiffCut's recursion at each of several τ, in their order: it runs once, at the largest.
  ///
  /// - Throws: `EigensolverError` when an eigenproblem does not converge.
  public func partitions(
    at taus: [Double], alpha: Double = 10, floor: Double = 0, willBegin: (_ stage: String) -> Void = { _ in }
  ) throws -> [NodePartition] {
    guard let largest = taus.max() else { return [] }
    let whole = try partition(tau: largest, alpha: alpha, floor: floor, willBegin: willBegin)
    return taus.map(whole.cut)
  }
}

/// What the stages after the encoder are called.
enum ClusteringStage {
  static let affinity = "affinity"
  static let cuts = "cuts"
  static let upsampling = "upsampling"
  static let refinement = "refinement"
}
