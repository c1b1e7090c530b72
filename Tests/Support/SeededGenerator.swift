// SPDX-License-Identifier: Apache-2.0

/// SplitMix64: the same numbers in every run and on every machine.
///
/// Source: Steele, Lea & Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Uniform in [−1, 1).
  package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-52 - 1 }

  /// Uniform in [−magnitude, magnitude).
  package mutating func floats(_ count: Int, magnitude: Float = 1) -> [Float] {
    (0..<count).map { _ in Float(unit()) * magnitude }
  }

  package mutating func doubles(_ count: Int, magnitude: Double = 1) -> [Double] {
    (0..<count).map { _ in unit() * magnitude }
  }

  /// Integers in −limit ... limit: sums and products of a few thousand are exact in Float, in any order.
  package mutating func integers(_ count: Int, limit: Int = 8) -> [Float] {
    (0..<count).map { _ in Float(Int(next() % UInt64(2 * limit + 1)) - limit) }
  }
}

extension SeededGenerator {
  /// Returns random labels 0 ..< 4 of up to 12×12 pixels, one array for each map, row by row.
  package mutating func labelMaps(_ count: Int) -> [(height: Int, width: Int, labels: [Int32])] {
    (0..<count).map { _ in
      let (height, width) = (Int(next() % 12) + 1, Int(next() % 12) + 1)
      let labelCount = next() % 4 + 1
      return (height, width, (0..<height * width).map { _ in Int32(next() % labelCount) })
    }
  }
}
