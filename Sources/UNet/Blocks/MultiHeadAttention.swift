// SPDX-License-Identifier: Apache-2.0
import Tensor

/// softmax(Q·Kᵀ/√d)·V in heads of d channels, then a linear layer.
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
  }

  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let output: Linear
  private let headCount: Int
  private let isCausal: Bool

  /// - Parameter context: channels of what is attended to; nil for the input itself.
  init(
    _ weights: WeightReader, width: Int, context: Int? = nil, headCount: Int, naming: Naming = .diffusers,
    isCausal: Bool = false
  ) throws {
    func linear(_ name: String, from input: Int, hasBias: Bool) throws -> Linear {
      try Linear(weights.module(name), from: input, to: width, hasBias: hasBias)
    }
    query = try linear(naming.query, from: width, hasBias: naming.hasBias)
    key = try linear(naming.key, from: context ?? width, hasBias: naming.hasBias)
    value = try linear(naming.value, from: context ?? width, hasBias: naming.hasBias)
    output = try linear(naming.output, from: width, hasBias: true)
    self.headCount = headCount
    self.isCausal = isCausal
  }

  /// - Shapes: `x` [tokens, width], `context` [others, context width], result [tokens, width].
  func callAsFunction(_ x: Tensor, context: Tensor? = nil, adding addend: Tensor? = nil) -> Tensor {
    let source = context ?? x
    let mixed = query(x).attention(keys: key(source), values: value(source), heads: headCount, causal: isCausal)
    return output(mixed, adding: addend)
  }
}
