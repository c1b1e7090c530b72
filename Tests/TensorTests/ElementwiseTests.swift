// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct ElementwiseTests {
  /// In ulps of x, as it is documented.
  private static let quickGELUUlps = 1.5

  /// One point in eight of the scan of the other functions: a branch of its own is not among them.
  @Test(arguments: InstructionSet.supported)
  func quickGELU(_ set: InstructionSet) {
    let points = stride(from: 0, to: FloatScan.points.count, by: 8).map { FloatScan.points[$0] }
      .filter { $0 != -.infinity }
    let actual = Tensor([points.count], values: points).quickGELU(using: .table(for: set)).values
    let worst = FloatScan.worst(points, actual, expected: Reference.quickGELU) { x, _ in
      x.isFinite ? Tolerance.spacing(at: x) : 1
    }
    #expect(worst.error <= Self.quickGELUUlps, "\(set): \(worst)")
    let infinite = Tensor([1], values: [-.infinity]).quickGELU(using: .table(for: set)).values
    #expect(infinite[0].isNaN)
  }

  /// A sum is rounded once, whatever part of a vector an element is in.
  @Test(arguments: InstructionSet.supported, [0, 1, 3, 4, 5, 15, 16, 17, 33, 1000, 16_384, 40_001])
  func additions(_ set: InstructionSet, _ count: Int) {
    var generator = SeededGenerator(seed: 1)
    let (a, b) = (generator.floats(count), generator.floats(count, magnitude: 0.1))
    let original = Tensor([count], values: a)
    var sum = original
    sum.add(Tensor([count], values: b), using: .table(for: set))
    expectIdentical(sum.values, zip(a, b).map(+), "\(set)")
    expectIdentical(original.values, a, "\(set): the other owner of the storage is not written")
  }

  @Test(
    arguments: InstructionSet.supported,
    [[1, 1], [7, 3], [0, 5], [3, 0], [4, 5, 33], [100, 320], [3, 20_000]])
  func rowAdditions(_ set: InstructionSet, _ extents: [Int]) {
    var generator = SeededGenerator(seed: 2)
    let shape = Tensor.Shape(extents)
    let length = extents[extents.count - 1]
    let (a, row) = (generator.floats(shape.count), generator.floats(length))
    var sum = Tensor(shape, values: a)
    sum.addToRows(Tensor([length], values: row), using: .table(for: set))
    expectIdentical(sum.values, a.indices.map { a[$0] + row[$0 % length] }, "\(set)")
  }
}
