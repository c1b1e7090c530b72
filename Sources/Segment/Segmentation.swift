// SPDX-License-Identifier: Apache-2.0

/// Settings of a segmentation. Nil takes the encoder's default.
public struct SegmentationOptions: Equatable, Sendable {
  /// DiffCut's recursion with `tau` and `alpha`, or a method with settings of its own.
  public var method: ClusteringMethod
  /// A cut is accepted while its Ncut value is below τ.
  public var tau: Double?
  /// Exponent of the affinity, above 0.
  public var alpha: Double?
  /// Nil takes the method's own.
  public var upsampling: Upsampling?
  /// Nil: the label map stays as it is assigned.
  public var refinement: Refinement?
  /// Smaller pieces of segments become part of a neighbour (`LabelMap.mergingPieces`), after the refinement. Nil: all stay.
  public var minimumArea: MinimumArea?

  public init(
    method: ClusteringMethod = .diffCut, tau: Double? = nil, alpha: Double? = nil, upsampling: Upsampling? = nil,
    refinement: Refinement? = nil, minimumArea: MinimumArea? = nil
  ) {
    self.method = method
    self.tau = tau
    self.alpha = alpha
    self.upsampling = upsampling
    self.refinement = refinement
    self.minimumArea = minimumArea
  }
}

/// The result for one image.
public struct Segmentation: Sendable {
  /// Ids from 1 by decreasing area, at the image's size.
  public let labelMap: LabelMap
  /// The encoder's features of the graph's nodes.
  public let features: FeatureMap
  /// The graph's nodes, their classes and every cut that was tried; no cuts of a method other than DiffCut's.
  public let partition: NodePartition
  /// The class of nodes behind every segment: that of segment id is at id − 1. A class that wins no pixel is no segment.
  public let classes: [Int]
  /// Seconds spent on features, on the recursion, on assigning pixels, and on refining the map.
  public let seconds: (encode: Double, cut: Double, assign: Double, refine: Double)
  /// The same, stage by stage in the order of their computation.
  public let stages: [StageTime]

  public var tree: BipartitionTree { partition.tree }
  /// The cells of the graph.
  public var grid: Grid { partition.grid }

  public var segmentCount: Int { Int(labelMap.labels.max() ?? 0) }
}
