// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Two convolutions beside a shortcut.
///
/// h = conv1(SiLU(GN(x))) + Linear(SiLU(embedding)); out = shortcut(x) + conv2(SiLU(GN(h))). The VAE's have no embedding.
struct ResnetBlock: Sendable {
  private let norm1: GroupNorm
  private let conv1: Convolution2D
  private let timeProjection: Linear?
  private let norm2: GroupNorm
  private let conv2: Convolution2D
  /// A 1×1 convolution where the channel count changes.
  private let shortcut: Linear?
  private let outputChannels: Int

  init(
    _ weights: WeightReader, from input: Int, to output: Int, timeWidth: Int? = nil, groups: Int, epsilon: Float
  ) throws {
    norm1 = try GroupNorm(weights.module("norm1"), channels: input, groups: groups, epsilon: epsilon)
    conv1 = try Convolution2D(weights.module("conv1"), from: input, to: output, padding: Padding(1))
    timeProjection = try timeWidth.map { try Linear(weights.module("time_emb_proj"), from: $0, to: output) }
    norm2 = try GroupNorm(weights.module("norm2"), channels: output, groups: groups, epsilon: epsilon)
    conv2 = try Convolution2D(weights.module("conv2"), from: output, to: output, padding: Padding(1))
    shortcut =
      input == output
      ? nil : try Linear(weights.module("conv_shortcut"), from: input, to: output, window: 1)
    outputChannels = output
  }

  /// x ← the block's output; where the channel count stays, in the same memory.
  ///
  /// - Shapes: `x` [height, width, input], then [height, width, output]; `embedding` [1, timeWidth].
  func apply(to x: inout Tensor, embedding: Tensor? = nil) {
    let offset = embedding.flatMap { value in timeProjection.map { $0(value.silu()).reshaped([outputChannels]) } }
    let hidden = conv1(x, after: norm1.thenSiLU(of: x), offset: offset)
    if let shortcut { x = shortcut(x) }
    conv2.add(hidden, after: norm2.thenSiLU(of: hidden), to: &x)
  }

  /// Counts the multiply-accumulates.
  ///
  /// - Parameter side: the side of the square input, which is that of the output.
  func count(side: Int, in work: inout StageWork) {
    var side = side
    conv1.count(side: &side, in: &work)
    conv2.count(side: &side, in: &work)
    shortcut?.count(rows: side * side, in: &work)
    timeProjection?.count(rows: 1, in: &work)
  }
}
