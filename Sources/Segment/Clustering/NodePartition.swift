// SPDX-License-Identifier: Apache-2.0

/// The nodes of an image sorted into classes: the result of the clustering stage.
public struct NodePartition: Sendable {
  /// The image whose nodes were partitioned, without attention.
  public let image: EncodedImage
  /// The settings of the graph that was used, which may have another α than the image's; eigenvectors are those of this graph.
  public let graph: GraphOptions
  /// The class of each node, 0 ..< classCount, numbered as the method's reference numbers them. Some of DiffSeg's classes may
  /// have no node.
  public let labels: [Int]
  public let classCount: Int
  /// Every cut that was tried; nil where the method is not DiffCut's recursion.
  public let tree: BipartitionTree?
  /// How classes reach the pixels by default.
  public let upsampling: Upsampling
  /// The unit features of the nodes, [nodes, channels].
  package let unit: ContiguousArray<Double>
  /// The strength of each class at each node, [nodes, classes], where the method computes it: DiffSeg. nil elsewhere.
  let strengths: ContiguousArray<Double>?

  /// Creates a partition of an image's nodes.
  ///
  /// - Parameters:
  ///   - image: the image.
  ///   - graph: the settings of the graph that was used; nil: the image's.
  ///   - unit: the unit features of its nodes.
  ///   - labels: the class of each node.
  ///   - classCount: nil: one more than the largest label.
  ///   - tree: every cut that was tried.
  ///   - strengths: the strength of each class at each node.
  ///   - upsampling: how classes reach the pixels by default.
  init(
    _ image: EncodedImage, graph: GraphOptions? = nil, unit: ContiguousArray<Double>, labels: [Int],
    classCount: Int? = nil, tree: BipartitionTree? = nil, strengths: ContiguousArray<Double>? = nil,
    upsampling: Upsampling
  ) {
    self.image = image.withoutAttention()
    self.graph = graph ?? image.graph
    self.unit = unit
    self.labels = labels
    self.classCount = classCount ?? (labels.max() ?? 0) + 1
    self.tree = tree
    self.strengths = strengths
    self.upsampling = upsampling
  }

  public var grid: Grid { image.nodes.grid }
  public var channels: Int { image.nodes.channels }

  /// Returns the partition at a smaller τ, class numbers included, without another eigenproblem: a bipartition does not depend
  /// on τ, only whether it is accepted.
  ///
  /// - Precondition: there is a tree, and `tau` is not above its threshold.
  public func cut(at tau: Double) -> NodePartition {
    guard let tree = tree?.cut(at: tau) else { preconditionFailure("a partition without a tree cannot be cut again") }
    let (labels, classCount) = tree.labels()
    return NodePartition(
      image, graph: graph, unit: unit, labels: labels, classCount: classCount, tree: tree, upsampling: upsampling)
  }

  /// Returns the class of each pixel of a picture that the grid covers. DiffSeg's classes without a pixel are left out and the
  /// others renumbered in order.
  ///
  /// - Parameters:
  ///   - height: the picture's height in pixels.
  ///   - width: the picture's width in pixels.
  ///   - upsampling: how classes reach the pixels; nil takes the partition's own.
  public func labelMap(height: Int, width: Int, upsampling: Upsampling? = nil) -> LabelMap {
    let map = classMap(height: height, width: width, upsampling: upsampling)
    return strengths == nil ? map : map.ranked().ranks
  }

  /// Returns the labels of pixels as `labelMap` does, and those of nodes by the same numbers. DiffSeg's classes that have a node
  /// and no pixel come last.
  package func pixelsAndNodes(
    height: Int, width: Int, upsampling: Upsampling? = nil
  ) -> (map: LabelMap, nodes: [Int]) {
    let map = classMap(height: height, width: width, upsampling: upsampling)
    guard strengths != nil else { return (map, labels) }
    let (ranks, values) = map.ranked()
    let others = Set(labels).subtracting(values.map { Int($0) }).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: (values.map { Int($0) } + others).enumerated().map { ($1, $0) })
    return (ranks, labels.map { numbers[$0] ?? 0 })
  }

  /// Returns the class of each pixel, by the number it has among the nodes.
  func classMap(height: Int, width: Int, upsampling: Upsampling? = nil) -> LabelMap {
    let upsampling = upsampling ?? self.upsampling
    switch upsampling {
    case .nearest, .corner:
      return ConceptAssignment.nearestLabelMap(
        grid: grid, labels: labels, height: height, width: width, fromCorner: upsampling == .corner)
    case .concept:
      let cells = image.features
      return ConceptAssignment.labelMap(
        unit: image.graph.nodeStride > 1 ? cells.unitRows() : unit, grid: cells.grid,
        concepts: ConceptAssignment.means(unit: unit, channels: channels, labels: labels, classCount: classCount),
        channels: channels, height: height, width: width)
    case .bilinear:
      return ConceptAssignment.strongest(of: strengths ?? memberships, grid: grid, height: height, width: width)
    }
  }

  /// Returns the mean unit feature of each class, [classes, channels]. A class without nodes, which only DiffSeg has, takes the
  /// mean of all nodes in proportion to its strength.
  package func meanFeatures() -> ContiguousArray<Double> {
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

  /// 1 where a node has a class and 0 elsewhere, [nodes, classes].
  private var memberships: ContiguousArray<Double> {
    var result = ContiguousArray(repeating: 0.0, count: grid.count * classCount)
    for (node, label) in labels.enumerated() { result[node * classCount + label] = 1 }
    return result
  }
}
