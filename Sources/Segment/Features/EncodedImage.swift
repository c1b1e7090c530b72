// SPDX-License-Identifier: Apache-2.0

/// The features of an image together with the graph that is to be built from them.
public struct EncodedImage: Sendable {
  /// The features of all cells: pixels are assigned by them.
  public let features: FeatureMap
  /// The features of the graph's nodes: every `graph.nodeStride`-th cell.
  public let nodes: FeatureMap
  /// The settings of the graph.
  public let graph: GraphOptions
  /// The τ that suits these features, the default of a cut.
  public let defaultTau: Double
  /// The name of the encoder; nil for features from elsewhere.
  public let encoder: String?
  /// The weights of the attention that the features come from, one map for each layer; empty unless requested.
  public private(set) var attention: [AttentionMap]

  /// τ of features that state none (DiffCut §4).
  public static let publishedTau = 0.5

  /// Creates an encoded image.
  ///
  /// - Parameters:
  ///   - features: the features of all cells.
  ///   - graph: the settings of the graph. With `nodeStride` 1 the cells are the nodes.
  ///   - defaultTau: the τ that suits these features.
  ///   - encoder: the name of the encoder.
  ///   - attention: the weights of the attention that the features come from.
  public init(
    _ features: FeatureMap, graph: GraphOptions = GraphOptions(), defaultTau: Double = publishedTau,
    encoder: String? = nil, attention: [AttentionMap] = []
  ) {
    self.features = features
    nodes = features.subsampled(stride: graph.nodeStride)
    self.graph = graph
    self.defaultTau = defaultTau
    self.encoder = encoder
    self.attention = attention
  }

  /// Creates an image of which only attention is known: the rows of its maps serve as features.
  ///
  /// - Parameters:
  ///   - attention: at least one map.
  ///   - grid: the grid that the maps are brought to; nil takes the largest map's.
  /// - Throws: `AttentionError` for a grid that does not fit; `FeatureError` for too many cells.
  public init(attention: [AttentionMap], grid: Grid? = nil) throws {
    let map = try AttentionMap(aggregating: attention, to: grid)
    self.init(
      try FeatureMap(grid: map.grid, channels: map.grid.count, values: map.values), attention: attention)
  }

  /// Returns the image without its attention, whose maps grow with the square of the nodes.
  func withoutAttention() -> EncodedImage {
    var image = self
    image.attention = []
    return image
  }
}
