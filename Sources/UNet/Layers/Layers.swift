// SPDX-License-Identifier: Apache-2.0
import Tensor

/// y = x·Wᵀ + b, a torch `Linear`.
struct Linear: Sendable {
  private let weight: WeightMatrix
  /// [output].
  private let bias: Tensor?

  /// - Parameter window: the weight is stored as that of a convolution, [output, input, window, window], whose windows do not
  ///   overlap; a row of x is then one window, channel by channel.
  init(
    _ weights: WeightReader, from input: Int, to output: Int, hasBias: Bool = true, window: Int? = nil
  ) throws {
    let stored = try weights.stored("weight", [output, input] + (window.map { [$0, $0] } ?? []))
    let size = window ?? 1
    weight = WeightMatrix(stored, columns: output, depth: input * size * size, precision: weights.precision)
    bias = hasBias ? try weights.tensor("bias", [output]) : nil
  }

  /// - Shapes: `x` [..., input], `addend` and result [..., output].
  func callAsFunction(_ x: Tensor, adding addend: Tensor? = nil) -> Tensor {
    x.multiplied(by: weight, bias: bias, adding: addend)
  }

  /// Counts the multiply-accumulates for `rows` rows.
  func count(rows: Int, in work: inout StageWork) { work.linear += rows * weight.depth * weight.columns }
}

/// A torch `Conv2d` on [height, width, channels].
struct Convolution2D: Sendable {
  private let weight: ConvolutionWeight
  private let bias: Tensor
  private let stride: Int
  private let padding: Padding

  /// - Parameter size: height and width of the window.
  init(
    _ weights: WeightReader, from input: Int, to output: Int, size: Int = 3, stride: Int = 1, padding: Padding
  ) throws {
    let shape = [output, input, size, size]
    weight = ConvolutionWeight(try weights.stored("weight", shape), shape: shape)
    bias = try weights.tensor("bias", [output])
    self.stride = stride
    self.padding = padding
  }

  /// - Parameters:
  ///   - activation: what is done to `x` first.
  ///   - offset: [output], added to every pixel of the result.
  func callAsFunction(_ x: Tensor, after activation: Activation? = nil, offset: Tensor? = nil) -> Tensor {
    var bias = bias
    if let offset { bias.add(offset) }
    return x.convolved(after: activation, with: weight, bias: bias, stride: stride, padding: padding)
  }

  /// Counts the multiply-accumulates of a 3×3 convolution.
  ///
  /// - Parameter side: the side of the square input, then that of the output.
  func count(side: inout Int, in work: inout StageWork) {
    side = (side + padding.top + padding.bottom - weight.height) / stride + 1
    let algorithm = weight.algorithm(stride: stride, rows: side, columns: side)
    let pairs = weight.inputs * weight.outputs
    work.convolution += ConvolutionAlgorithm.direct.products(rows: side, columns: side) * pairs
    work.executedConvolution += algorithm.products(rows: side, columns: side) * pairs
  }

  /// y ← y + the convolution of `x`.
  func add(_ x: Tensor, after activation: Activation? = nil, to y: inout Tensor) {
    y.addConvolution(of: x, after: activation, with: weight, bias: bias, stride: stride, padding: padding)
  }
}

/// A torch `GroupNorm` on [..., channels].
struct GroupNorm: Sendable {
  private let weight: Tensor
  private let bias: Tensor
  private let groups: Int
  private let epsilon: Float

  init(_ weights: WeightReader, channels: Int, groups: Int, epsilon: Float) throws {
    weight = try weights.tensor("weight", [channels])
    bias = try weights.tensor("bias", [channels])
    self.groups = groups
    self.epsilon = epsilon
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    x.groupNorm(groups: groups, weight: weight, bias: bias, epsilon: epsilon)
  }

  /// Normalization and SiLU, for the layer that reads `x` to do.
  func thenSiLU(of x: Tensor) -> Activation {
    x.groupNormActivation(groups: groups, weight: weight, bias: bias, epsilon: epsilon, thenSiLU: true)
  }
}

/// A torch `LayerNorm` on [tokens, channels].
struct LayerNorm: Sendable {
  private let weight: Tensor
  private let bias: Tensor
  private let epsilon: Float

  init(_ weights: WeightReader, channels: Int, epsilon: Float) throws {
    weight = try weights.tensor("weight", [channels])
    bias = try weights.tensor("bias", [channels])
    self.epsilon = epsilon
  }

  func callAsFunction(_ x: Tensor) -> Tensor { x.layerNorm(weight: weight, bias: bias, epsilon: epsilon) }
}

/// One factor for each channel, on a branch beside a shortcut.
///
/// - Source: Touvron et al., "Going deeper with Image Transformers", ICCV 2021.
struct LayerScale: Sendable {
  private let activation: Activation

  /// - Parameter name: the name of the factors.
  init(_ weights: WeightReader, _ name: String, channels: Int) throws {
    let factor = try weights.tensor(name, [channels])
    activation = Activation(factor: factor, addend: Tensor(zeros: factor.shape), appliesSiLU: false)
  }

  /// x ← x + λ · branch.
  ///
  /// - Shapes: equal, [..., channels].
  func add(_ branch: Tensor, to x: inout Tensor) { x.add(branch.activated(by: activation)) }
}
