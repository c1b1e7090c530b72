// SPDX-License-Identifier: Apache-2.0
import Tensor
import UNet

/// An encoder that takes the features of a vision transformer: DINO or DINOv2. Every patch is a node.
public struct VisionTransformerEncoder: FeatureEncoder {
  private let checkpoint: VisionTransformerCheckpoint
  private let network: VisionTransformer
  /// The size at which images are encoded.
  public let size: EncodingSize
  public let feature: TokenFeature
  /// The block that features come from, from 1.
  public let layer: Int
  public let stages: [StageWork]

  /// Opens a model.
  ///
  /// - Parameters:
  ///   - model: a folder, a `.safetensors` file, or `org/name` in the Hugging Face cache; nothing is downloaded.
  ///   - revision: a branch, tag or commit of the cache.
  ///   - cacheDirectory: the cache; nil takes the one that the environment names.
  ///   - configuration: a folder with config.json, for a single file.
  ///   - size: the size at which images are encoded; nil takes an area of 37 × 37 patches.
  ///   - feature: what features are made of.
  ///   - layer: the block that features come from, from 1; nil takes the last one.
  ///   - precision: of the network's products.
  /// - Throws: `CheckpointError` naming file and tensor; `EncoderError` for a size or a layer that the model does not have.
  public init(
    model: String, revision: String? = nil, cacheDirectory: String? = nil, configuration: String? = nil,
    size: EncodingSize? = nil, feature: TokenFeature = defaultFeature, layer: Int? = nil,
    precision: Precision = .single
  ) throws {
    let location = try CheckpointLocation.resolve(model, revision: revision, cacheDirectory: cacheDirectory)
    try self.init(
      VisionTransformerCheckpoint(opening: location, configurationFolder: configuration), size: size, feature: feature,
      layer: layer, precision: precision)
  }

  /// Opens a checkpoint.
  package init(
    _ checkpoint: VisionTransformerCheckpoint, size: EncodingSize? = nil, feature: TokenFeature = defaultFeature,
    layer: Int? = nil, precision: Precision = .single
  ) throws {
    let configuration = checkpoint.configuration
    let size = size ?? Self.defaultSize(configuration)
    let layer = layer ?? configuration.depth
    try Self.check(size, layer: layer, of: configuration)
    network = try VisionTransformer(
      WeightReader(checkpoint.weights, precision: precision), configuration, feature: feature, layerCount: layer)
    try checkpoint.checkUnchanged()
    self.checkpoint = checkpoint
    self.size = size
    self.feature = feature
    self.layer = layer
    stages = configuration.work(
      patches: Self.nominalGrid(configuration, size: size).count, feature: feature, layerCount: layer)
  }

  public var name: String { checkpoint.configuration.publishedName }
  public var defaultTau: Double { Self.defaultTau(feature) }
  public var graph: GraphOptions { Self.defaultGraph(feature) }

  /// The features with the best segments on photographs of PASCAL VOC, with DINOv2 ViT-S/14 (page Experiments).
  public static let defaultFeature = TokenFeature.keys

  /// The τ of all vision transformers, chosen on the same photographs. Queries and values have that of the keys.
  package static func defaultTau(_ feature: TokenFeature) -> Double { feature == .tokens ? 0.45 : 0.3 }
  /// The graph of all vision transformers, chosen with τ.
  package static func defaultGraph(_ feature: TokenFeature) -> GraphOptions {
    GraphOptions(alpha: feature == .tokens ? 5 : 10)
  }

  /// The patches along one side of the default size: those of DINOv2's training.
  private static let defaultPatches = 37
  /// The patches of the largest size: those of the largest graph.
  private static let maximumPatches = FeatureMap.maximumNodes

  /// The size at which a model encodes by default.
  package static func defaultSize(_ configuration: VisionTransformerConfiguration) -> EncodingSize {
    .area(defaultPatches * configuration.patchSize)
  }

  /// The grid of a square image.
  package static func nominalGrid(_ configuration: VisionTransformerConfiguration, size: EncodingSize) -> Grid {
    size.grid(height: 1, width: 1, patch: configuration.patchSize)
  }

  /// Checks that a model has a size and a layer.
  ///
  /// - Throws: `EncoderError`.
  package static func check(
    _ size: EncodingSize, layer: Int, of configuration: VisionTransformerConfiguration
  ) throws(EncoderError) {
    let patch = configuration.patchSize
    guard (1...configuration.depth).contains(layer) else { throw .badLayer(layer, count: configuration.depth) }
    if case .exact(let height, let width) = size {
      guard height > 0, width > 0, height % patch == 0, width % patch == 0 else {
        throw .badPatchSize(height: height, width: width, patch: patch)
      }
    }
    let count = nominalGrid(configuration, size: size).count
    guard count <= maximumPatches else { throw .tooManyPatches(size, patches: count, limit: maximumPatches) }
  }

  /// Returns the features of an image, with the mean over the heads of the weights of the last block's attention if they are
  /// requested.
  ///
  /// - Throws: `CheckpointError` for files that changed; `AttentionError.tooManyCells` before anything is computed;
  ///   `FeatureError` for features that are not finite.
  public func encode(_ image: Image, _ request: EncodingRequest, observer: StageObserver) throws -> EncodedImage {
    let patch = checkpoint.configuration.patchSize
    let grid = size.grid(height: image.height, width: image.width, patch: patch)
    guard !request.attention || grid.count <= AttentionMap.maximumCells else {
      throw AttentionError.tooManyCells(grid.count, limit: AttentionMap.maximumCells)
    }
    observer.begin("image")
    let input = image.resampled(height: grid.height * patch, width: grid.width * patch).tensor
    let hooked = network(input, withWeights: request.attention, observer: observer)
    observer.begin("features")
    try checkpoint.checkUnchanged()
    let attention = try hooked.weights.map { [try AttentionMap(grid: grid, values: $0.doubles)] } ?? []
    return EncodedImage(
      try FeatureMap(hooked.features), graph: graph, defaultTau: defaultTau, encoder: name, attention: attention)
  }
}
