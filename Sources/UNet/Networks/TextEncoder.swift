// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A CLIP text encoder, run on the empty prompt. Layers are read, applied and dropped one after the other.
struct TextEncoder {
  private let weights: WeightReader
  private let configuration: TextEncoderConfiguration

  init(_ weights: WeightReader, _ configuration: TextEncoderConfiguration) {
    self.weights = weights
    self.configuration = configuration
  }

  /// The embedding of every token, [positions, width], and the pooled one, [1, projection width].
  ///
  /// XL models take the output of the last layer but one, not normalised. The pooled embedding is that of the first end
  /// token after the last layer and the final normalisation.
  /// - Throws: the source's errors for weights that are missing or wrong.
  func emptyPrompt() throws -> (hidden: Tensor, pooled: Tensor?) {
    let model = weights.module("text_model")
    let tokens = configuration.emptyPrompt
    let embeddings = model.module("embeddings")
    var x = try embeddings.rows(
      tokens, of: "token_embedding.weight", [configuration.vocabularySize, configuration.width])
    x.add(try embeddings.tensor("position_embedding.weight", [configuration.positionCount, configuration.width]))
    var hidden = x
    for index in 0..<configuration.neededLayerCount {
      let layer = try TextEncoderLayer(model.module("encoder.layers.\(index)"), configuration)
      x = layer(x)
      if configuration.output == .penultimate && index == configuration.layerCount - 2 { hidden = x }
    }
    if configuration.output == .penultimate && configuration.projectionWidth == nil { return (hidden, nil) }
    let norm = try LayerNorm(
      model.module("final_layer_norm"), channels: configuration.width, epsilon: configuration.epsilon)
    let last = norm(x)
    if configuration.output == .final { hidden = last }
    let pooled = try configuration.projectionWidth.map { width in
      let end = tokens.firstIndex(of: configuration.endToken) ?? 0
      return try Linear(weights.module("text_projection"), from: configuration.width, to: width, hasBias: false)(
        last.rows(end..<end + 1))
    }
    return (hidden, pooled)
  }
}

private struct TextEncoderLayer {
  private let norm1: LayerNorm
  private let attention: MultiHeadAttention
  private let norm2: LayerNorm
  private let expansion: Linear
  private let contraction: Linear
  private let activation: TextEncoderConfiguration.Activation

  init(_ weights: WeightReader, _ configuration: TextEncoderConfiguration) throws {
    let width = configuration.width
    norm1 = try LayerNorm(weights.module("layer_norm1"), channels: width, epsilon: configuration.epsilon)
    attention = try MultiHeadAttention(
      weights.module("self_attn"), width: width, headCount: configuration.headCount, naming: .clip, isCausal: true)
    norm2 = try LayerNorm(weights.module("layer_norm2"), channels: width, epsilon: configuration.epsilon)
    expansion = try Linear(weights.module("mlp.fc1"), from: width, to: configuration.feedForwardWidth)
    contraction = try Linear(weights.module("mlp.fc2"), from: configuration.feedForwardWidth, to: width)
    activation = configuration.activation
  }

  func callAsFunction(_ input: Tensor) -> Tensor {
    let x = attention(norm1(input), adding: input)
    let hidden = expansion(norm2(x))
    return contraction(activation == .gelu ? hidden.gelu() : hidden.quickGELU(), adding: x)
  }
}
