// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The configuration files of a model; nil where one is missing.
struct ConfigurationFiles {
  var unet: ConfigurationFile?
  var vae: ConfigurationFile?
  /// By text encoder.
  var text: [ConfigurationFile?] = []
  /// `special_tokens_map.json` of each text encoder's tokenizer.
  var tokens: [ConfigurationFile?] = []
  var scheduler: ConfigurationFile?

  static let schedulerPath = "scheduler/scheduler_config.json"

  /// The files of a packed model, which has no text encoders.
  init(unet: ConfigurationFile, vae: ConfigurationFile, scheduler: ConfigurationFile) {
    (self.unet, self.vae, self.scheduler) = (unet, vae, scheduler)
  }

  /// - Parameter folder: of a published model; nil: there are no configuration files.
  init(folder: String?, textEncoders: [ModelComponent]) throws(CheckpointError) {
    func file(_ path: String) throws(CheckpointError) -> ConfigurationFile? {
      guard let folder else { return nil }
      return try ConfigurationFile(ifPresent: "\(folder)/\(path)")
    }
    unet = try file(ModelComponent.unet.configurationPath)
    vae = try file(ModelComponent.vae.configurationPath)
    for component in textEncoders {
      text.append(try file(component.configurationPath))
      tokens.append(try file(component.tokensPath))
    }
    scheduler = try file(Self.schedulerPath)
  }

  /// Whether every setting that weights do not show is in a file.
  var isComplete: Bool { unet != nil && vae != nil && text.allSatisfy { $0 != nil } }
}

extension ModelConfiguration {
  /// Reads widths and depths off the weights, and the rest from the configuration files or, where these are missing, from
  /// the family that the weights show.
  static func derive(
    unet: WeightStore, vae: WeightStore, textEncoders: [WeightStore], files: ConfigurationFiles
  ) throws(CheckpointError) -> ModelConfiguration {
    let structure = try UNetStructure(unet)
    let family = try ModelFamily.recognize(structure, textEncoders: textEncoders, files: files, path: unet.path)
    var texts: [TextEncoderConfiguration] = []
    for (index, store) in textEncoders.enumerated() {
      let role = TextRole(of: index, in: textEncoders.count, structure)
      texts.append(
        try TextEncoderConfiguration.derive(
          from: store, file: files.text[index], tokens: files.tokens[index], role: role,
          settings: family?.textEncoders[index], headWidth: family?.textHeadWidth))
    }
    return try derive(structure, unet: unet, vae: vae, texts: texts, files: files, family: family)
  }

  /// The same with text encoders that are known already.
  static func derive(
    _ structure: UNetStructure, unet: WeightStore, vae: WeightStore, texts: [TextEncoderConfiguration],
    files: ConfigurationFiles, family: ModelFamily?
  ) throws(CheckpointError) -> ModelConfiguration {
    let vaeConfiguration = try VAEConfiguration.derive(from: vae, file: files.vae, family: family)
    let unetConfiguration = try UNetConfiguration.derive(
      structure, store: unet, file: files.unet, family: family, pooledWidth: texts.last?.projectionWidth)
    let latent = vaeConfiguration.latentChannels
    guard unetConfiguration.inputChannels == latent else {
      throw .unsupportedFamily(
        path: unet.path,
        found: "an inpainting or editing model: its UNet has \(unetConfiguration.inputChannels) input channels, "
          + "its VAE has \(latent)")
    }
    let textWidth = texts.reduce(0) { $0 + $1.width }
    guard textWidth == unetConfiguration.contextWidth else {
      throw .unsupportedStructure(
        path: unet.path, found: "a cross-attention width of \(unetConfiguration.contextWidth)",
        expected: "\(textWidth), the width of the text encoders' output")
    }
    let positions = texts.map(\.positionCount)
    guard Set(positions).count == 1 else {
      throw .unsupportedStructure(
        path: unet.path, found: "text encoders with \(positions) positions", expected: "equal numbers")
    }
    return ModelConfiguration(
      unet: unetConfiguration, vae: vaeConfiguration, textEncoders: texts,
      schedule: try ScheduleConfiguration.read(files.scheduler))
  }
}

extension ModelFamily {
  /// The family that weights show; nil when there is no need of one because every setting is in a file.
  fileprivate static func recognize(
    _ structure: UNetStructure, textEncoders: [WeightStore], files: ConfigurationFiles, path: String
  ) throws(CheckpointError) -> ModelFamily? {
    let traits = Traits(
      attentionBlocks: structure.blocks.map { !$0.transformerDepths.isEmpty },
      hasAddedConditioning: structure.hasAddedConditioning, usesLinearProjection: structure.usesLinearProjection,
      textEncoderCount: textEncoders.count)
    let family = known.first { $0.traits == traits }
    if family == nil && !files.isComplete { throw .needsConfiguration(path: path, reason: "\(traits)") }
    return family
  }
}

extension ScheduleConfiguration {
  private static let fixedSettings: [(key: String, values: [JSON])] = [
    ("beta_schedule", [.string("scaled_linear")]), ("trained_betas", []), ("rescale_betas_zero_snr", [.bool(false)]),
  ]

  fileprivate static func read(_ file: ConfigurationFile?) throws(CheckpointError) -> ScheduleConfiguration {
    var result = ScheduleConfiguration()
    guard let file else { return result }
    try file.requires(fixedSettings)
    result.firstBeta = try file.positive("beta_start") ?? result.firstBeta
    result.lastBeta = try file.positive("beta_end") ?? result.lastBeta
    result.count = try file.count("num_train_timesteps") ?? result.count
    guard result.firstBeta < 1, result.lastBeta < 1, (2...100_000).contains(result.count) else {
      throw .badConfiguration(
        path: file.path,
        reason:
          "beta_start, beta_end or num_train_timesteps is out of range; use the scheduler file of the published model")
    }
    return result
  }
}
