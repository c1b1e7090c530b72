// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The attention of a VAE: normalization and self-attention of all pixels with one head, beside a shortcut.
struct PixelAttention: Sendable {
  private let norm: GroupNorm
  private let attention: MultiHeadAttention

  init(_ weights: WeightReader, width: Int, groups: Int, epsilon: Float) throws {
    norm = try GroupNorm(weights.module("group_norm"), channels: width, groups: groups, epsilon: epsilon)
    attention = try MultiHeadAttention(weights, width: width, headCount: 1, naming: .vae)
  }

  /// - Shapes: `x` and result [height, width, channels].
  func callAsFunction(_ x: Tensor) -> Tensor {
    let tokens = x.reshaped([x.shape[0] * x.shape[1], x.shape[2]])
    return attention(norm(tokens), adding: tokens).reshaped(x.shape)
  }

  /// Counts the multiply-accumulates.
  func count(tokens: Int, in work: inout StageWork) { attention.count(tokens: tokens, in: &work) }
}
