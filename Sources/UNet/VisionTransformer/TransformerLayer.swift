// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A block of a vision transformer: self-attention and a feed-forward layer, each normalized before and beside a shortcut.
///
/// x ← x + λ₁·attention(norm(x)), then x ← x + λ₂·feedForward(norm(x)); without layer scales λ is 1.
struct TransformerLayer: Sendable {
  private let norm1: LayerNorm
  private let attention: MultiHeadAttention
  /// The layers after the attention; nil in a block that ends with an input of its attention.
  private let rest: Rest?

  private struct Rest: Sendable {
    let scale1: LayerScale?
    let norm2: LayerNorm
    let expansion: Linear
    let isGated: Bool
    let contraction: Linear
    let scale2: LayerScale?
  }

  /// - Parameter endsAtAttention: whether only an input of the attention is needed.
  init(_ weights: WeightReader, _ configuration: VisionTransformerConfiguration, endsAtAttention: Bool = false) throws {
    let width = configuration.width
    func norm(_ name: String) throws -> LayerNorm {
      try LayerNorm(weights.module(name), channels: width, epsilon: configuration.epsilon)
    }
    func scale(_ index: Int) throws -> LayerScale? {
      guard configuration.family.hasLayerScale else { return nil }
      return try LayerScale(weights.module("layer_scale\(index)"), "lambda1", channels: width)
    }
    norm1 = try norm("norm1")
    attention = try MultiHeadAttention(
      weights.module("attention"), width: width, headCount: configuration.headCount,
      naming: .vit(hasBias: configuration.hasAttentionBias))
    guard !endsAtAttention else {
      rest = nil
      return
    }
    let hidden = configuration.hiddenWidth
    rest = Rest(
      scale1: try scale(1), norm2: try norm("norm2"),
      expansion: try Linear(
        weights.module("mlp.fc1"), from: width, to: configuration.isGated ? 2 * hidden : hidden),
      isGated: configuration.isGated,
      contraction: try Linear(weights.module("mlp.fc2"), from: hidden, to: width), scale2: try scale(2))
  }

  /// - Shapes: `input` and result [tokens, width].
  func callAsFunction(_ input: Tensor) -> Tensor {
    guard let rest else { return input }
    var x = input
    if let scale = rest.scale1 {
      scale.add(attention(norm1(x)), to: &x)
    } else {
      x = attention(norm1(x), adding: x)
    }
    let expanded = rest.expansion(rest.norm2(x))
    let hidden = rest.isGated ? expanded.swiglu() : expanded.gelu()
    if let scale = rest.scale2 {
      scale.add(rest.contraction(hidden), to: &x)
    } else {
      x = rest.contraction(hidden, adding: x)
    }
    return x
  }

  /// An input of the attention.
  ///
  /// - Shapes: `x` and result [tokens, width].
  func projected(_ x: Tensor, to projection: MultiHeadAttention.Projection) -> Tensor {
    attention.projected(norm1(x), to: projection)
  }

  /// The mean over the heads of the attention's weights, [tokens, tokens].
  func attentionWeights(_ x: Tensor) -> Tensor { attention.scores(norm1(x)).meanWeights() }

  /// Counts the multiply-accumulates.
  func count(tokens: Int, in work: inout StageWork) {
    guard let rest else { return attention.countProjection(tokens: tokens, in: &work) }
    attention.count(tokens: tokens, in: &work)
    rest.expansion.count(rows: tokens, in: &work)
    rest.contraction.count(rows: tokens, in: &work)
  }
}
