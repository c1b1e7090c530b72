// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Tensor

/// Attention of pixels to the prompt.
///
/// The prompt is the same for every image: its keys and values are computed with the first one, and their weights are dropped.
final class PromptAttention: Sendable {
  private let query: Linear
  private let output: Linear
  /// [prompt tokens, context width].
  private let prompt: Tensor
  private let width: Int
  private let contextWidth: Int
  private let headCount: Int
  private let keysAndValues: Mutex<KeysAndValues>

  /// The keys and values of the prompt, [prompt tokens, width].
  private enum KeysAndValues {
    case weights(key: Linear, value: Linear)
    case computed(keys: Tensor, values: Tensor)
  }

  /// - Parameter prompt: [prompt tokens, context width].
  init(_ weights: WeightReader, width: Int, prompt: Tensor, contextWidth: Int, headCount: Int) throws {
    func linear(_ name: String, from input: Int, hasBias: Bool = false) throws -> Linear {
      try Linear(weights.module(name), from: input, to: width, hasBias: hasBias)
    }
    let naming = MultiHeadAttention.Naming.diffusers
    query = try linear(naming.query, from: width)
    let key = try linear(naming.key, from: contextWidth)
    keysAndValues = Mutex(.weights(key: key, value: try linear(naming.value, from: contextWidth)))
    output = try linear(naming.output, from: width, hasBias: true)
    (self.prompt, self.width, self.contextWidth, self.headCount) = (prompt, width, contextWidth, headCount)
  }

  /// - Shapes: `x`, `addend` and result [tokens, width].
  func callAsFunction(_ x: Tensor, adding addend: Tensor) -> Tensor {
    let (keys, values) = promptKeysAndValues()
    return output(query(x).attention(keys: keys, values: values, heads: headCount), adding: addend)
  }

  private func promptKeysAndValues() -> (keys: Tensor, values: Tensor) {
    keysAndValues.withLock { state in
      switch state {
      case .computed(let keys, let values): return (keys, values)
      case .weights(let key, let value):
        let (keys, values) = (key(prompt), value(prompt))
        state = .computed(keys: keys, values: values)
        return (keys, values)
      }
    }
  }

  /// Counts the multiply-accumulates. The keys and values of the prompt count for every image, though they are computed once:
  /// 0.25 % of SSD-1B's bound at 1024 pixels.
  func count(tokens: Int, promptTokens: Int, in work: inout StageWork) {
    work.linear += 2 * promptTokens * contextWidth * width
    work.attention += 2 * tokens * promptTokens * width
    for layer in [query, output] { layer.count(rows: tokens, in: &work) }
  }
}
