// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct RowTests {
  /// Ulps of the exponential, as it is documented.
  private static let exponentialUlps = 1.1
  private static let lengths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 1000, 4097]

  // Softmax

  /// A relative error of 2u in an exponent t changes eᵗ by 2u|t|, in the numerator and, on average, in the sum; the rest
  /// is the sum's own error, two exponentials and three roundings.
  private static func softmaxTolerance(_ row: [Double], _ scale: Double) -> Tolerance {
    let expected = Reference.softmax(row, scale: scale)
    guard let peak = row.max(), expected.allSatisfy(\.isFinite) else { return .exact }
    let exponents = row.map { $0 == -.infinity ? 0 : abs(scale * ($0 - peak)) }
    let average = Reference.dot(exponents, expected)
    let magnitude = row.indices.map { expected[$0] * (1 + 2 * exponents[$0] + 2 * average) }
    return Tolerance.reduction(length: row.count + 3, magnitude: magnitude, functionUlps: 2 * exponentialUlps)
      .orSubnormalSteps(2)
  }

  private func checkSoftmax(_ row: [Float], scale: Float = 1, _ set: InstructionSet, _ label: String) {
    let wide = row.map(Double.init)
    let input = Tensor([row.count], values: row)
    expectEqual(
      input.softmax(scale: scale, using: .table(for: set)), [row.count],
      Reference.softmax(wide, scale: Double(scale)), within: Self.softmaxTolerance(wide, Double(scale)),
      "\(set) \(label)")
  }

  @Test(arguments: InstructionSet.supported, lengths)
  func softmax(_ set: InstructionSet, _ length: Int) {
    var generator = SeededGenerator(seed: UInt64(length))
    checkSoftmax(generator.floats(length, magnitude: 5), set, "ordinary")
    checkSoftmax(generator.floats(length, magnitude: 30), scale: 0.125, set, "scaled")
    checkSoftmax(generator.floats(length, magnitude: 1e4), set, "large")
    checkSoftmax(generator.floats(length).map { 3e38 + $0 * 1e37 }, set, "huge")
    checkSoftmax([Float](repeating: -7, count: length), set, "constant")
  }

  @Test(arguments: InstructionSet.supported, lengths)
  func softmaxOfInfinitiesAndNaN(_ set: InstructionSet, _ length: Int) {
    var generator = SeededGenerator(seed: 21)
    for position in Set([0, length / 2, length - 1]) {
      var row = generator.floats(length)
      row[position] = .nan
      checkSoftmax(row, set, "NaN at \(position)")
      row[position] = .infinity
      let infinite = Tensor([length], values: row).softmax(using: .table(for: set)).values
      #expect(infinite.allSatisfy { $0.isNaN }, "\(set): ∞ at \(position) of \(length)")
      if length > 1 {
        row[position] = -.infinity
        checkSoftmax(row, set, "-∞ at \(position)")
      }
    }
    checkSoftmax([Float](repeating: -.infinity, count: length), set, "only -∞")
  }

  // Normalization

  /// y = (x − μ)/σ·w + b. With K = n roundings, the mean is off by γ_K·mean|x| and 1/σ by a relative γ_K.
  private static func layerNormMagnitude(
    _ row: [Double], _ weight: [Double], _ bias: [Double], _ epsilon: Double
  ) -> [Double] {
    let (mean, variance) = Reference.moments(row)
    let deviation = (variance + epsilon).squareRoot()
    let average = Reference.moments(row.map(abs)).mean
    return row.indices.map { abs(weight[$0]) / deviation * (average + abs(row[$0] - mean)) + abs(bias[$0]) }
  }

  @Test(arguments: InstructionSet.supported, lengths)
  func layerNorm(_ set: InstructionSet, _ length: Int) {
    var generator = SeededGenerator(seed: UInt64(length) + 100)
    let (rows, epsilon): (Int, Float) = (18, 1e-5)
    let (weight, bias) = (generator.floats(length), generator.floats(length))
    for offset in [0, 40] as [Float] {
      let input = Tensor([rows, length], values: generator.floats(rows * length, magnitude: 3).map { $0 + offset })
      let wide = input.values.map(Double.init)
      let (w, b) = (weight.map(Double.init), bias.map(Double.init))
      let split = (0..<rows).map { Array(wide[$0 * length..<($0 + 1) * length]) }
      expectEqual(
        input.layerNorm(
          weight: Tensor([length], values: weight), bias: Tensor([length], values: bias), epsilon: epsilon,
          using: .table(for: set)), [rows, length],
        split.flatMap { Reference.layerNorm($0, weight: w, bias: b, epsilon: Double(epsilon)) },
        // Eight roundings besides the sums: mean, difference, variance, + ε, root, quotient, and two products.
        within: .reduction(
          length: length + 8, magnitude: split.flatMap { Self.layerNormMagnitude($0, w, b, Double(epsilon)) }),
        "\(set) offset \(offset)")
    }
  }

  /// One position, several tiles of 64, a rest; groups of one channel and of all.
  @Test(
    arguments: InstructionSet.supported,
    [[1, 1, 8, 2], [1, 1, 6, 6], [7, 9, 32, 4], [8, 8, 20, 1], [13, 10, 320, 32], [63, 1, 3, 3], [5, 13, 17, 1]])
  func groupNorm(_ set: InstructionSet, _ layout: [Int]) {
    let (height, width, channels, groups) = (layout[0], layout[1], layout[2], layout[3])
    var generator = SeededGenerator(seed: 31)
    let (weight, bias) = (generator.floats(channels), generator.floats(channels))
    let values = generator.floats(height * width * channels, magnitude: 4).map { $0 + 1 }
    let (w, b, x) = (weight.map(Double.init), bias.map(Double.init), values.map(Double.init))
    let epsilon: Float = 1e-6
    let expected = Reference.groupNorm(
      x, channels: channels, groups: groups, weight: w, bias: b, epsilon: Double(epsilon))
    // y = x·f + a with a = b − μ·f: f and a are rounded once, product and sum as well.
    let zeros = [Double](repeating: 0, count: channels)
    let scaled = Reference.groupNorm(
      x, channels: channels, groups: groups, weight: w, bias: zeros, epsilon: Double(epsilon))
    let factors = Self.groupFactors(x, channels: channels, groups: groups, weight: w, epsilon: Double(epsilon))
    let magnitude = x.indices.map { index in
      let channel = index % channels
      let product = abs(x[index] * factors[channel])
      return 2 * product + abs(scaled[index]) + abs(b[channel])
    }
    let result = Tensor([height, width, channels], values: values).groupNorm(
      groups: groups, weight: Tensor([channels], values: weight), bias: Tensor([channels], values: bias),
      epsilon: epsilon, using: .table(for: set))
    expectEqual(
      result, [height, width, channels], expected, within: .reduction(length: 4, magnitude: magnitude),
      "\(set) \(layout)")
  }

  /// weight / σ of every channel.
  private static func groupFactors(
    _ values: [Double], channels: Int, groups: Int, weight: [Double], epsilon: Double
  ) -> [Double] {
    let width = channels / groups
    return (0..<channels).map { channel in
      let group = values.indices.filter { $0 % channels / width == channel / width }.map { values[$0] }
      return weight[channel] / (Reference.moments(group).variance + epsilon).squareRoot()
    }
  }

  @Test func normalizationOfNothing() {
    let empty = Tensor(zeros: [0, 4])
    let parameters = Tensor(zeros: [4])
    #expect(empty.groupNorm(groups: 2, weight: parameters, bias: parameters, epsilon: 1).shape == [0, 4])
    #expect(empty.layerNorm(weight: parameters, bias: parameters, epsilon: 1).shape == [0, 4])
    #expect(empty.softmax().shape == [0, 4])
    #expect(Tensor(zeros: [3, 0]).softmax().shape == [3, 0])
  }
}
