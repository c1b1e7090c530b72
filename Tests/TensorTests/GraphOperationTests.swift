// SPDX-License-Identifier: Apache-2.0
import Synchronization
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

  @Test(arguments: InstructionSet.supported, [[1, 1, 1], [3, 4, 5], [17, 33, 320], [0, 2, 3], [64, 1300, 9]])
  func combinationsOfRows(_ set: InstructionSet, _ size: [Int]) {
    let (m, n, length) = (size[0], size[1], size[2])
    var generator = SeededGenerator(seed: 74)
    let (weights, rows) = (generator.doubles(m * n), generator.doubles(n * length))
    func combinations(_ weights: [Double]) -> [Double] {
      var result = ContiguousArray<Double>(repeating: .nan, count: m * length)
      var span = result.mutableSpan
      linearCombinations(
        ContiguousArray(weights).span, of: ContiguousArray(rows).span, length: length, into: &span,
        using: .table(for: set))
      return Array(result)
    }
    let right = Reference.Matrix(rows, rows: n, columns: length)
    let left = Reference.Matrix(weights, rows: m, columns: n)
    expectEqual(
      combinations(weights), Reference.gemm(left, right),
      within: .reduction(
        length: n, magnitude: Reference.gemmMagnitude(left, right), unit: Tolerance.doubleUnit), "\(set) \(size)")
    // Zeros and ones: sums of rows in their order, whatever the instructions.
    let members = weights.map { $0 > 0 ? 1.0 : 0 }
    if n <= 1280 {
      expectIdentical(
        combinations(members), Reference.gemm(Reference.Matrix(members, rows: m, columns: n), right), "\(set) \(size)")
    }
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
      let (minimum, range) = (-0.3, 1.25)
      let values = (0..<count).map { _ in minimum + range * (generator.unit() + 1) / 2 }
      var powers = ContiguousArray<Float>(repeating: -1, count: count)
      var span = powers.mutableSpan
      ScaledPower(minimum: minimum, range: range, exponent: exponent)
        .apply(ContiguousArray(values).span, into: &span, using: .table(for: set))
      expectEqual(
        Array(powers),
        values.map { Reference.scaledPower($0, minimum: minimum, range: range, exponent: exponent) },
        within: .roundedOnce, "\(set) ^\(exponent) of \(count)")
    }
  }

  /// The ends of the scale are exactly 0 and 1 whatever the exponent: the graph stage looks for exact zeros.
  @Test(arguments: InstructionSet.supported, [1, 10, 2.5])
  func endsOfTheScaleAreExact(_ set: InstructionSet, _ exponent: Double) {
    let (minimum, range) = (0.1, 0.7)
    var ends = ContiguousArray<Float>(repeating: .nan, count: 2)
    var span = ends.mutableSpan
    ScaledPower(minimum: minimum, range: minimum + range - minimum, exponent: exponent)
      .apply(ContiguousArray([minimum, minimum + range]).span, into: &span, using: .table(for: set))
    #expect(ends == [0, 1])
  }

  private func gram(
    _ rows: [Double], _ length: Int, keeping limit: Int = GramMatrix.maximumCachedElements, _ set: InstructionSet
  ) -> GramMatrix {
    GramMatrix(of: ContiguousArray(rows).span, length: length, keeping: limit, using: .table(for: set))
  }

  /// Orders around the register tiles and the strips of rows, lengths around a block of depth.
  @Test(
    arguments: InstructionSet.supported,
    [[1, 1], [2, 3], [5, 256], [14, 257], [17, 5], [33, 513], [107, 9], [113, 40], [225, 300]])
  func gramMatrix(_ set: InstructionSet, _ size: [Int]) throws {
    let (n, length) = (size[0], size[1])
    var generator = SeededGenerator(seed: 76)
    let rows = generator.doubles(n * length)
    let products = Reference.innerProducts(rows, rows, length: length)
    let magnitudes = Reference.innerProducts(rows.map(abs), rows.map(abs), length: length)
    let gram = gram(rows, length, set)
    let extent = try #require(gram.extent)
    let bound = Tolerance.gamma(length, Tolerance.doubleUnit) * 2 * (magnitudes.max() ?? 0)
    #expect(abs(extent.minimum - (products.min() ?? 0)) <= bound)
    #expect(abs(extent.maximum - (products.max() ?? 0)) <= bound)

    // An exponent of 1 on a range of 1 shows the products themselves, rounded to Float.
    let power = ScaledPower(minimum: 0, range: 1, exponent: 1, floor: -.infinity)
    let matrix = gram.map(power)
    #expect(matrix.dimension == n)
    for i in 0..<n {
      for j in 0..<n {
        let expected = products[i * n + j]
        let error = abs(Double(matrix[i, j]) - expected)
        #expect(
          error <= Tolerance.gamma(length, Tolerance.doubleUnit) * 2 * magnitudes[i * n + j]
            + Tolerance.spacing(at: expected), "\(set) [\(i), \(j)]")
      }
    }
    // Strips that are not kept are computed again, to the same bits.
    let again = self.gram(rows, length, keeping: 0, set)
    #expect(again.extent?.minimum == extent.minimum && again.extent?.maximum == extent.maximum)
    let second = again.map(power)
    for i in 0..<n { for j in 0...i { #expect(second[i, j] == matrix[i, j]) } }
  }

  @Test func gramMatrixOfNothingAndOfNumbersThatAreNotFinite() throws {
    #expect(gram([], 3, .active).extent == nil)
    for special in [Double.nan, .infinity] {
      var generator = SeededGenerator(seed: 77)
      var rows = generator.doubles(150 * 4)
      rows[4 * 120 + 1] = special
      let extent = try #require(gram(rows, 4, .active).extent)
      #expect(extent.minimum.isNaN && extent.maximum.isNaN)
    }
  }

  /// Rows and others around the register tiles and the strips of rows, lengths around a block of depth.
  @Test(
    arguments: InstructionSet.supported,
    [[1, 1, 1], [3, 40, 5], [17, 2, 257], [113, 15, 40], [225, 33, 300], [0, 4, 3], [4, 0, 3]])
  func stripsOfProducts(_ set: InstructionSet, _ size: [Int]) {
    let (n, m, length) = (size[0], size[1], size[2])
    let kernels = KernelTable.table(for: set)
    var generator = SeededGenerator(seed: 78)
    let rows = ContiguousArray(generator.doubles(n * length))
    let others = ContiguousArray(generator.doubles(m * length))
    /// What is handed out, NaN elsewhere: [n, columns].
    func collect(
      columns: Int, _ products: ((Range<Int>, Span<Double>, Int) -> Void) -> Void, count: @escaping (Int) -> Int
    ) -> [Double] {
      let result = Mutex((values: [Double](repeating: .nan, count: n * columns), rows: [Int]()))
      products { rows, strip, stride in
        result.withLock { result in
          result.rows += rows
          for row in rows {
            for j in 0..<count(row) { result.values[row * columns + j] = strip[(row - rows.lowerBound) * stride + j] }
          }
        }
      }
      return result.withLock { result in
        #expect(result.rows.sorted() == Array(0..<n))
        return result.values
      }
    }
    func check(_ actual: [Double], with others: ContiguousArray<Double>, _ label: String) {
      let (a, b) = (Array(rows), Array(others))
      expectEqual(
        actual, zip(Reference.innerProducts(a, b, length: length), actual).map { $1.isNaN ? .nan : $0 },
        within: .reduction(
          length: length, magnitude: Reference.innerProducts(a.map(abs), b.map(abs), length: length),
          unit: Tolerance.doubleUnit), "\(set) \(size) \(label)")
    }
    let rectangle = collect(
      columns: m,
      { forEachProductStrip(of: rows.span, with: others.span, length: length, using: kernels, $0) },
      count: { _ in m })
    #expect(rectangle.allSatisfy { !$0.isNaN })
    check(rectangle, with: others, "with others")
    let triangle = collect(
      columns: n, { forEachProductStrip(of: rows.span, length: length, using: kernels, $0) }, count: { $0 + 1 })
    #expect(triangle.count { !$0.isNaN } == n * (n + 1) / 2)
    check(triangle, with: rows, "triangle")
  }
}
