// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct AssignmentTests {
  @Test func tiesAreDecidedAsSciPyDecidesThem() throws {
    let file = try SafetensorsFile(path: Fixture.path("evaluation/assignment.safetensors"))
    let names = file.entries.keys.filter { $0.hasPrefix("gain") }
    #expect(names.count == 37)
    for name in names {
      let shape = try #require(file.entries[name]?.shape)
      let gain = try file.doubles(name).map { Int($0) }
      let columns = Assignment.columns(maximizing: gain, rows: shape[0], columns: shape[1])
      #expect(
        try columns == file.doubles("column" + name.dropFirst(4)).map { Int($0) }, "\(name), \(shape)")
    }
  }

  /// Of equal free columns the last of the list is taken, and the list descends.
  @Test func nothingToGain() {
    #expect(Assignment.columns(maximizing: [0, 0, 0, 0, 0, 0], rows: 2, columns: 3) == [0, 1])
    #expect(Assignment.columns(maximizing: [7], rows: 1, columns: 1) == [0])
    #expect(Assignment.columns(maximizing: [], rows: 0, columns: 0) == [])
  }

  /// The sum is the largest of all: every permutation is tried.
  @Test func theSumIsTheLargest() {
    var generator = SeededGenerator(seed: 7)
    for limit in [2, 3, 50] {
      for _ in 0..<40 {
        let (rows, columns) = (4, 5)
        let gain = (0..<rows * columns).map { _ in Int(generator.next() % UInt64(limit)) }
        let found = Assignment.columns(maximizing: gain, rows: rows, columns: columns)
        #expect(Set(found).count == rows && found.allSatisfy { (0..<columns).contains($0) })
        let sum = found.enumerated().reduce(0) { $0 + gain[$1.offset * columns + $1.element] }
        #expect(sum == best(gain, row: 0, rows: rows, columns: columns, taken: []))
      }
    }
  }

  private func best(_ gain: [Int], row: Int, rows: Int, columns: Int, taken: Set<Int>) -> Int {
    if row == rows { return 0 }
    return (0..<columns).filter { !taken.contains($0) }.map { column in
      gain[row * columns + column]
        + best(gain, row: row + 1, rows: rows, columns: columns, taken: taken.union([column]))
    }.max() ?? 0
  }
}
