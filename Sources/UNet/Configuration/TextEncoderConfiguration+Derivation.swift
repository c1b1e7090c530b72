// SPDX-License-Identifier: Apache-2.0
import Tensor

/// What a text encoder is for.
struct TextRole {
  let output: TextEncoderConfiguration.Output
  /// Whether its pooled embedding conditions the UNet.
  let isPooled: Bool

  /// Both encoders of an XL model give the output of their last layer but one, and the last encoder the pooled embedding.
  init(of index: Int, in count: Int, _ structure: UNetStructure) {
    output = structure.hasAddedConditioning ? .penultimate : .final
    isPooled = structure.hasAddedConditioning && index == count - 1
  }
}

extension TextEncoderConfiguration {
  /// What transformers takes for entries that a configuration file leaves out.
  private static let defaultHeadCount = 8
  private static let defaultActivation = Activation.quickGELU
  private static let defaultEpsilon: Float = 1e-5

  /// - Parameters:
  ///   - settings: of the family, for want of a file.
  ///   - headWidth: likewise.
  static func derive(
    from store: WeightStore, file: ConfigurationFile?, tokens: ConfigurationFile?, role: TextRole,
    settings: ModelFamily.TextSettings?, headWidth: Int?
  ) throws(CheckpointError) -> TextEncoderConfiguration {
    let vocabulary = try store.extents("text_model.embeddings.token_embedding.weight", rank: 2)
    let positions = try store.extents("text_model.embeddings.position_embedding.weight", rank: 2)
    let hidden = try store.extents("text_model.encoder.layers.0.mlp.fc1.weight", rank: 2)
    let width = vocabulary[1]
    let layers = try store.count(after: "text_model.encoder.layers.")
    var result = TextEncoderConfiguration(
      vocabularySize: vocabulary[0], positionCount: positions[0], width: width, layerCount: layers, headCount: 1,
      feedForwardWidth: hidden[0], activation: defaultActivation, output: role.output, projectionWidth: nil,
      paddingToken: 0)
    if role.isPooled { result.projectionWidth = try store.extents("text_projection.weight", rank: 2)[0] }
    result.paddingToken = try padding(tokens, settings?.padding).id(vocabularySize: vocabulary[0])
    if let file {
      try result.read(file, layersInFile: layers)
    } else if let settings, let headWidth, width % headWidth == 0 {
      result.headCount = width / headWidth
      result.activation = settings.activation
    } else {
      throw .needsConfiguration(path: store.path, reason: "its text encoder has width \(width)")
    }
    try store.requireDivisible(width, by: result.headCount, "heads")
    guard vocabulary[0] > 2, positions[0] > 2, result.neededLayerCount > 0 else {
      throw .unsupportedStructure(
        path: store.path, found: "\(vocabulary[0]) tokens, \(positions[0]) positions and \(layers) layers",
        expected: "a CLIP text encoder")
    }
    return result
  }

  /// The encoder that a packed model's prompt was computed with; its weights are not there, so its files say everything.
  init(
    packed file: ConfigurationFile, tokens: ConfigurationFile, role: TextRole
  ) throws(CheckpointError) {
    let (vocabulary, layers) = (try file.requiredCount("vocab_size"), try file.requiredCount("num_hidden_layers"))
    self.init(
      vocabularySize: vocabulary, positionCount: try file.requiredCount("max_position_embeddings"),
      width: try file.requiredCount("hidden_size"), layerCount: layers,
      headCount: try file.requiredCount("num_attention_heads"),
      feedForwardWidth: try file.requiredCount("intermediate_size"), activation: Self.defaultActivation,
      output: role.output, projectionWidth: role.isPooled ? try file.requiredCount("projection_dim") : nil,
      paddingToken: try Self.padding(tokens, nil).id(vocabularySize: vocabulary))
    try read(file, layersInFile: layers)
  }

  private mutating func read(_ file: ConfigurationFile, layersInFile: Int) throws(CheckpointError) {
    headCount = try file.count("num_attention_heads") ?? Self.defaultHeadCount
    epsilon = try file.positive("layer_norm_eps") ?? Self.defaultEpsilon
    if let name = try file.text("hidden_act") {
      guard let known = Activation(rawValue: name) else {
        throw .unsupportedSetting(
          path: file.path, key: "hidden_act", found: jsonString(name), expected: "\"quick_gelu\" or \"gelu\"")
      }
      activation = known
    }
    try file.agrees("hidden_size", file.count("hidden_size"), with: width)
    try file.agrees("intermediate_size", file.count("intermediate_size"), with: feedForwardWidth)
    try file.agrees("vocab_size", file.count("vocab_size"), with: vocabularySize)
    if let layers = try file.count("num_hidden_layers"), layers != layersInFile {
      // Layers that nothing depends on may be absent.
      layerCount = layers
      guard layers > layersInFile, neededLayerCount <= layersInFile else {
        throw .configurationMismatch(
          path: file.path, key: "num_hidden_layers", found: "\(layers)", weights: "\(layersInFile)")
      }
    }
  }

  /// What fills the empty prompt: "pad_token" of the tokenizer, a string or an object with the string as its content.
  private static func padding(
    _ file: ConfigurationFile?, _ usual: PaddingToken?
  ) throws(CheckpointError) -> PaddingToken {
    guard let file, let entry = file["pad_token"] else { return usual ?? .endToken }
    guard let text = entry.string ?? entry["content"]?.string, let token = PaddingToken(rawValue: text) else {
      throw .unsupportedSetting(
        path: file.path, key: "pad_token", found: (entry["content"] ?? entry).shortText,
        expected: "\"<|endoftext|>\" or \"!\"")
    }
    return token
  }
}
