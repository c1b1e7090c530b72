// SPDX-License-Identifier: Apache-2.0

/// The nodes of a feature map sorted into classes: the clustering stage's result.
public struct NodePartition: Sendable {
  public let grid: Grid
  /// How the classes were found.
  public let method: ClusteringMethod
  /// The class of every node, 0 ..< classCount, numbered as the method's reference numbers them. Of DiffSeg's classes, its
  /// proposals, some may have no node.
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
  /// How strong each class is at each node, [nodes, classes], where the method tells: DiffSeg's proposals. nil elsewhere.
  private let strengths: ContiguousArray<Double>?

  /// - Parameter attention: what DiffSeg merges, on the nodes' grid.
  fileprivate init(
    _ features: FeatureMap, attention: AttentionMap? = nil, method: ClusteringMethod, tau: Double, alpha: Double,
    floor: Double, willBegin: (String) -> Void
  ) throws {
    try method.check()
    var strengths: ContiguousArray<Double>?
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
    } else if case .diffSeg(let tau, let anchors, let rounds, let kMeans) = method {
      guard let attention else { throw ClusteringError.noAttention }
      willBegin(ClusteringStage.cuts)
      tree = BipartitionTree(graphNodeCount: features.nodeCount, threshold: tau)
      let proposals = DiffSeg(tau: tau, anchorsPerSide: anchors, rounds: rounds, endsWithKMeans: kMeans)
        .proposals(of: attention)
      let (nodes, count) = (grid.count, proposals.count / grid.count)
      let values = ContiguousArray((0..<proposals.count).map { proposals[$0 % count * nodes + $0 / count] })
      labels = ConceptAssignment.strongest(of: values, grid: grid, height: grid.height, width: grid.width)
        .labels.map { Int($0) }
      (strengths, classCount) = (values, count)
    } else {
      willBegin(ClusteringStage.cuts)
      tree = BipartitionTree(graphNodeCount: features.nodeCount, threshold: tau)
      (labels, classCount) = try method.classes(unit: unit, channels: channels, grid: grid, floor: floor)
    }
    self.strengths = strengths
  }

  /// A partition by another tree over the same graph.
  private init(_ other: NodePartition, tree: BipartitionTree) {
    (grid, method, unit, channels) = (other.grid, other.method, other.unit, other.channels)
    (alpha, floor, strengths) = (other.alpha, other.floor, nil)
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

  /// The class of every pixel of a picture that the grid covers. Of DiffSeg's, those without a pixel are left out, and the
  /// others renumbered in their order.
  ///
  /// - Parameters:
  ///   - height: of the picture, in pixels.
  ///   - width: of the picture, in pixels.
  ///   - upsampling: nil: the method's own.
  ///   - fine: features on a finer grid, which pixels are then assigned by; same channels as the nodes'.
  public func labelMap(
    height: Int, width: Int, upsampling: Upsampling? = nil, fine: FeatureMap? = nil
  ) -> LabelMap {
    let map = classMap(height: height, width: width, upsampling: upsampling, fine: fine)
    return method.needsAttention ? map.ranked().ranks : map
  }

  /// Labels of pixels, as in `labelMap`, and of nodes by the same numbers. DiffSeg's classes that have a node and no pixel come
  /// last.
  package func pixelsAndNodes(
    height: Int, width: Int, upsampling: Upsampling? = nil
  ) -> (map: LabelMap, nodes: [Int]) {
    let map = classMap(height: height, width: width, upsampling: upsampling)
    guard method.needsAttention else { return (map, labels) }
    let (ranks, values) = map.ranked()
    let others = Set(labels).subtracting(values.map { Int($0) }).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: (values.map { Int($0) } + others).enumerated().map { ($1, $0) })
    return (ranks, labels.map { numbers[$0] ?? 0 })
  }

  /// The mean unit feature of every class, [classes, channels]. One without nodes, which only DiffSeg has, takes the mean of
  /// all in proportion to its strength.
  func meanFeatures() -> ContiguousArray<Double> {
    var means = ConceptAssignment.means(unit: unit, channels: channels, labels: labels, classCount: classCount)
    guard let strengths else { return means }
    for label in Set(0..<classCount).subtracting(labels) {
      let total = (0..<grid.count).reduce(0) { $0 + strengths[$1 * classCount + label] }
      for c in 0..<channels {
        means[label * channels + c] = (0..<grid.count).reduce(0) {
          $0 + strengths[$1 * classCount + label] / total * unit[$1 * channels + c]
        }
      }
    }
    return means
  }

  /// The class of every pixel.
  func classMap(height: Int, width: Int, upsampling: Upsampling? = nil, fine: FeatureMap? = nil) -> LabelMap {
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
    case .bilinear:
      ConceptAssignment.strongest(of: strengths ?? memberships, grid: grid, height: height, width: width)
    }
  }

  /// 1 where a node has a class and 0 elsewhere, [nodes, classes].
  private var memberships: ContiguousArray<Double> {
    var result = ContiguousArray(repeating: 0.0, count: grid.count * classCount)
    for (node, label) in labels.enumerated() { result[node * classCount + label] = 1 }
    return result
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
  /// - Throws: `EigensolverError` when an eigenproblem does not converge; `ClusteringError` for settings that cannot be used,
  ///   and for DiffSeg, which features alone are not enough for.
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

extension EncodedImage {
  /// Sorts the nodes into classes, by their features or, as DiffSeg does, by attention.
  ///
  /// - Parameters: as of `FeatureMap.partition`.
  /// - Throws: as `FeatureMap.partition`; `AttentionError` where the attention's grids do not fit the nodes'.
  public func partition(
    by method: ClusteringMethod = .diffCut, tau: Double = 0.5, alpha: Double = 10, floor: Double = 0,
    willBegin: (_ stage: String) -> Void = { _ in }
  ) throws -> NodePartition {
    let map =
      method.needsAttention && !attention.isEmpty ? try AttentionMap(aggregating: attention, to: nodes.grid) : nil
    return try NodePartition(
      nodes, attention: map, method: method, tau: tau, alpha: alpha, floor: floor, willBegin: willBegin)
  }
}

extension AttentionMap {
  /// Sorts the cells into classes by this map alone, whose rows serve as features too.
  ///
  /// - Parameter method: DiffSeg, which takes a map with rows of sum 1: see `init(aggregating:to:)`.
  /// - Throws: `ClusteringError` for settings that cannot be used; `FeatureError` for too many cells.
  public func partition(by method: ClusteringMethod = .diffSeg()) throws -> NodePartition {
    let rows = try FeatureMap(grid: grid, channels: grid.count, values: values)
    return try NodePartition(
      rows, attention: self, method: method, tau: 0.5, alpha: 10, floor: 0, willBegin: { _ in })
  }
}

/// What the stages after the encoder are called.
enum ClusteringStage {
  static let affinity = "affinity"
  static let cuts = "cuts"
  static let upsampling = "upsampling"
  static let refinement = "refinement"
}
