// SPDX-License-Identifier: Apache-2.0

/// SplitMix64 (Steele, Lea & Flood 2014): starting vectors that are the same on every platform.
struct DeterministicGenerator {
  private var state: UInt64

  /// Streams with different numbers are unrelated for all practical purposes.
  init(stream: UInt64) { state = (stream &+ 1) &* 0xD1B5_4A32_D192_ED03 }

  /// The next number of a fixed sequence, uniform in [−1, 1).
  mutating func next() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return Double(Int64(bitPattern: z) >> 11) * 0x1p-52
  }
}
