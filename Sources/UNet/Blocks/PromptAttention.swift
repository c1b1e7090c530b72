// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Attention of pixels to the prompt, which is the same for every image: its keys and values are computed once, and their
/// weights are not kept.
struct PromptAttention: Sendable {
  private let query: Linear
  /// [prompt tokens, width].
  private let keys: Tensor
  private let values: Tensor
  private let output: Linear
  private let headCount: Int

  /// - Parameter prompt: [prompt tokens, context width].
  init(_ weights: WeightReader, width: Int, prompt: Tensor, contextWidth: Int, headCount: Int) throws {
    func linear(_ name: String, from input: Int, hasBias: Bool = false) throws -> Linear {
      try Linear(weights.module(name), from: input, to: width, hasBias: hasBias)
    }
    let naming = MultiHeadAttention.Naming.diffusers
    query = try linear(naming.query, from: width)
    keys = try linear(naming.key, from: contextWidth)(prompt)
    values = try linear(naming.value, from: contextWidth)(prompt)
    output = try linear(naming.output, from: width, hasBias: true)
    self.headCount = headCount
  }

  /// - Shapes: `x`, `addend` and result [tokens, width].
  func callAsFunction(_ x: Tensor, adding addend: Tensor) -> Tensor {
    output(query(x).attention(keys: keys, values: values, heads: headCount), adding: addend)
  }
}
