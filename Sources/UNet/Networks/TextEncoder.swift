// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A CLIP text encoder, run on the empty prompt.
struct TextEncoder {
  private let weights: WeightReader
  private let configuration: TextEncoderConfiguration

  init(_ weights: WeightReader, _ configuration: TextEncoderConfiguration) {
    self.weights = weights
    self.configuration = configuration
  }

  /// The parts of the network that the outputs depend on.
  private enum Part {
    /// Tokens with positions, [positions, width].
    case embeddings(tokens: Tensor, positions: Tensor)
    case layer(Int, TextEncoderLayer)
    case finalNorm(LayerNorm)
    case projection(Linear)
  }

  /// Reads the parts in the order of the computation. Only one of them is in memory at a time.
  ///
  /// - Throws: the source's errors for weights that are missing or wrong.
  private func forEachPart(_ body: (Part) throws -> Void) throws {
    let (model, width) = (weights.module("text_model"), configuration.width)
    let embeddings = model.module("embeddings")
    try body(
      .embeddings(
        tokens: try embeddings.rows(
          configuration.emptyPrompt, of: "token_embedding.weight", [configuration.vocabularySize, width]),
        positions: try embeddings.tensor("position_embedding.weight", [configuration.positionCount, width])))
    for index in 0..<configuration.neededLayerCount {
      try body(.layer(index, try TextEncoderLayer(model.module("encoder.layers.\(index)"), configuration)))
    }
    if configuration.needsLastLayer {
      let norm = model.module("final_layer_norm")
      try body(.finalNorm(try LayerNorm(norm, channels: width, epsilon: configuration.epsilon)))
    }
    if let projectionWidth = configuration.projectionWidth {
      let projection = weights.module("text_projection")
      try body(.projection(try Linear(projection, from: width, to: projectionWidth, hasBias: false)))
    }
  }

  /// Computes the embedding of every token, [positions, width], and the pooled one, [1, projection width].
  ///
  /// XL models take the output of the last layer but one, which is not normalized. The pooled embedding is that of the first
  /// end token after the last layer and the final normalization.
  /// - Throws: the source's errors for weights that are missing or wrong.
  func emptyPrompt() throws -> (hidden: Tensor, pooled: Tensor?) {
    var x = Tensor.empty
    var hidden = x
    var pooled: Tensor?
    try forEachPart { part in
      switch part {
      case .embeddings(let tokens, let positions):
        x = tokens
        x.add(positions)
        hidden = x
      case .layer(let index, let layer):
        x = layer(x)
        if configuration.output == .penultimate && index == configuration.layerCount - 2 { hidden = x }
      case .finalNorm(let norm):
        x = norm(x)
        if configuration.output == .final { hidden = x }
      case .projection(let projection):
        let end = configuration.emptyPrompt.firstIndex(of: configuration.endToken) ?? 0
        pooled = projection(x.rows(end..<end + 1))
      }
    }
    return (hidden, pooled)
  }

  /// Counts the multiply-accumulates.
  func count(in work: inout StageWork) throws {
    try forEachPart { part in
      switch part {
      case .embeddings, .finalNorm: break
      case .layer(_, let layer): layer.count(tokens: configuration.positionCount, in: &work)
      case .projection(let projection): projection.count(rows: 1, in: &work)
      }
    }
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

  /// Counts the multiply-accumulates.
  func count(tokens: Int, in work: inout StageWork) {
    attention.count(tokens: tokens, in: &work)
    expansion.count(rows: tokens, in: &work)
    contraction.count(rows: tokens, in: &work)
  }
}
