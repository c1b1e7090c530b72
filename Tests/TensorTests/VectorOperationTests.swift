// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct VectorOperationTests {
  private static let lengths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 1031]

  private func updated(_ values: [Double], _ body: (inout MutableSpan<Double>) -> Void) -> [Double] {
    var result = ContiguousArray(values)
    var span = result.mutableSpan
    body(&span)
    return Array(result)
  }

  @Test(arguments: InstructionSet.supported, lengths)
  func dotProduct(_ set: InstructionSet, _ length: Int) {
    var generator = SeededGenerator(seed: 61)
    let (x, y) = (generator.doubles(length), generator.doubles(length))
    let kernels = KernelTable.table(for: set)
    let result = dot(ContiguousArray(x).span, ContiguousArray(y).span, using: kernels)
    let magnitude = Reference.dot(x.map(abs), y.map(abs))
    expectEqual(
      [result], [Reference.dot(x, y)],
      within: .reduction(length: length, magnitude: [magnitude], unit: Tolerance.doubleUnit), "\(set) \(length)")
    let integers = generator.integers(length).map(Double.init)
    let exact = dot(ContiguousArray(integers).span, ContiguousArray(integers).span, using: kernels)
    expectEqual([exact], [Reference.dot(integers, integers)], within: .exact, "\(set) \(length)")
  }

  @Test(arguments: InstructionSet.supported, lengths)
  func addition(_ set: InstructionSet, _ length: Int) {
    var generator = SeededGenerator(seed: 62)
    let (x, y, alpha) = (generator.doubles(length), generator.doubles(length), generator.unit())
    let kernels = KernelTable.table(for: set)
    let result = updated(y) { axpy(alpha, ContiguousArray(x).span, into: &$0, using: kernels) }
    let magnitude = Reference.axpy(abs(alpha), x.map(abs), y.map(abs))
    expectEqual(
      result, Reference.axpy(alpha, x, y),
      within: .reduction(length: 2, magnitude: magnitude, unit: Tolerance.doubleUnit), "\(set) \(length)")
  }

  /// Rows around the blocks of four.
  @Test(arguments: InstructionSet.supported, [[1, 1], [3, 7], [4, 16], [5, 33], [20, 65], [22, 1031]])
  func basisProducts(_ set: InstructionSet, _ size: [Int]) {
    let (m, n) = (size[0], size[1])
    let kernels = KernelTable.table(for: set)
    var generator = SeededGenerator(seed: 65)
    let (basis, x, extra) = (generator.doubles(m * n), generator.doubles(n), 2)
    let matrix = Reference.Matrix(basis, rows: m, columns: n)
    let coefficients = updated([Double](repeating: 5, count: m + extra)) {
      multiplyTransposed(
        basis: ContiguousArray(basis).span, vector: ContiguousArray(x).span, into: &$0, using: kernels)
    }
    expectEqual(
      Array(coefficients.prefix(m)), Reference.multiply(matrix, x),
      within: .reduction(
        length: n, magnitude: Reference.multiply(matrix.magnitudes, x.map(abs)), unit: Tolerance.doubleUnit),
      "\(set) \(size)")
    #expect(coefficients.suffix(extra) == [5, 5], "coefficients past the basis are left as they are")
    // A row's sum does not depend on the rows around it.
    for row in [0, m / 2, m - 1] {
      let single = updated([.nan]) {
        multiplyTransposed(
          basis: ContiguousArray(basis[row * n..<(row + 1) * n]).span, vector: ContiguousArray(x).span, into: &$0,
          using: kernels)
      }
      expectIdentical(single, [coefficients[row]], "\(set) row \(row)")
    }
    let difference = updated(x) {
      subtractCombination(
        basis: ContiguousArray(basis).span, coefficients: ContiguousArray(coefficients).span, from: &$0,
        using: kernels)
    }
    let used = Array(coefficients.prefix(m))
    let sum = Reference.multiply(matrix.transposed, used)
    let magnitude = Reference.multiply(matrix.magnitudes.transposed, used.map(abs))
    expectEqual(
      difference, x.indices.map { x[$0] - sum[$0] },
      within: .reduction(
        length: m + 1, magnitude: x.indices.map { abs(x[$0]) + magnitude[$0] }, unit: Tolerance.doubleUnit),
      "\(set) \(size)")
  }

  @Test func scaleAddAtAndRotate() {
    #expect(updated([1, -2, 3]) { scale(&$0, by: 0.5) } == [0.5, -1, 1.5])
    let added = updated([1, 2, 3, 4]) { axpy(2, ContiguousArray([10.0, 20]).span, into: &$0, at: 1) }
    #expect(added == [1, 22, 43, 4])
    // (x, y) ← (c·x − s·y, s·x + c·y) of rows 1 and 2, in numbers that are exact.
    let rotated = updated([9, 9, 1, 2, 3, 4]) { rotate(&$0, width: 2, row: 1, cosine: 0.5, sine: 2) }
    #expect(rotated == [9, 9, -5.5, -7, 3.5, 6])
  }
}
