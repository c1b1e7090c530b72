// SPDX-License-Identifier: Apache-2.0
import Segment

/// Activations of transformers or timm, from the tokens of the patches to the features, for one photograph.
package struct VisionTransformerGolden: Sendable {
  /// The name of the checkpoint's folder.
  package let modelName: String
  /// The photograph's file name.
  package let imageName: String
  /// The rows and columns of patches.
  package let grid: Grid
  /// The stages that are stored, in the order of their computation.
  package let stages: [GoldenStage]
  private let width: Int
  private let depth: Int

  /// The relative Frobenius error allowed at every stage.
  package static func limit(_ precision: Precision) -> Double {
    switch precision {
    case .single: 2e-5
    case .fast: 1.1e-3
    }
  }

  /// The inputs of the last attention, which are stages under these names.
  private static let projections = TokenFeature.allCases.filter { $0 != .tokens }

  /// - Throws: `GoldenError`.
  package init(_ file: SafetensorsFile) throws(GoldenError) {
    modelName = try file.fileName("model")
    imageName = try file.fileName("image")
    grid = try file.size("grid")
    width = try file.integer("width", in: 1...1 << 20)
    depth = try file.integer("depth", in: 1...1 << 10)
    stages = try GoldenStage.list(file.stageNames, in: file)
  }

  /// Returns whether a model has the structure of the one that the golden was made of.
  package func fits(_ configuration: VisionTransformerConfiguration) -> Bool {
    configuration.width == width && configuration.depth == depth
  }

  /// Runs a model and compares every stage that it computes under a stored stage's name.
  ///
  /// - Parameters:
  ///   - model: one that `fits`.
  ///   - precision: of the model's products.
  /// - Returns: comparisons in the order of computation.
  /// - Throws: `CheckpointError`; `GoldenError.nothingToCompare` and `GoldenError.badSetting`.
  package func replay(
    _ model: VisionTransformerCheckpoint, photograph: Image, precision: Precision = .single
  ) throws -> [StageComparison] {
    let expected = Dictionary(stages.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var comparisons: [StageComparison] = []
    func compare(_ name: String, _ found: Tensor) {
      guard let stage = expected[name] else { return }
      comparisons.append(stage.comparison(with: found, limit: Self.limit(precision)))
    }
    let patch = model.configuration.patchSize
    let size = EncodingSize.exact(height: grid.height * patch, width: grid.width * patch)
    do {
      try VisionTransformerEncoder.check(size, layer: depth, of: model.configuration)
    } catch {
      throw GoldenError.badSetting(error)
    }
    let image = photograph.resampled(height: grid.height * patch, width: grid.width * patch).tensor
    compare("image", image)
    func network(_ feature: TokenFeature) throws -> VisionTransformer {
      try VisionTransformer(
        WeightReader(model.weights, precision: precision), model.configuration, feature: feature, layerCount: depth)
    }
    let hooked = try network(.tokens)(
      image, withWeights: expected["attention"] != nil, observer: StageObserver(didCompute: compare))
    if let weights = hooked.weights { compare("attention", weights) }
    compare("features", hooked.features)
    for feature in Self.projections where expected[feature.rawValue] != nil {
      compare(feature.rawValue, try network(feature)(image).features)
    }
    guard !comparisons.isEmpty else { throw GoldenError.nothingToCompare }
    return comparisons
  }
}
