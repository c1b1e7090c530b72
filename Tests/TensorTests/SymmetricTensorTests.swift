// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct SymmetricTensorTests {
  /// Around a group of 16 rows, and one order whose product is summed in parts.
  private static let orders = [1, 2, 7, 15, 16, 17, 31, 32, 33, 100, 257, 1601]

  /// A symmetric matrix in both forms. What the square one holds above its diagonal must not matter.
  private func matrix(_ n: Int, seed: UInt64) -> (SymmetricTensor, Reference.Matrix) {
    var generator = SeededGenerator(seed: seed)
    var values = generator.floats(n * n)
    let wide = (0..<n * n).map { Double(values[max($0 / n, $0 % n) * n + min($0 / n, $0 % n)]) }
    for i in 0..<n { for j in i + 1..<max(i + 1, n) { values[i * n + j] = .nan } }
    return (SymmetricTensor(lower: Tensor([n, n], values: values)), Reference.Matrix(wide, rows: n, columns: n))
  }

  @Test(arguments: orders)
  func elements(_ n: Int) {
    let (matrix, wide) = matrix(n, seed: 81)
    #expect(matrix.dimension == n)
    for i in 0..<n { for j in 0..<n where Double(matrix[i, j]) != wide[i, j] { Issue.record("[\(i), \(j)] of \(n)") } }
  }

  @Test(arguments: InstructionSet.supported, orders)
  func timesVector(_ set: InstructionSet, _ n: Int) {
    let (matrix, wide) = matrix(n, seed: 82)
    var generator = SeededGenerator(seed: 83)
    let x = generator.doubles(n)
    var result = ContiguousArray<Double>(repeating: .nan, count: n)
    var span = result.mutableSpan
    matrix.multiply(ContiguousArray(x).span, into: &span, using: .table(for: set))
    expectEqual(
      Array(result), Reference.multiply(wide, x),
      within: .reduction(
        length: n, magnitude: Reference.multiply(wide.magnitudes, x.map(abs)), unit: Tolerance.doubleUnit),
      "\(set) \(n)")
  }

  @Test(arguments: InstructionSet.supported, orders)
  func sumsOfPreceding(_ set: InstructionSet, _ n: Int) {
    let (matrix, wide) = matrix(n, seed: 84)
    var generator = SeededGenerator(seed: 85)
    let keys = (0..<n).shuffled(using: &generator).map(Double.init)
    let sums = matrix.sumsOfPreceding(keys: ContiguousArray(keys), using: .table(for: set))
    expectEqual(
      Array(sums), Reference.sumsOfPreceding(wide, keys: keys),
      within: .reduction(
        length: n, magnitude: Reference.sumsOfPreceding(wide.magnitudes, keys: keys), unit: Tolerance.doubleUnit),
      "\(set) \(n)")
  }

  // Copies: no kernel of an instruction set takes part.

  @Test(arguments: [0, 1, 5, 15, 16, 17, 255, 300])
  func submatrix(_ count: Int) {
    let (matrix, wide) = matrix(301, seed: 86)
    var generator = SeededGenerator(seed: 87)
    let indices = (0..<301).shuffled(using: &generator).prefix(count).sorted()
    let part = matrix.submatrix(indices)
    let expected = Reference.submatrix(wide, indices)
    #expect(part.dimension == count)
    for i in 0..<count { for j in 0..<count { #expect(Double(part[i, j]) == expected[i * count + j]) } }
    // Its padding is zero: a product would see anything else.
    var sums = ContiguousArray<Double>(repeating: .nan, count: count)
    var span = sums.mutableSpan
    part.multiply(ContiguousArray(repeating: 1.0, count: count).span, into: &span)
    #expect(sums.allSatisfy { $0.isFinite })
  }

  @Test(arguments: [1, 15, 16, 17, 40])
  func rowsWithZero(_ n: Int) {
    let (dense, _) = matrix(n, seed: 88)
    #expect(!dense.rowsWithZero().contains(true))
    for (i, j) in [(n - 1, 0), (n / 2, n / 2), (n - 1, n / 2)] {
      let values = (0..<n * n).map { Float($0 == i * n + j ? 0 : 1) }
      let found = SymmetricTensor(lower: Tensor([n, n], values: values)).rowsWithZero()
      #expect(found == (0..<n).map { $0 == i || $0 == j })
    }
  }
}
