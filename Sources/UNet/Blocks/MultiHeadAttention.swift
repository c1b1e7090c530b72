// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Self-attention: softmax(Q·Kᵀ/√d)·V in heads of d channels, then a linear layer.
struct MultiHeadAttention: Sendable {
  /// How a module names its layers, and which of them have biases.
  struct Naming: Sendable {
    let query: String
    let key: String
    let value: String
    let output: String
    let hasBias: Bool

    /// diffusers' `Attention`.
    static let diffusers = Naming(query: "to_q", key: "to_k", value: "to_v", output: "to_out.0", hasBias: false)
    /// The same in the VAE, with biases.
    static let vae = Naming(query: "to_q", key: "to_k", value: "to_v", output: "to_out.0", hasBias: true)
    /// transformers' `CLIPAttention`.
    static let clip = Naming(query: "q_proj", key: "k_proj", value: "v_proj", output: "out_proj", hasBias: true)

    /// transformers' ViT and DINOv2.
    static func vit(hasBias: Bool) -> Naming {
      Naming(
        query: "attention.query", key: "attention.key", value: "attention.value", output: "output.dense",
        hasBias: hasBias)
    }
  }

  /// One of the three inputs of an attention.
  enum Projection: Sendable {
    case queries, keys, values
  }

  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let output: Linear
  private let width: Int
  private let headCount: Int
  private let isCausal: Bool
  private let precision: Precision

  init(
    _ weights: WeightReader, width: Int, headCount: Int, naming: Naming = .diffusers, isCausal: Bool = false
  ) throws {
    func linear(_ name: String, hasBias: Bool) throws -> Linear {
      try Linear(weights.module(name), from: width, to: width, hasBias: hasBias)
    }
    query = try linear(naming.query, hasBias: naming.hasBias)
    key = try linear(naming.key, hasBias: naming.hasBias)
    value = try linear(naming.value, hasBias: naming.hasBias)
    output = try linear(naming.output, hasBias: true)
    self.width = width
    self.headCount = headCount
    self.isCausal = isCausal
    precision = weights.precision
  }

  /// - Shapes: `x`, `addend` and result [tokens, width].
  func callAsFunction(_ x: Tensor, adding addend: Tensor? = nil) -> Tensor {
    attended(query(x), key(x), x, adding: addend)
  }

  /// The queries, the keys or the values alone, the heads side by side.
  ///
  /// - Shapes: `x` and result [tokens, width].
  func projected(_ x: Tensor, to projection: Projection) -> Tensor {
    switch projection {
    case .queries: query(x)
    case .keys: key(x)
    case .values: value(x)
    }
  }

  /// The queries and keys that determine the weights of the attention.
  func scores(_ x: Tensor) -> AttentionScores {
    AttentionScores(queries: query(x), keys: key(x), headCount: headCount)
  }

  /// The same, and what its weights are made of.
  ///
  /// - Shapes: `x` and output [tokens, width].
  func keepingScores(_ x: Tensor) -> (output: Tensor, scores: AttentionScores) {
    let scores = scores(x)
    return (attended(scores.queries, scores.keys, x), scores)
  }

  /// Counts the multiply-accumulates of one of the three projections.
  func countProjection(tokens: Int, in work: inout StageWork) { query.count(rows: tokens, in: &work) }

  /// Counts the multiply-accumulates of the projections, the scores and the weighted sums. Scores that a causal mask hides
  /// count too.
  func count(tokens: Int, in work: inout StageWork) {
    for layer in [query, key, value, output] { layer.count(rows: tokens, in: &work) }
    work.attention += 2 * tokens * tokens * width
  }

  private func attended(
    _ queries: Tensor, _ keys: Tensor, _ x: Tensor, adding addend: Tensor? = nil
  ) -> Tensor {
    let attended = queries.attention(
      keys: keys, values: value(x), heads: headCount, causal: isCausal, precision: precision)
    return output(attended, adding: addend)
  }
}

/// What the weights of a self-attention that is not causal are made of.
struct AttentionScores: Sendable {
  /// [tokens, width].
  let queries: Tensor
  let keys: Tensor
  let headCount: Int

  /// How much every token attends to every other: mean over the heads of softmax(Q·Kᵀ/√d), [tokens, tokens].
  func meanWeights() -> Tensor { queries.meanAttentionWeights(to: keys, heads: headCount) }
}
