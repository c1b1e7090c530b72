// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Self-attention, cross-attention to the prompt, and a gated feed-forward layer, each beside a shortcut.
struct TransformerBlock: Sendable {
  private let norm1: LayerNorm
  private let selfAttention: MultiHeadAttention
  /// What follows the self-attention; nil in the block that ends the computation.
  private let afterAttention: AfterAttention?

  private struct AfterAttention: Sendable {
    let norm2: LayerNorm
    let crossAttention: PromptAttention
    let norm3: LayerNorm
    let expansion: Linear
    let contraction: Linear
  }

  /// - Parameters:
  ///   - prompt: [prompt tokens, context width].
  ///   - endsAtHook: only the self-attention is needed, and its weights are all that is read.
  init(
    _ weights: WeightReader, width: Int, prompt: Tensor, contextWidth: Int, headCount: Int, endsAtHook: Bool
  ) throws {
    func norm(_ name: String) throws -> LayerNorm {
      try LayerNorm(weights.module(name), channels: width, epsilon: UNetConfiguration.layerNormEpsilon)
    }
    norm1 = try norm("norm1")
    selfAttention = try MultiHeadAttention(weights.module("attn1"), width: width, headCount: headCount)
    guard !endsAtHook else {
      afterAttention = nil
      return
    }
    let hidden = UNetConfiguration.feedForwardFactor * width
    afterAttention = AfterAttention(
      norm2: try norm("norm2"),
      crossAttention: try PromptAttention(
        weights.module("attn2"), width: width, prompt: prompt, contextWidth: contextWidth, headCount: headCount),
      norm3: try norm("norm3"),
      expansion: try Linear(weights.module("ff.net.0.proj"), from: width, to: 2 * hidden),
      contraction: try Linear(weights.module("ff.net.2"), from: hidden, to: width))
  }

  /// The self-attention's output before it is added: what DiffCut takes as features.
  func attended(_ x: Tensor) -> Tensor { selfAttention(norm1(x)) }

  /// The same, and what its weights are made of.
  func attendedKeepingScores(_ x: Tensor) -> (output: Tensor, scores: AttentionScores) {
    selfAttention.keepingScores(norm1(x))
  }

  /// - Shapes: `x` [tokens, width], `attended` of the same.
  func output(_ x: Tensor, attended: Tensor) -> Tensor {
    var x = x
    x.add(attended)
    guard let afterAttention else { return x }
    x = afterAttention.crossAttention(afterAttention.norm2(x), adding: x)
    return afterAttention.contraction(afterAttention.expansion(afterAttention.norm3(x)).geglu(), adding: x)
  }

  /// Counts the multiply-accumulates.
  func count(tokens: Int, promptTokens: Int, in work: inout StageWork) {
    selfAttention.count(tokens: tokens, in: &work)
    guard let afterAttention else { return }
    afterAttention.crossAttention.count(tokens: tokens, promptTokens: promptTokens, in: &work)
    afterAttention.expansion.count(rows: tokens, in: &work)
    afterAttention.contraction.count(rows: tokens, in: &work)
  }
}

/// Transformer blocks over the pixels of a feature map, between two projections and beside a shortcut.
struct SpatialTransformer: Sendable {
  private let norm: GroupNorm
  private let projectionIn: Linear
  private let blocks: [TransformerBlock]
  /// nil where the computation ends in the last block.
  private let projectionOut: Linear?

  init(
    _ weights: WeightReader, width: Int, depth: Int, prompt: Tensor, headCount: Int, endsAtHook: Bool,
    configuration: UNetConfiguration
  ) throws {
    norm = try GroupNorm(
      weights.module("norm"), channels: width, groups: configuration.groupCount,
      epsilon: UNetConfiguration.transformerGroupEpsilon)
    let window = configuration.usesLinearProjection ? nil : 1
    projectionIn = try Linear(weights.module("proj_in"), from: width, to: width, window: window)
    blocks = try (0..<depth).map { index in
      try TransformerBlock(
        weights.module("transformer_blocks.\(index)"), width: width, prompt: prompt,
        contextWidth: configuration.contextWidth, headCount: headCount, endsAtHook: endsAtHook && index == depth - 1)
    }
    projectionOut =
      endsAtHook
      ? nil : try Linear(weights.module("proj_out"), from: width, to: width, window: window)
  }

  /// - Shapes: `x` [height, width, channels].
  /// - Parameter keepsScores: whether the scores of the last block's self-attention are returned.
  /// - Returns: the output, nil where the computation ends; the last block's self-attention, [tokens, channels], and its
  ///   scores if they are asked for.
  func callAsFunction(
    _ x: Tensor, keepingScores keepsScores: Bool = false
  ) -> (output: Tensor?, attended: Tensor, scores: AttentionScores?) {
    var tokens = projectionIn(norm(x)).reshaped([x.shape[0] * x.shape[1], x.shape[2]])
    var attended = tokens
    var scores: AttentionScores?
    for (index, block) in blocks.enumerated() {
      let isLast = index == blocks.count - 1
      if keepsScores && isLast {
        (attended, scores) = block.attendedKeepingScores(tokens)
      } else {
        attended = block.attended(tokens)
      }
      if projectionOut == nil && isLast { return (nil, attended, scores) }
      tokens = block.output(tokens, attended: attended)
    }
    return (projectionOut?(tokens.reshaped(x.shape), adding: x), attended, scores)
  }

  /// Counts the multiply-accumulates.
  func count(tokens: Int, promptTokens: Int, in work: inout StageWork) {
    projectionIn.count(rows: tokens, in: &work)
    for block in blocks { block.count(tokens: tokens, promptTokens: promptTokens, in: &work) }
    projectionOut?.count(rows: tokens, in: &work)
  }
}
