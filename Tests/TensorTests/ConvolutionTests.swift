// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct ConvolutionTests {
  struct Case: Sendable, CustomStringConvertible {
    var height: Int
    var width: Int
    var inputs: Int
    var outputs: Int
    var kernelHeight = 3
    var kernelWidth = 3
    var stride = 1
    var padding = Padding(1)

    var rows: Int { (height + padding.top + padding.bottom - kernelHeight) / stride + 1 }
    var columns: Int { (width + padding.left + padding.right - kernelWidth) / stride + 1 }
    var depth: Int { inputs * kernelHeight * kernelWidth }
    var weightShape: [Int] { [outputs, inputs, kernelHeight, kernelWidth] }
    var description: String {
      "[\(height), \(width), \(inputs)] with \(weightShape), stride \(stride), \(padding)"
    }
  }

  /// What surrounds the output in memory.
  private static let guardValue: Float = -12_345
  private static let guardCount = 64

  private static let rightBottom = Padding(bottom: 1, right: 1)

  /// One pixel, odd sizes, both kinds of downsampling, widths about the register tiles, and depths beyond a block.
  private static let cases: [Case] = [
    Case(height: 1, width: 1, inputs: 1, outputs: 1),
    Case(height: 1, width: 1, inputs: 17, outputs: 33),
    Case(height: 1, width: 9, inputs: 3, outputs: 4),
    Case(height: 7, width: 1, inputs: 4, outputs: 3),
    Case(height: 2, width: 2, inputs: 3, outputs: 31),
    Case(height: 13, width: 11, inputs: 3, outputs: 32),
    Case(height: 9, width: 15, inputs: 4, outputs: 17),
    Case(height: 6, width: 5, inputs: 32, outputs: 32),
    Case(height: 4, width: 3, inputs: 320, outputs: 40),
    Case(height: 5, width: 4, inputs: 17, outputs: 320),
    Case(height: 1, width: 1, inputs: 4, outputs: 5, stride: 2),
    Case(height: 8, width: 8, inputs: 17, outputs: 12, stride: 2),
    Case(height: 9, width: 7, inputs: 32, outputs: 19, stride: 2),
    Case(height: 5, width: 6, inputs: 320, outputs: 8, stride: 2),
    Case(height: 2, width: 2, inputs: 3, outputs: 5, stride: 2, padding: rightBottom),
    Case(height: 8, width: 12, inputs: 17, outputs: 12, stride: 2, padding: rightBottom),
    Case(height: 9, width: 7, inputs: 32, outputs: 33, stride: 2, padding: rightBottom),
    Case(height: 1, width: 1, inputs: 320, outputs: 4, kernelHeight: 1, kernelWidth: 1, padding: .none),
    Case(height: 13, width: 9, inputs: 17, outputs: 64, kernelHeight: 1, kernelWidth: 1, padding: .none),
    Case(height: 7, width: 7, inputs: 4, outputs: 6, kernelHeight: 1, kernelWidth: 1, stride: 2, padding: .none),
    Case(height: 3, width: 3, inputs: 5, outputs: 7, padding: .none),
    Case(height: 9, width: 10, inputs: 3, outputs: 9, kernelHeight: 2, kernelWidth: 5, stride: 3, padding: .none),
    Case(
      height: 6, width: 5, inputs: 4, outputs: 9, kernelHeight: 5, kernelWidth: 7, stride: 1,
      padding: Padding(top: 4, left: 6, bottom: 5, right: 9)),
  ]

  private struct Operands {
    var image: [Float]
    var weight: [Float]
    var bias: [Float]
    var addend: [Float]

    init(_ layout: Case, _ make: (Int) -> [Float]) {
      image = make(layout.height * layout.width * layout.inputs)
      weight = make(layout.outputs * layout.depth)
      bias = make(layout.outputs)
      addend = make(layout.rows * layout.columns * layout.outputs)
    }

    func reference(
      _ layout: Case, bias hasBias: Bool, addend hasAddend: Bool, magnitude: Bool = false
    ) -> [Double] {
      func wide(_ values: [Float]) -> [Double] { values.map { Double(magnitude ? abs($0) : $0) } }
      return Reference.convolved(
        wide(image), height: layout.height, width: layout.width, weight: wide(weight),
        weightShape: layout.weightShape, bias: hasBias ? wide(bias) : nil, stride: layout.stride,
        padding: layout.padding, addingTo: hasAddend ? wide(addend) : nil)
    }

    /// Convolves into memory full of NaN; a write outside of the output is reported.
    func result(_ layout: Case, bias hasBias: Bool, addend hasAddend: Bool, _ set: InstructionSet) -> [Float] {
      let kernels = KernelTable.table(for: set)
      let packed = ConvolutionWeight(Tensor(Tensor.Shape(layout.weightShape), values: weight))
      let surround = [Float](repeating: guardValue, count: guardCount)
      var memory = surround + [Float](repeating: .nan, count: addend.count) + surround
      image.withUnsafeBufferPointer { image in
        bias.withUnsafeBufferPointer { bias in
          addend.withUnsafeBufferPointer { addend in
            memory.withUnsafeMutableBufferPointer { output in
              guard let image = image.baseAddress, let output = output.baseAddress else { return }
              convolveImage(
                image, height: layout.height, width: layout.width, with: packed,
                bias: hasBias ? bias.baseAddress : nil, stride: layout.stride, padding: layout.padding,
                adding: hasAddend ? addend.baseAddress : nil, into: output + guardCount, using: kernels)
            }
          }
        }
      }
      #expect(memory.prefix(guardCount).elementsEqual(surround), "\(set): wrote before \(layout)")
      #expect(memory.suffix(guardCount).elementsEqual(surround), "\(set): wrote behind \(layout)")
      return Array(memory[guardCount..<guardCount + addend.count])
    }
  }

  @Test(arguments: cases)
  func integersAreExact(_ layout: Case) {
    var generator = SeededGenerator(seed: 1)
    let operands = Operands(layout) { generator.integers($0) }
    for (bias, addend) in [(false, false), (true, false), (false, true), (true, true)] {
      let expected = operands.reference(layout, bias: bias, addend: addend)
      for set in InstructionSet.supported {
        expectEqual(
          operands.result(layout, bias: bias, addend: addend, set), expected, within: .exact,
          "\(set), bias \(bias), addend \(addend)")
      }
    }
  }

  @Test(arguments: cases)
  func errorStaysWithinTheReductionBound(_ layout: Case) {
    var generator = SeededGenerator(seed: 2)
    let operands = Operands(layout) { generator.floats($0) }
    let expected = operands.reference(layout, bias: true, addend: true)
    let magnitude = operands.reference(layout, bias: true, addend: true, magnitude: true)
    for set in InstructionSet.supported {
      expectEqual(
        operands.result(layout, bias: true, addend: true, set), expected,
        within: .reduction(length: layout.depth + 2, magnitude: magnitude), "\(set)")
    }
  }

  /// A weight in torch's order, packed in the call or before it, and values that are not finite.
  @Test(arguments: InstructionSet.supported)
  func tensors(_ set: InstructionSet) {
    let layout = Case(height: 6, width: 9, inputs: 5, outputs: 21, stride: 2)
    var generator = SeededGenerator(seed: 3)
    var operands = Operands(layout) { generator.integers($0) }
    operands.image[4 * 5 + 2] = .infinity
    operands.image[40 * 5 + 1] = .nan
    // No zero, whose product with an infinity is NaN in a sum of any order, and no two signs, or ∞ − ∞ is one.
    operands.weight = operands.weight.map { abs($0) + 1 }
    let kernels = KernelTable.table(for: set)
    let image = Tensor([6, 9, 5], values: operands.image)
    let weight = Tensor([21, 5, 3, 3], values: operands.weight)
    let (bias, addend) = (
      Tensor([21], values: operands.bias), Tensor([layout.rows, layout.columns, 21], values: operands.addend)
    )
    let expected = operands.reference(layout, bias: true, addend: true)
    let packed = ConvolutionWeight(weight)
    expectEqual(
      image.convolved(
        with: weight, bias: bias, stride: 2, padding: Padding(1), adding: addend, using: kernels),
      addend.shape, expected, within: .exact, "\(set) torch weight")
    expectEqual(
      image.convolved(
        with: packed, bias: bias, stride: 2, padding: Padding(1), adding: addend, using: kernels),
      addend.shape, expected, within: .exact, "\(set) packed weight")
  }

  @Test func emptyExtents() {
    let weight = Tensor(zeros: [0, 3, 3, 3])
    #expect(Tensor(zeros: [4, 4, 3]).convolved(with: weight, padding: Padding(1)).shape == [4, 4, 0])
    let blind = Tensor(zeros: [2, 0, 3, 3])
    let bias = Tensor([2], values: [1, 2])
    #expect(Tensor(zeros: [1, 2, 0]).convolved(with: blind, bias: bias, padding: Padding(1)).values == [1, 2, 1, 2])
    #expect(Tensor(zeros: [1, 2, 0]).convolved(with: blind, padding: Padding(1)).values == [0, 0, 0, 0])
  }
}

@Suite struct WeightMatrixTests {
  /// Bit for bit what `multiplied(by:)` of two tensors gives: both add in the same order.
  @Test(
    arguments: InstructionSet.supported,
    [
      [1, 1, 1], [3, 5, 7], [14, 32, 1280], [15, 33, 1281], [77, 100, 2600], [200, 7, 40], [1, 640, 320],
      [6, 3100, 20], [3, 70, 90_000], [20, 33, 1024], [30, 40, 3072], [300, 5, 2048], [128, 400, 1300],
      [129, 400, 1300],
      [130, 70, 70_000],
    ])
  func sameBitsAsTensors(_ set: InstructionSet, _ size: [Int]) {
    let (m, n, k) = (size[0], size[1], size[2])
    let kernels = KernelTable.table(for: set)
    var generator = SeededGenerator(seed: 4)
    let left = Tensor([m, k], values: generator.floats(m * k))
    let bias = Tensor([n], values: generator.floats(n))
    let right = Tensor([n, k], values: generator.floats(n * k))
    let weight = WeightMatrix(right)
    #expect(weight.depth == k && weight.columns == n)
    let plain = left.multiplied(by: right, transposed: true, using: kernels)
    expectIdentical(
      left.multiplied(by: weight, using: kernels).values, plain.values, "\(set) [\(m), \(k)]·[\(k), \(n)]")
    let biased = left.multiplied(by: right, transposed: true, bias: bias, using: kernels)
    expectIdentical(left.multiplied(by: weight, bias: bias, using: kernels).values, biased.values, "\(set) bias")
  }

  @Test(arguments: InstructionSet.supported)
  func imagesAndAddends(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    var generator = SeededGenerator(seed: 5)
    let image = Tensor([5, 7, 9], values: generator.integers(5 * 7 * 9))
    let columns = generator.integers(9 * 11)
    let (bias, addend) = (
      Tensor([11], values: generator.integers(11)), Tensor([5, 7, 11], values: generator.integers(385))
    )
    let expected = Reference.gemm(
      Reference.Matrix(image.values.map(Double.init), rows: 35, columns: 9),
      Reference.Matrix(columns.map(Double.init), rows: 11, columns: 9).transposed, bias: bias.values.map(Double.init),
      addingTo: addend.values.map(Double.init))
    expectEqual(
      image.multiplied(
        by: WeightMatrix(Tensor([11, 9], values: columns)), bias: bias, adding: addend, using: kernels),
      [5, 7, 11], expected, within: .exact, "\(set)")
  }
}
