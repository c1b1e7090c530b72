// SPDX-License-Identifier: Apache-2.0

/// Settings of a segmentation. Nil takes the encoder's default.
public struct SegmentationOptions: Equatable, Sendable {
  /// A cut is accepted while its Ncut value is below τ.
  public var tau: Double?
  /// Exponent of the affinity, above 0.
  public var alpha: Double?
  public var upsampling: Upsampling
  /// Nil: the label map stays as it is assigned.
  public var refinement: Refinement?

  public init(
    tau: Double? = nil, alpha: Double? = nil, upsampling: Upsampling = .concept, refinement: Refinement? = nil
  ) {
    self.tau = tau
    self.alpha = alpha
    self.upsampling = upsampling
    self.refinement = refinement
  }
}

/// The result for one image.
public struct Segmentation: Sendable {
  /// Ids from 1 by decreasing area, at the image's size.
  public let labelMap: LabelMap
  /// Every cut that was tried.
  public let tree: BipartitionTree
  /// The cells of the graph.
  public let grid: Grid
  /// Seconds spent on features, on the recursion, on assigning pixels, and on refining the map.
  public let seconds: (encode: Double, cut: Double, assign: Double, refine: Double)
  /// The same, stage by stage in the order of their computation.
  public let stages: [StageTime]

  public var segmentCount: Int { Int(labelMap.labels.max() ?? 0) }
}
