// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct GraphOperationTests {
  @Test(arguments: InstructionSet.supported, [[1, 1, 1], [3, 4, 5], [17, 33, 320], [64, 1, 300]])
  func innerProductsOfRows(_ set: InstructionSet, _ size: [Int]) {
    let (m, n, length) = (size[0], size[1], size[2])
    var generator = SeededGenerator(seed: 71)
    let (a, b) = (generator.doubles(m * length), generator.doubles(n * length))
    var result = ContiguousArray<Double>(repeating: .nan, count: m * n)
    var span = result.mutableSpan
    innerProducts(
      ContiguousArray(a).span, ContiguousArray(b).span, length: length, into: &span, using: .table(for: set))
    expectEqual(
      Array(result), Reference.innerProducts(a, b, length: length),
      within: .reduction(
        length: length, magnitude: Reference.innerProducts(a.map(abs), b.map(abs), length: length),
        unit: Tolerance.doubleUnit), "\(set) \(size)")
  }

  private func check(extentOf values: [Double]) {
    let (actual, expected) = (extent(ContiguousArray(values).span), Reference.extent(values))
    guard let actual, let expected else {
      #expect(actual == nil && expected == nil)
      return
    }
    expectEqual(
      [actual.minimum, actual.maximum], [expected.minimum, expected.maximum], within: .exact, "\(values.count)")
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5, 7, 8, 9, 1001])
  func extremes(_ count: Int) {
    var generator = SeededGenerator(seed: 72)
    let values = generator.doubles(count)
    check(extentOf: values)
    for position in values.indices.prefix(9) {
      for special in [Double.nan, .infinity, -.infinity, -7, 7] {
        var changed = values
        changed[position] = special
        check(extentOf: changed)
      }
    }
  }

  /// Rounded to Float once at the start (as the reference does too) and once at the end: the power itself is a few
  /// roundings of Double.
  @Test(arguments: InstructionSet.supported, [1, 2, 3, 10, 15, 64, 0.5, 2.5, 65, 0, -1])
  func scaledPower(_ set: InstructionSet, _ exponent: Double) {
    for count in [0, 1, 7, 8, 9, 8192, 8200] {
      var generator = SeededGenerator(seed: 73)
      let (minimum, range, offset) = (-0.3, 1.25, 3)
      let values = (0..<count).map { _ in minimum + range * (generator.unit() + 1) / 2 }
      var matrix = Tensor([count + 2 * offset], values: [Float](repeating: -1, count: count + 2 * offset))
      matrix.setScaledPower(
        of: ContiguousArray(values).span, at: offset, minimum: minimum, range: range, exponent: exponent,
        using: .table(for: set))
      expectEqual(
        Array(matrix.values[offset..<offset + count]),
        values.map { Reference.scaledPower($0, minimum: minimum, range: range, exponent: exponent) },
        within: .roundedOnce, "\(set) ^\(exponent) of \(count)")
      #expect((matrix.values.prefix(offset) + matrix.values.suffix(offset)).allSatisfy { $0 == -1 })
    }
  }

  /// The ends of the scale are exactly 0 and 1 whatever the exponent: the graph stage looks for exact zeros.
  @Test(arguments: InstructionSet.supported, [1, 10, 2.5])
  func endsOfTheScaleAreExact(_ set: InstructionSet, _ exponent: Double) {
    var result = Tensor(zeros: [2])
    let (minimum, range) = (0.1, 0.7)
    result.setScaledPower(
      of: ContiguousArray([minimum, minimum + range]).span, at: 0, minimum: minimum,
      range: minimum + range - minimum, exponent: exponent, using: .table(for: set))
    #expect(result.values == [0, 1])
  }

  // Copies: no kernel of an instruction set takes part.

  @Test(arguments: [0, 1, 5, 255, 256, 300])
  func submatrix(_ count: Int) {
    let n = 301
    var generator = SeededGenerator(seed: 74)
    let matrix = Tensor([n, n], values: generator.floats(n * n))
    let indices = (0..<n).shuffled(using: &generator).prefix(count).map { $0 }
    let wide = Reference.Matrix(matrix.values.map(Double.init), rows: n, columns: n)
    expectEqual(matrix.submatrix(indices), [count, count], Reference.submatrix(wide, indices), within: .exact)
  }

  @Test(arguments: [0, 1, 2, 31, 32, 33, 100])
  func mirror(_ n: Int) {
    var generator = SeededGenerator(seed: 75)
    var matrix = Tensor([n, n], values: generator.floats(n * n))
    let wide = Reference.Matrix(matrix.values.map(Double.init), rows: n, columns: n)
    matrix.mirrorLowerTriangle()
    expectEqual(matrix, [n, n], Reference.mirrored(wide), within: .exact)
  }
}
