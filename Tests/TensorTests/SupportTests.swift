// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

/// The comparisons that every other test rests on fail when they should.
@Suite struct SupportTests {
  @Test func comparisonsFail() {
    let wide = Tolerance.ulps(1e30)
    func fails(_ actual: [Double], _ expected: [Double], _ tolerance: Tolerance) {
      withKnownIssue { expectEqual(actual, expected, within: tolerance) }
    }
    fails([.nan], [0], wide)
    fails([0], [.nan], wide)
    fails([.infinity], [1], wide)
    fails([1], [.infinity], wide)
    fails([.infinity], [-.infinity], wide)
    fails([1, 1], [1], wide)
    fails([Double(1).nextUp], [1], .exact)
    fails([3, 4], [3, 4.5], .golden(relativeFrobenius: 0.05, maximumAbsolute: 1))
    fails([3, 4], [3, 4.5], .golden(relativeFrobenius: 1, maximumAbsolute: 0.4))
    withKnownIssue { expectEqual(Tensor(zeros: [1, 2]), [2], [0, 0], within: .exact) }
    withKnownIssue { expectIdentical([0 as Float], [-0.0]) }
    withKnownIssue { expectIdentical([Double.nan], [-Double.nan]) }
  }

  @Test func comparisonsPass() {
    expectEqual([.nan, .infinity, -0.0] as [Double], [.nan, .infinity, 0], within: .exact)
    expectEqual([1 + Float.ulpOfOne], [1], within: .ulps(1))
    expectEqual([3, 4] as [Double], [3, 4.5], within: .golden(relativeFrobenius: 0.1, maximumAbsolute: 0.5))
    expectEqual([Float.leastNonzeroMagnitude], [0], within: Tolerance.exact.orSubnormalSteps(1))
    expectEqual([Double](), [], within: .exact)
  }

  @Test func spacingOfFloats() {
    for value in [1, 1.5, 2, 0.1, 3e38, 1e-38, 0x1p-140, Float.leastNonzeroMagnitude, 0] as [Float] {
      #expect(Tolerance.spacing(at: Double(value)) == Double(value.ulp))
    }
    // Beyond the range the top binade goes on.
    #expect(Tolerance.spacing(at: 0x1p130) == 0x1p104)
  }

  /// First outputs for seed 0, as published with the generator.
  @Test func splitMix64() {
    var generator = SeededGenerator(seed: 0)
    #expect([generator.next(), generator.next()] == [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4])
    let numbers = generator.doubles(10_000)
    #expect(numbers.allSatisfy { $0 >= -1 && $0 < 1 })
    #expect(abs(numbers.reduce(0, +)) < 3 * (10_000.0 / 3).squareRoot(), "within three standard deviations")
    #expect(generator.integers(1000, limit: 2).allSatisfy { [-2, -1, 0, 1, 2].contains($0) })
  }
}
