// SPDX-License-Identifier: Apache-2.0
import Kernels

/// Rows and columns of zeros around an image.
package struct Padding: Equatable, Sendable {
  package let top: Int
  package let left: Int
  package let bottom: Int
  package let right: Int

  package init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
    (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
  }

  /// The same on every side.
  package init(_ width: Int) { self.init(top: width, left: width, bottom: width, right: width) }

  package static let none = Padding(0)
}

/// The weight of a convolution.
package struct ConvolutionWeight: Sendable {
  package let outputs: Int
  package let inputs: Int
  /// Of the kernel.
  package let height: Int
  package let width: Int
  /// In torch's order [outputs, inputs, height, width].
  let elements: StoredArray

  /// - Parameter elements: in torch's order [outputs, inputs, height, width].
  package init(_ elements: StoredArray, shape: [Int]) {
    precondition(
      shape.count == 4 && shape[2] > 0 && shape[3] > 0 && elements.count == shape.reduce(1, *),
      "convolution weight of shape \(shape)")
    (outputs, inputs, height, width) = (shape[0], shape[1], shape[2], shape[3])
    self.elements = elements
  }

  /// - Parameter weight: in torch's order [outputs, inputs, height, width].
  package init(_ weight: Tensor) { self.init(StoredArray(weight), shape: weight.shape.extents) }

  /// Returns the algorithm that computes an output [rows, columns].
  package func algorithm(stride: Int, rows: Int, columns: Int) -> ConvolutionAlgorithm {
    guard height == 3 && width == 3 else { return .direct }
    return .chosen(inputs: inputs, outputs: outputs, stride: stride, rows: rows, columns: columns)
  }

  /// [outputs, height · width · inputs]: columns in the order in which a channels-last image holds a patch.
  func matrix() -> WeightMatrix {
    let (taps, depth) = (height * width, height * width * inputs)
    if taps == 1 { return WeightMatrix(elements, columns: outputs, depth: depth) }
    var reordered = Tensor(uninitialized: [outputs, depth])
    let target = reordered.mutablePointer
    Parallel.forEach(outputs) { output in
      withScratch(depth, of: Float.self) { source in
        elements.copy(from: output * depth, count: depth, into: source)
        let row = target + output * depth
        for tap in 0..<taps { for input in 0..<inputs { row[tap * inputs + input] = source[input * taps + tap] } }
      }
    }
    return WeightMatrix(reordered)
  }
}

/// How a convolution is computed. The sums are the same ones; their rounding is not.
package enum ConvolutionAlgorithm: Hashable, Sendable, CaseIterable, CustomStringConvertible {
  /// One product of patches and weights.
  case direct
  /// Winograd's filtering; 3×3 windows with the tiling's stride only.
  case winograd(WinogradTiling)

  package static var allCases: [ConvolutionAlgorithm] { [.direct] + WinogradTiling.allCases.map(Self.winograd) }

  /// Channels of input and output from which Winograd's filtering pays.
  package static let minimumWinogradChannels = 32
  /// Outputs of a channel from which it pays with stride 2.
  package static let minimumStridedOutputs = 32 * 32

  /// Returns the algorithm that computes a 3×3 convolution with an output [rows, columns].
  ///
  /// Winograd's filtering pays where the products are deep and wide enough to outweigh its transforms. The tile with fewest
  /// products is chosen. With stride 2 it saves less, and only large images repay the transform of the filters.
  package static func chosen(inputs: Int, outputs: Int, stride: Int, rows: Int, columns: Int) -> ConvolutionAlgorithm {
    func products(_ algorithm: ConvolutionAlgorithm) -> Int { algorithm.products(rows: rows, columns: columns) }
    let filtered = applicable(stride: stride).dropFirst().min { products($0) < products($1) }
    guard let filtered, min(inputs, outputs) >= minimumWinogradChannels else { return .direct }
    if stride == 1 { return filtered }
    return rows * columns >= minimumStridedOutputs && products(filtered) < products(.direct) ? filtered : .direct
  }

  /// Returns the algorithms for a 3×3 window with a stride, `direct` first.
  package static func applicable(stride: Int) -> [ConvolutionAlgorithm] {
    [.direct] + WinogradTiling.allCases.filter { $0.stride == stride }.map(Self.winograd)
  }

  /// The tiling of Winograd's filtering; nil for `direct`.
  package var tiling: WinogradTiling? { if case .winograd(let tiling) = self { tiling } else { nil } }

  /// Returns the multiplications of a 3×3 window for each pair of channels, whole tiles counted: n² for m² outputs.
  package func products(rows: Int, columns: Int) -> Int {
    guard let tiling else { return 9 * rows * columns }
    let m = tiling.outputs
    return (rows + m - 1) / m * ((columns + m - 1) / m) * tiling.planes
  }

  /// The name in measurements, such as "winograd4" and "winograd4Stride2".
  package var description: String {
    guard let tiling else { return "direct" }
    return "winograd\(tiling.outputs)" + (tiling.stride == 1 ? "" : "Stride\(tiling.stride)")
  }
}

/// Convolution (as torch's `conv2d`, a correlation) of one image in memory.
///
/// - Shapes: `image` [height, width, inputs]; `addend` and `output` [rows, columns, outputs] with
///   rows = (height + top + bottom − kernel height) / stride + 1, rounded down, columns likewise; `bias` [outputs];
///   `output` may be `addend`.
/// - Numerics: directly, output = addend + bias + Σ patch·weight as a product of depth k = kernel size · inputs, see `gemm`;
///   taps in row-major order, channels innermost; error ≤ γ_{k+2} of the sum of magnitudes. By Winograd's filtering the
///   products are of depth `inputs`, and the transforms amplify their error: see <doc:Convolution>.
/// - Memory: directly, patches are copied in blocks of 252 × 1280 elements at most, and never stored as a whole.
package func convolveImage(
  _ image: UnsafePointer<Float>, height: Int, width: Int, after activation: Activation? = nil,
  with weight: ConvolutionWeight, bias: UnsafePointer<Float>? = nil, stride: Int, padding: Padding,
  adding addend: UnsafePointer<Float>? = nil, into output: UnsafeMutablePointer<Float>,
  algorithm: ConvolutionAlgorithm = .direct, using kernels: KernelTable = .current
) {
  guard
    let (rows, columns) = convolvedSize(height: height, width: width, with: weight, stride: stride, padding: padding)
  else { return }
  if let tiling = algorithm.tiling {
    precondition(
      weight.height == 3 && weight.width == 3 && stride == tiling.stride,
      "\(algorithm) of \(weight.height)×\(weight.width), stride \(stride)")
    WinogradConvolution(
      height: height, width: width, padding: padding, weight: weight, kernels: kernels, tiling: tiling
    ).run(.init(source: image, activation: activation, bias: bias, addend: addend, target: output))
    return
  }
  let layout = PatchLayout(
    height: height, width: width, channels: weight.inputs, kernelHeight: weight.height, kernelWidth: weight.width,
    stride: stride, top: padding.top, left: padding.left, outputWidth: columns)
  let elements = activation == nil ? 0 : height * width * weight.inputs
  withScratch(elements, of: Float.self) { activated in
    if let activation { activation.apply(to: image, rows: height * width, into: activated, using: kernels) }
    let source = activation == nil ? image : UnsafePointer(activated)
    weight.matrix().multiply(
      rows: rows * columns, bias: bias, addend: addend, into: output, using: kernels, gathers: true
    ) { pixels, depth, patches in
      layout.gather(source, pixels: pixels, depth: depth, into: patches)
      return (UnsafePointer(patches), depth.count)
    }
  }
}

/// nil when the kernel does not fit into the padded image.
private func convolvedSize(
  height: Int, width: Int, with weight: ConvolutionWeight, stride: Int, padding: Padding
) -> (rows: Int, columns: Int)? {
  let rows = height + padding.top + padding.bottom - weight.height
  let columns = width + padding.left + padding.right - weight.width
  return rows < 0 || columns < 0 ? nil : (rows / stride + 1, columns / stride + 1)
}

extension Tensor {
  /// The convolution of an image, plus an optional bias and an optional residual.
  ///
  /// - Shapes: self [height, width, inputs], `bias` [outputs], `addend` and result [rows, columns, outputs]; see
  ///   `convolveImage`.
  /// - Parameters:
  ///   - activation: what is done to self first.
  ///   - algorithm: nil chooses by the weight's shape.
  /// - Precondition: the kernel fits into the padded image.
  package func convolved(
    after activation: Activation? = nil, with weight: ConvolutionWeight, bias: Tensor? = nil, stride: Int = 1,
    padding: Padding = .none, adding addend: Tensor? = nil, algorithm: ConvolutionAlgorithm? = nil,
    using kernels: KernelTable = .current
  ) -> Tensor {
    let size = convolvedShape(with: weight, stride: stride, padding: padding)
    var result = Tensor(uninitialized: size)
    precondition(addend?.shape ?? size == size, "adding \(addend?.shape ?? []) to \(size)")
    convolve(
      into: &result, after: activation, weight, bias, stride, padding, addend: addend?.pointer, algorithm, kernels)
    return result
  }

  /// self ← self + the convolution of `image`, in place.
  ///
  /// - Shapes and preconditions: as those of `convolved(after:with:)`, self in the place of the addend.
  package mutating func addConvolution(
    of image: Tensor, after activation: Activation? = nil, with weight: ConvolutionWeight, bias: Tensor? = nil,
    stride: Int = 1, padding: Padding = .none, algorithm: ConvolutionAlgorithm? = nil,
    using kernels: KernelTable = .current
  ) {
    let size = image.convolvedShape(with: weight, stride: stride, padding: padding)
    precondition(size == shape, "adding \(size) to \(shape)")
    let addend = UnsafePointer(mutablePointer)
    image.convolve(into: &self, after: activation, weight, bias, stride, padding, addend: addend, algorithm, kernels)
  }

  private func convolve(
    into result: inout Tensor, after activation: Activation?, _ weight: ConvolutionWeight, _ bias: Tensor?,
    _ stride: Int, _ padding: Padding, addend: UnsafePointer<Float>?, _ algorithm: ConvolutionAlgorithm?,
    _ kernels: KernelTable
  ) {
    precondition(bias?.count ?? weight.outputs == weight.outputs, "bias \(bias?.shape ?? []) for \(weight.outputs)")
    precondition(
      activation?.factor.count ?? weight.inputs == weight.inputs, "activation of \(weight.inputs) channels")
    convolveImage(
      pointer, height: shape[0], width: shape[1], after: activation, with: weight, bias: bias?.pointer,
      stride: stride, padding: padding, adding: addend, into: result.mutablePointer,
      algorithm: algorithm ?? weight.algorithm(stride: stride, rows: result.shape[0], columns: result.shape[1]),
      using: kernels)
  }

  private func convolvedShape(with weight: ConvolutionWeight, stride: Int, padding: Padding) -> Shape {
    let kernel = "[\(weight.outputs), \(weight.inputs), \(weight.height), \(weight.width)]"
    precondition(shape.rank == 3 && shape[2] == weight.inputs && stride > 0, "convolution of \(shape) with \(kernel)")
    guard
      let (rows, columns) = convolvedSize(
        height: shape[0], width: shape[1], with: weight, stride: stride, padding: padding)
    else { preconditionFailure("convolution of \(shape), padded by \(padding), with \(kernel)") }
    return [rows, columns, weight.outputs]
  }

  /// The same with a weight in torch's order [outputs, inputs, height, width].
  package func convolved(
    with weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Padding = .none,
    adding addend: Tensor? = nil, algorithm: ConvolutionAlgorithm? = nil, using kernels: KernelTable = .current
  ) -> Tensor {
    convolved(
      with: ConvolutionWeight(weight), bias: bias, stride: stride, padding: padding, adding: addend,
      algorithm: algorithm, using: kernels)
  }
}
