// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

/// A short run of every fuzz target, the same each time: what a file holds is an error or is read, and never stops the
/// process. `run.sh` goes on from here, with coverage as its guide.
@Suite struct MutationTests {
  /// How many inputs each target gets: those that are slow get fewer.
  private static func count(_ target: FuzzTarget) -> Int {
    switch target {
    case .config, .checkpoint, .index, .manifest, .merge, .list, .curve, .patches: 300
    default: 3000
    }
  }

  @Test(arguments: FuzzTarget.allCases) func damagedInputsNeverStopTheProcess(target: FuzzTarget) throws {
    let runner = try FuzzRunner(target)
    let seeds = try target.seeds
    // Some fixtures are there to be refused, and a list names images that are not there.
    #expect(seeds.contains(where: runner.run) || [.list, .patches].contains(target))
    var generator = SeededGenerator(seed: 2026)
    var accepted = 0
    for index in 0..<Self.count(target) {
      var bytes = seeds[index % seeds.count]
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        Self.mutate(&bytes, with: seeds.randomElement(using: &generator) ?? [], using: &generator)
      }
      if runner.run(bytes) { accepted += 1 }
    }
    // A model's header seldom stays whole.
    #expect(accepted > 0 || [.checkpoint, .list, .patches].contains(target), "no mutation got to the end")
  }

  /// One of the changes that fuzzers make.
  private static func mutate(_ bytes: inout [UInt8], with other: [UInt8], using generator: inout SeededGenerator) {
    let index = Int.random(in: 0...bytes.count, using: &generator)
    let end = min(bytes.count, index + Int.random(in: 1...16, using: &generator))
    switch Int.random(in: 0..<8, using: &generator) {
    case 0 where index < bytes.count: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1 where index < bytes.count: bytes[index] = [0, 0xFF, 0x7F, 0x80, 0x20].randomElement(using: &generator) ?? 0
    case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
    case 3: bytes.removeSubrange(index..<end)
    case 4: bytes.insert(contentsOf: bytes[index..<end], at: index)
    case 5:
      // Numbers at the ends of what types hold, as text and as bytes.
      let number = numbers.randomElement(using: &generator) ?? ""
      bytes.replaceSubrange(index..<end, with: number.utf8)
    case 6:
      for place in index..<min(bytes.count, index + 4) { bytes[place] = generator.next() % 2 == 0 ? 0xFF : 0 }
    default:
      let start = Int.random(in: 0...other.count, using: &generator)
      bytes.insert(contentsOf: other[start..<min(other.count, start + 24)], at: index)
    }
  }

  private static let numbers = [
    "0", "-1", "4294967296", "9223372036854775807", "-9223372036854775808", "1e308", "nan", "0.0", "1e-400",
  ]
}
