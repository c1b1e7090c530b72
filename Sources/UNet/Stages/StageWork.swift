// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The multiply-accumulates of a stage, by kind.
///
/// Sums count as they are written, whatever computes them: every tap of a convolution, every score of an attention, masked
/// ones too. Normalizations and activations do not count.
public struct StageWork: Equatable, Sendable {
  /// The stage's name, under which `FeatureEncoder` reports it.
  public let stage: String
  /// 3×3 convolutions.
  public var convolution = 0
  /// The products of those convolutions as they are executed: those of whole Winograd tiles, F(4×4, 3×3) or F(6×6, 3×3), also
  /// with stride 2, where the filtering pays. Its transforms do not count.
  public var executedConvolution = 0
  /// Linear layers and 1×1 convolutions.
  public var linear = 0
  /// Q·Kᵀ and P·V.
  public var attention = 0

  public init(_ stage: String) { self.stage = stage }

  /// The multiply-accumulates of the sums as they are written.
  public var total: Int { convolution + linear + attention }

  /// The multiply-accumulates as they are executed, which bound the stage's time in single precision.
  public var bound: Int { executedConvolution + linear + attention }
}

extension StageWork {
  /// Adds a 3×3 convolution.
  ///
  /// - Parameter side: the side of the square output.
  mutating func addConvolution(side: Int, from input: Int, to output: Int, stride: Int = 1) {
    let algorithm = ConvolutionAlgorithm.chosen(
      inputs: input, outputs: output, stride: stride, rows: side, columns: side)
    convolution += 9 * side * side * input * output
    executedConvolution += algorithm.products(rows: side, columns: side) * input * output
  }

  mutating func addLinear(rows: Int, from input: Int, to output: Int) { linear += rows * input * output }

  /// Adds a residual block on a square.
  ///
  /// - Parameter timeWidth: the width of the embedding that is projected; nil in a VAE.
  mutating func addResnet(side: Int, from input: Int, to output: Int, timeWidth: Int? = nil) {
    addConvolution(side: side, from: input, to: output)
    addConvolution(side: side, from: output, to: output)
    if input != output { addLinear(rows: side * side, from: input, to: output) }
    if let timeWidth { addLinear(rows: 1, from: timeWidth, to: output) }
  }

  /// Projections, scores and weighted sums; the number of heads does not matter.
  ///
  /// - Parameter context: how many others are attended to, and their width; nil: the tokens themselves. Their keys and values
  ///   count, though those of the prompt are computed but once: 0.25 % of SSD-1B's bound at 1024 pixels.
  mutating func addAttention(tokens: Int, width: Int, context: (count: Int, width: Int)? = nil) {
    let (others, otherWidth) = context ?? (tokens, width)
    linear += 2 * tokens * width * width + 2 * others * otherWidth * width
    attention += 2 * tokens * others * width
  }
}
