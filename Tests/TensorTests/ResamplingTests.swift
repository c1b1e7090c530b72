// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct ResamplingTests {
  /// Up, down, one pixel, both directions at once.
  private static let sizes: [[Int]] = [
    [5, 7, 10, 14], [5, 7, 3, 2], [1, 1, 4, 3], [6, 1, 2, 5], [9, 4, 1, 1], [32, 32, 45, 61], [40, 30, 16, 64],
    [3, 3, 3, 8],
  ]

  /// Two interpolations a + t(b − a), each of four roundings (t, difference, product, sum) on numbers of at most twice
  /// the largest magnitude.
  private static func tolerance(_ image: [Double], _ count: Int) -> Tolerance {
    let largest = image.map(abs).max() ?? 0
    return .reduction(length: 8, magnitude: [Double](repeating: 2 * largest, count: count))
  }

  @Test(arguments: InstructionSet.supported, sizes)
  func bilinear(_ set: InstructionSet, _ size: [Int]) {
    for channels in [1, 3, 16, 19] {
      var generator = SeededGenerator(seed: 41)
      let image = Tensor([size[0], size[1], channels], values: generator.floats(size[0] * size[1] * channels))
      let wide = image.values.map(Double.init)
      expectEqual(
        image.resized(height: size[2], width: size[3], using: .table(for: set)), [size[2], size[3], channels],
        Reference.resizedBilinear(wide, from: (size[0], size[1]), channels: channels, to: (size[2], size[3])),
        within: Self.tolerance(wide, size[2] * size[3] * channels), "\(set) \(size) × \(channels)")
    }
  }

  /// No kernel of an instruction set takes part: pixels are copied.
  @Test(arguments: sizes, [1, 3, 17])
  func nearest(_ size: [Int], _ channels: Int) {
    var generator = SeededGenerator(seed: 42)
    let image = Tensor([size[0], size[1], channels], values: generator.floats(size[0] * size[1] * channels))
    expectEqual(
      image.resized(height: size[2], width: size[3], .nearest), [size[2], size[3], channels],
      Reference.resizedNearest(
        image.values.map(Double.init), from: (size[0], size[1]), channels: channels, to: (size[2], size[3])),
      within: .exact, "\(size)")
  }

  @Test(arguments: InstructionSet.supported, [Interpolation.bilinear, .nearest, .bicubic, .bicubicAntialiased])
  func theSameSizeIsAnExactCopy(_ set: InstructionSet, _ interpolation: Interpolation) {
    var generator = SeededGenerator(seed: 43)
    var values = generator.floats(4 * 5 * 3)
    values[7] = .nan
    values[9] = -.infinity
    let image = Tensor([4, 5, 3], values: values)
    expectIdentical(image.resized(height: 4, width: 5, interpolation, using: .table(for: set)).values, values)
  }

  @Test(arguments: InstructionSet.supported)
  func aConstantImageStaysConstant(_ set: InstructionSet) {
    let value: Float = 0.1
    let image = Tensor([5, 3, 2], values: [Float](repeating: value, count: 30))
    let result = image.resized(height: 13, width: 8, using: .table(for: set))
    #expect(result.values.allSatisfy { $0 == value })
  }

  @Test func positionsAtTheBorder() {
    // From 2 samples to 4: centers at −¼ (held at 0), ¼, ¾ and 1¼, the last beyond the last sample.
    let positions = (0..<4).map { SamplePosition(of: $0, from: 2, to: 4) }
    #expect(positions.map(\.first) == [0, 0, 0, 1])
    #expect(positions.map(\.second) == [1, 1, 1, 1])
    #expect(positions.map(\.weight) == [0, 0.25, 0.75, 0.25])
    #expect((0..<4).map { SamplePosition.nearest(of: $0, from: 2, to: 4) } == [0, 0, 1, 1])
    #expect((0..<2).map { SamplePosition.nearest(of: $0, from: 4, to: 2) } == [1, 3])
    #expect((0..<3).map { SamplePosition.nearest(of: $0, from: 1, to: 3) } == [0, 0, 0])
  }

  /// From 2 samples to 4 with a = −0.75: the first output lies a quarter before the first sample, whose repetition counts as it.
  @Test func cubicTapsAtTheBorder() {
    let first = CubicTaps(of: 0, from: 2, to: 4)
    #expect(first.first == 0 && first.weights.count == 2)
    #expect(abs(first.weights[0] - 1.10546875) < 1e-12 && abs(first.weights[1] + 0.10546875) < 1e-12)
    #expect(CubicTaps(of: 1, from: 3, to: 3).weights.count == 3)
    #expect(CubicTaps(antialiased: 0, from: 1, to: 5) == CubicTaps(antialiased: 4, from: 1, to: 5))
  }

  /// Weights sum to one, whatever the sizes are, and a reduction reads every sample.
  @Test(arguments: [(1, 1), (1, 9), (9, 1), (7, 3), (3, 7), (100, 37), (37, 1369)])
  func cubicTapsAreAPartitionOfOne(_ input: Int, _ output: Int) {
    var read: Set<Int> = []
    for index in 0..<output {
      for taps in [
        CubicTaps(of: index, from: input, to: output), CubicTaps(antialiased: index, from: input, to: output),
      ] {
        #expect(abs(taps.weights.reduce(0, +) - 1) < 1e-12)
        #expect(taps.first >= 0 && taps.first + taps.weights.count <= input)
      }
      let taps = CubicTaps(antialiased: index, from: input, to: output)
      read.formUnion(taps.first..<taps.first + taps.weights.count)
    }
    #expect(read.count == input)
  }
}
