// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The multiply-accumulates of a stage, sorted by what can be saved of them.
///
/// Sums as they are written count, whatever computes them: every tap of a convolution, every score of an attention, masked
/// ones too. Normalisations and activations do not.
public struct StageWork: Equatable, Sendable {
  /// The stage's name, under which `FeatureEncoder` reports it.
  public let stage: String
  /// 3×3 convolutions with stride 1 between channels enough for Winograd's filtering to pay.
  public var filtered = 0
  /// Other convolutions with windows of more than a pixel.
  public var direct = 0
  /// Linear layers and 1×1 convolutions.
  public var linear = 0
  /// Q·Kᵀ and P·V.
  public var attention = 0

  public init(_ stage: String) { self.stage = stage }

  /// Of the sums as they are written.
  public var total: Int { filtered + direct + linear + attention }

  /// What is left with Winograd's F(4×4, 3×3), which multiplies 36 times for 16 sums of nine products: what the stage's
  /// time is bounded by in single precision.
  public var bound: Int { filtered / 4 + direct + linear + attention }
}

extension StageWork {
  /// A 3×3 convolution.
  mutating func addConvolution(pixels: Int, from input: Int, to output: Int, stride: Int = 1) {
    let count = 9 * pixels * input * output
    let isFiltered = stride == 1 && min(input, output) >= ConvolutionAlgorithm.leastFilteredChannels
    if isFiltered { filtered += count } else { direct += count }
  }

  mutating func addLinear(rows: Int, from input: Int, to output: Int) { linear += rows * input * output }

  /// - Parameter timeWidth: of the embedding that is projected; nil in a VAE.
  mutating func addResnet(pixels: Int, from input: Int, to output: Int, timeWidth: Int? = nil) {
    addConvolution(pixels: pixels, from: input, to: output)
    addConvolution(pixels: pixels, from: output, to: output)
    if input != output { addLinear(rows: pixels, from: input, to: output) }
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
