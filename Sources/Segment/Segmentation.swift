// SPDX-License-Identifier: Apache-2.0
import UNet

/// The settings of a segmentation.
public struct SegmentationOptions: Sendable {
  /// The method that partitions the nodes, with its settings.
  public var clusterer: any Clusterer
  /// How classes reach the pixels; nil takes the method's own.
  public var upsampling: Upsampling?
  /// The refinement of the label map; nil leaves it as it is assigned.
  public var refinement: Refinement?
  /// Smaller pieces of segments become part of a neighbor (`LabelMap.mergingComponents`), after the refinement. nil keeps all.
  public var minimumArea: MinimumArea?

  public init(
    clusterer: any Clusterer, upsampling: Upsampling? = nil, refinement: Refinement? = nil,
    minimumArea: MinimumArea? = nil
  ) {
    self.clusterer = clusterer
    self.upsampling = upsampling
    self.refinement = refinement
    self.minimumArea = minimumArea
  }

  /// Creates the settings of DiffCut's recursion; nil takes the encoder's defaults.
  public init(
    tau: Double? = nil, alpha: Double? = nil, upsampling: Upsampling? = nil, refinement: Refinement? = nil,
    minimumArea: MinimumArea? = nil
  ) {
    self.init(
      clusterer: DiffCut(tau: tau, alpha: alpha), upsampling: upsampling, refinement: refinement,
      minimumArea: minimumArea)
  }
}

/// The segments of one image.
public struct Segmentation: Sendable {
  /// Ids from 1 by decreasing area, at the image's size.
  public let labelMap: LabelMap
  /// The graph's nodes, their classes and, with DiffCut, every cut that was tried.
  public let partition: NodePartition
  /// The class of nodes behind each segment: that of segment id is at id − 1. Classes without a pixel are left out.
  public let classes: [Int]
  /// The time of each stage, in the order of their computation: the encoder's, then `affinity`, `cuts`, `upsampling` and, with a
  /// refinement, `refinement`.
  public let stages: [StageTime]

  /// Every cut that was tried; nil where the method is not DiffCut's recursion.
  public var tree: BipartitionTree? { partition.tree }
  /// The cells of the graph.
  public var grid: Grid { partition.grid }
  /// The encoder's features of the graph's nodes.
  public var features: FeatureMap { partition.image.nodes }

  public var segmentCount: Int { Int(labelMap.labels.max() ?? 0) }

  /// The seconds spent on features, on the partition, on assigning pixels, and on refining the map.
  public var seconds: (encode: Double, cut: Double, assign: Double, refine: Double) {
    func sum(_ names: [String]) -> Double {
      stages.reduce(0) { $0 + (names.contains($1.stage) ? $1.seconds : 0) }
    }
    let (cut, assign) = (sum([ClusteringStage.affinity, ClusteringStage.cuts]), sum([ClusteringStage.upsampling]))
    let refine = sum([ClusteringStage.refinement])
    return (stages.reduce(0) { $0 + $1.seconds } - cut - assign - refine, cut, assign, refine)
  }
}
