// SPDX-License-Identifier: Apache-2.0
import Segment

/// Activations of diffusers, from the empty prompt to the features, for one photograph.
package struct DiffusionGolden: Sendable {
  /// The name of the checkpoint's folder.
  package let modelName: String
  /// The photograph's file name.
  package let imageName: String
  package let size: Int
  package let noise: NoiseOptions
  /// Stages that are stored, in the order of their computation.
  package let stages: [GoldenStage]
  /// Every stage's own shape by its name, stored or not.
  private let shapes: [String: String]

  /// The relative Frobenius error allowed at every stage; fp16 autocast, which the paper's authors run, makes 1.1e-3.
  package static func limit(_ precision: Precision) -> Double {
    switch precision {
    case .single: 1e-4
    case .fast: 1.1e-3
    }
  }

  /// - Throws: `GoldenError`.
  package init(_ file: SafetensorsFile) throws(GoldenError) {
    modelName = try file.fileName("model")
    imageName = try file.fileName("image")
    size = try file.integer("size", in: 1...8192)
    var noise = NoiseOptions()
    noise.timestep = try file.integer("timestep", in: 0...1_000_000)
    noise.seed = UInt64(try file.integer("seed", in: 0...Int.max))
    self.noise = noise
    let names = file.stageNames
    stages = try GoldenStage.list(names, in: file)
    shapes = Dictionary(
      names.compactMap { name in file.metadata["\(name).shape"].map { (name, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// Whether a model has the structure of the one that the golden was made of: widths, depths, text.
  package func fits(_ configuration: ModelConfiguration) -> Bool {
    let unet = configuration.unet
    func channels(_ stage: String) -> Int? { shapes[stage]?.split(separator: ",").last.flatMap { Int($0) } }
    return channels("text.prompt") == unet.contextWidth && channels("features") == unet.featureWidth
      && unet.blocks.indices.allSatisfy { index in
        let (block, name) = (unet.blocks[index], "unet.down_blocks.\(index)")
        guard channels("\(name).resnets.0") == block.width else { return false }
        guard let depth = block.transformerDepths.first else { return shapes["\(name).attentions.0"] == nil }
        let last = "\(name).attentions.0.transformer_blocks."
        return shapes["\(last)\(depth - 1)"] != nil && shapes["\(last)\(depth)"] == nil
      }
  }

  /// Runs a model and compares every stage that it computes under a stored stage's name.
  ///
  /// - Parameters:
  ///   - model: one that `fits`.
  ///   - precision: of the model's products.
  /// - Returns: comparisons in the order of computation; stages of diffusers that this implementation does not have by
  ///   themselves, as where two operations are one, are left out.
  /// - Throws: `CheckpointError` and `DiffusionError`; `GoldenError.badSetting` and `GoldenError.nothingToCompare`.
  package func replay(
    _ model: DiffusionCheckpoint, photograph: Image, precision: Precision = .single
  ) throws -> [StageComparison] {
    let expected = Dictionary(stages.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var comparisons: [StageComparison] = []
    func compare(_ name: String, _ found: Tensor) {
      if let stage = expected[name] { comparisons.append(stage.comparison(with: found, limit: Self.limit(precision))) }
    }
    let observer = StageObserver(didCompute: compare)
    let (hasWeights, hasFineWeights) = (expected["attention"] != nil, expected["attention.64"] != nil)
    let network = try DiffusionModel(
      model, level: hasFineWeights ? .both : .coarse, precision: precision, observer: observer)
    guard network.timesteps.contains(noise.timestep) else {
      throw GoldenError.badSetting(.badTimestep(noise.timestep, count: network.timesteps.count))
    }
    let step = model.configuration.pixelsPerFeature
    guard size >= 2 * step, size % step == 0 else {
      throw GoldenError.badSetting(.badSize(size, multipleOf: step))
    }
    let hooked = try network.attentions(
      to: photograph.tensor, size: size, noise: noise, withWeights: hasWeights || hasFineWeights, observer: observer)
    if let finer = hooked.dropLast().last { compare("features.64", finer.features) }
    for (name, hook) in zip(["attention", "attention.64"], hooked.reversed()) {
      guard let weights = hook.weights else { continue }
      compare(name, weights.reshaped([hook.features.shape[0], hook.features.shape[1], weights.shape[1]]))
    }
    guard !comparisons.isEmpty else { throw GoldenError.nothingToCompare }
    if expected["features"] != nil, !comparisons.contains(where: { $0.stage == "features" }) {
      throw GoldenError.badStage("features", "is not computed")
    }
    return comparisons
  }
}
