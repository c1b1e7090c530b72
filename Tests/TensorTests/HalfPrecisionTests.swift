// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct HalfPrecisionTests {
  private static let patterns = (0...UInt16.max).map { $0 }

  private func widened(
    _ patterns: [UInt16], _ widen: (Span<UInt16>, inout MutableSpan<Float>) -> Void
  ) -> [Float] {
    var result = ContiguousArray<Float>(repeating: .nan, count: patterns.count)
    var span = result.mutableSpan
    widen(ContiguousArray(patterns).span, &span)
    return Array(result)
  }

  /// The Float of the same value; a NaN keeps its sign and its payload in the upper bits.
  private func expected(_ pattern: UInt16, _ format: Reference.HalfFormat) -> Float {
    let value = Float(Reference.widened(pattern, format))
    guard value.isNaN else { return value }
    let sign = UInt32(pattern >> 15) << 31
    let payload = UInt32(pattern) << (23 - UInt32(format.fractionBits)) & 0x007f_ffff
    return Float(bitPattern: sign | 0x7f80_0000 | payload)
  }

  @Test(arguments: InstructionSet.supported)
  func everyPatternWidensExactly(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    expectIdentical(
      widened(Self.patterns) { widenHalf($0, into: &$1, using: kernels) },
      Self.patterns.map { expected($0, .half) }, "half \(set)")
    expectIdentical(
      widened(Self.patterns) { widenBrainFloat($0, into: &$1, using: kernels) },
      Self.patterns.map { expected($0, .brainFloat) }, "bfloat16 \(set)")
  }

  @Test(arguments: InstructionSet.supported)
  func everyLength(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    for length in 0...70 {
      let part = Array(Self.patterns[15_360 - length..<15_360])
      expectIdentical(
        widened(part) { widenHalf($0, into: &$1, using: kernels) }, part.map { expected($0, .half) }, "\(length)")
    }
  }

  /// Points between two neighbors in a format, where the tie goes to even, and the Floats beside them.
  private func midpoints(_ format: Reference.HalfFormat) -> [Float] {
    let infinity: UInt16 = format.fractionBits == 10 ? 0x7c00 : 0x7f80
    let positive = (0..<infinity - 1).flatMap { pattern -> [Float] in
      let middle = Float((Reference.widened(pattern, format) + Reference.widened(pattern + 1, format)) / 2)
      return [middle, middle.nextUp, middle.nextDown, Float(Reference.widened(pattern, format))]
    }
    return positive + positive.map { -$0 }
  }

  private static let edges: [Float] = [
    0, -0.0, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
    .leastNormalMagnitude, 65_504, 65_519.996, 65_520, 65_536, 0x1p-24, 0x1p-25, 0x1.000002p-25, 3.3961775e38,
  ]

  @Test func narrowingRoundsToNearestEven() {
    var generator = SeededGenerator(seed: 51)
    let random = (0..<1_000_000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) }
      .filter { !$0.isNaN }
    func firstFailure(
      _ format: Reference.HalfFormat, _ narrow: (Float) -> UInt16
    ) -> Float? {
      (Self.edges + midpoints(format) + random).first { narrow($0) != Reference.narrowed(Double($0), format) }
    }
    #expect(firstFailure(.half, halfBits) == nil)
    #expect(firstFailure(.brainFloat, brainFloatBits) == nil)
  }

  @Test func narrowedNaNStaysQuietNaN() {
    for bits in [0x7f80_0001, 0x7fc0_0000, 0xff80_0001, 0xffff_ffff, 0x7fbf_ffff] as [UInt32] {
      let value = Float(bitPattern: bits)
      #expect(Reference.widened(halfBits(of: value), .half).isNaN)
      #expect(Reference.widened(brainFloatBits(of: value), .brainFloat).isNaN)
      #expect(halfBits(of: value) >> 15 == UInt16(bits >> 31))
      #expect(halfBits(of: value) & 0x200 != 0 && brainFloatBits(of: value) & 0x40 != 0)
    }
  }
}
