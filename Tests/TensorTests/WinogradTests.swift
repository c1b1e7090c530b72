// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

/// Winograd's filtering against the naive sum in Double.
@Suite struct WinogradTests {
  struct Case: Sendable, CustomStringConvertible {
    var height: Int
    var width: Int
    var inputs: Int
    var outputs: Int
    var padding = Padding(1)

    func rows(_ stride: Int) -> Int { (height + padding.top + padding.bottom - 3) / stride + 1 }
    func columns(_ stride: Int) -> Int { (width + padding.left + padding.right - 3) / stride + 1 }
    var weightShape: [Int] { [outputs, inputs, 3, 3] }
    var description: String { "[\(height), \(width), \(inputs)] with \(weightShape), \(padding)" }
  }

  /// One pixel, part of a tile, several tiles and blocks; channels about vectors, panels, strips and blocks of depth.
  private static let cases: [Case] = [
    Case(height: 1, width: 1, inputs: 1, outputs: 1),
    Case(height: 4, width: 4, inputs: 3, outputs: 5),
    Case(height: 5, width: 6, inputs: 16, outputs: 17),
    Case(height: 6, width: 7, inputs: 33, outputs: 31),
    Case(height: 13, width: 9, inputs: 8, outputs: 32),
    Case(height: 17, width: 50, inputs: 4, outputs: 7),
    Case(height: 61, width: 22, inputs: 5, outputs: 3),
    Case(height: 3, width: 4, inputs: 65, outputs: 130),
    Case(height: 2, width: 5, inputs: 1283, outputs: 9),
    Case(height: 9, width: 70, inputs: 256, outputs: 7),
    Case(height: 7, width: 5, inputs: 4, outputs: 6, padding: .none),
    Case(height: 6, width: 5, inputs: 4, outputs: 9, padding: Padding(top: 4, left: 1, bottom: 0, right: 9)),
  ]

  private static let filtered = ConvolutionAlgorithm.allCases.filter { $0 != .direct }

  @Test(arguments: cases)
  func errorStaysWithinTheTransformsBound(_ layout: Case) throws {
    var generator = SeededGenerator(seed: 1)
    let image = Tensor(
      [layout.height, layout.width, layout.inputs],
      values: generator.floats(layout.height * layout.width * layout.inputs))
    let weight = Tensor(Tensor.Shape(layout.weightShape), values: generator.floats(layout.outputs * layout.inputs * 9))
    let bias = Tensor([layout.outputs], values: generator.floats(layout.outputs))
    func wide(_ tensor: Tensor) -> [Double] { tensor.values.map(Double.init) }
    for algorithm in Self.filtered {
      let transform = try #require(WinogradTransform(algorithm))
      let stride = transform.stride
      let shape: Tensor.Shape = [layout.rows(stride), layout.columns(stride), layout.outputs]
      let addend = Tensor(shape, values: generator.floats(shape.count))
      let expected = Reference.convolved(
        wide(image), height: layout.height, width: layout.width, weight: wide(weight),
        weightShape: layout.weightShape, bias: wide(bias), stride: stride, padding: layout.padding,
        addingTo: wide(addend))
      let magnitude = transform.magnitude(
        of: wide(image).map(abs), layout, weight: wide(weight).map(abs), bias: wide(bias).map(abs),
        addend: wide(addend).map(abs))
      for set in InstructionSet.supported {
        let kernels = KernelTable.table(for: set)
        let result = image.convolved(
          with: weight, bias: bias, stride: stride, padding: layout.padding, adding: addend, algorithm: algorithm,
          using: kernels)
        expectEqual(
          result, shape, expected,
          within: .reduction(length: layout.inputs + transform.roundings, magnitude: magnitude), "\(set) \(algorithm)")
        var sum = addend
        sum.addConvolution(
          of: image, with: ConvolutionWeight(weight), bias: bias, stride: stride, padding: layout.padding,
          algorithm: algorithm, using: kernels)
        expectIdentical(sum.values, result.values, "\(set) \(algorithm) in place")
      }
    }
  }

  /// Filters beyond any cache: all threads work on one block of tiles, of which there are several here, and in the
  /// second case on filters that are transformed in two chunks.
  @Test(arguments: [(98, 384, 384), (7, 1284, 416)], filtered)
  func manyFilters(_ layout: (side: Int, inputs: Int, outputs: Int), _ algorithm: ConvolutionAlgorithm) {
    let (side, inputs, outputs) = layout
    let stride = algorithm.tiling?.stride ?? 1
    let resultSide = (side - 1) / stride + 1
    var generator = SeededGenerator(seed: 3)
    let image = Tensor([side, side, inputs], values: generator.floats(side * side * inputs))
    let weight = Tensor([outputs, inputs, 3, 3], values: generator.floats(outputs * inputs * 9))
    let bias = Tensor([outputs], values: generator.floats(outputs))
    let result = image.convolved(
      with: weight, bias: bias, stride: stride, padding: Padding(1), algorithm: algorithm
    ).values
    let (pixels, filters, constants) = (image.values, weight.values, bias.values)
    for _ in 0..<300 {
      let place = (
        row: Int.random(in: 0..<resultSide, using: &generator),
        column: Int.random(in: 0..<resultSide, using: &generator)
      )
      let (row, column) = (place.row * stride, place.column * stride)
      let output = Int.random(in: 0..<outputs, using: &generator)
      var (sum, magnitude) = (Double(constants[output]), abs(Double(constants[output])))
      for y in 0..<3 where (0..<side).contains(row + y - 1) {
        for x in 0..<3 where (0..<side).contains(column + x - 1) {
          let pixel = ((row + y - 1) * side + column + x - 1) * inputs
          for input in 0..<inputs {
            let product = Double(pixels[pixel + input]) * Double(filters[((output * inputs + input) * 3 + y) * 3 + x])
            sum += product
            magnitude += abs(product)
          }
        }
      }
      let error = abs(Double(result[(place.row * resultSide + place.column) * outputs + output]) - sum)
      // Random signs: far below the bound of the transforms, which a wrong tile, plane or panel exceeds.
      #expect(error <= 1e-5 * magnitude, "\(place), output \(output)")
    }
  }

  /// GroupNorm's factors and SiLU before the convolution, inside the image only: the border stays zero.
  @Test(arguments: InstructionSet.supported, ConvolutionAlgorithm.allCases)
  func activationComesFirst(_ set: InstructionSet, _ algorithm: ConvolutionAlgorithm) {
    let kernels = KernelTable.table(for: set)
    var generator = SeededGenerator(seed: 2)
    let image = Tensor([9, 11, 37], values: generator.floats(9 * 11 * 37))
    let weight = Tensor([20, 37, 3, 3], values: generator.floats(20 * 37 * 9))
    let stride = algorithm.tiling?.stride ?? 1
    let (factor, addend) = (
      Tensor([37], values: generator.floats(37)), Tensor([37], values: generator.floats(37))
    )
    let (factorValues, addendValues) = (factor.values, addend.values)
    for appliesSiLU in [false, true] {
      let activation = Activation(factor: factor, addend: addend, appliesSiLU: appliesSiLU)
      let activated = Tensor(
        image.shape,
        values: image.values.enumerated().map { index, x in
          let y = x * factorValues[index % 37] + addendValues[index % 37]
          return appliesSiLU ? y / (1 + Float(Reference.exponential(Double(-y)))) : y
        })
      let packed = ConvolutionWeight(weight)
      let whole = image.convolved(
        after: activation, with: packed, stride: stride, padding: Padding(1), algorithm: algorithm, using: kernels)
      let apart = activated.convolved(
        with: packed, stride: stride, padding: Padding(1), algorithm: .direct, using: kernels)
      let magnitude = apart.values.map { abs(Double($0)) }.max() ?? 0
      expectEqual(
        whole, apart.shape, apart.values.map(Double.init),
        within: .reduction(length: 100, magnitude: Array(repeating: 10 * magnitude, count: apart.count)),
        "\(set) \(algorithm) SiLU \(appliesSiLU)")
    }
  }

  /// A NaN spoils the tiles that see it and no others.
  @Test(arguments: InstructionSet.supported, filtered)
  func notANumberIsNotLost(_ set: InstructionSet, _ algorithm: ConvolutionAlgorithm) {
    let kernels = KernelTable.table(for: set)
    var values = [Float](repeating: 1, count: 40 * 40)
    values[20 * 40 + 20] = .nan
    let weight = Tensor([1, 1, 3, 3], values: [Float](repeating: 1, count: 9))
    let stride = algorithm.tiling?.stride ?? 1
    let side = 40 / stride
    let result = Tensor([40, 40, 1], values: values).convolved(
      with: weight, stride: stride, padding: Padding(1), algorithm: algorithm, using: kernels
    ).values
    let hit = (0..<side).filter { abs($0 * stride - 20) <= 1 }
    for row in hit { for column in hit { #expect(result[row * side + column].isNaN) } }
    #expect(result.count { $0.isNaN } < side * side / 4)
    #expect(abs(result[5 * side + 5] - 9) < 1e-4)
  }

  /// The names that `diffcut bench conv` prints.
  @Test func descriptions() {
    let algorithms: [ConvolutionAlgorithm] = [
      .direct, .winograd(.f4x4), .winograd(.f6x6), .winograd(.f4x4Stride2),
    ]
    #expect(algorithms.map(\.description) == ["direct", "winograd4", "winograd6", "winograd4Stride2"])
    #expect(Set(ConvolutionAlgorithm.allCases.map(\.description)).count == ConvolutionAlgorithm.allCases.count)
  }

  /// A tile's numbers are those of the matrices that its points make.
  @Test(arguments: filtered)
  func numbersOfTheTiling(_ algorithm: ConvolutionAlgorithm) throws {
    let tiling = try #require(algorithm.tiling)
    let transform = try #require(WinogradTransform(algorithm))
    #expect(tiling.outputs == transform.tile && tiling.inputs == transform.size)
    #expect(tiling.planes == transform.size * transform.size)
  }

  @Test func thinConvolutionsAreDirect() {
    func algorithm(_ shape: [Int], stride: Int = 1, side: Int = 64) -> ConvolutionAlgorithm {
      ConvolutionWeight(Tensor(zeros: Tensor.Shape(shape))).algorithm(stride: stride, rows: side, columns: side)
    }
    #expect(algorithm([64, 64, 3, 3]) == .winograd(.f6x6))
    // 36 tiles of 64 products are as many as 64 of 36.
    #expect(algorithm([64, 64, 3, 3], side: 32) == .winograd(.f4x4))
    #expect(algorithm([64, 64, 3, 3], side: 4) == .winograd(.f4x4))
    #expect(algorithm([64, 64, 3, 3], side: 6) == .winograd(.f6x6))
    #expect(algorithm([64, 64, 3, 3], stride: 2) == .winograd(.f4x4Stride2))
    #expect(algorithm([64, 64, 3, 3], stride: 2, side: 31) == .direct)
    #expect(algorithm([64, 16, 3, 3], stride: 2) == .direct)
    #expect(algorithm([64, 64, 3, 3], stride: 3) == .direct)
    #expect(algorithm([64, 64, 1, 1]) == .direct)
    #expect(algorithm([128, 3, 3, 3]) == .direct)
    #expect(algorithm([8, 512, 3, 3]) == .direct)
  }
}
