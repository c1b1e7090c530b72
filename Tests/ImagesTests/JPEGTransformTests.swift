// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport
import Testing

/// The parts of the decoder by themselves, against the standard's formulas.
@Suite struct JPEGTransformTests {
  /// T.81, A.3.3, in Double.
  static func inverse(_ coefficients: [Int], _ divisors: [Int]) -> [Double] {
    func basis(_ sample: Int, _ frequency: Int) -> Double {
      let scale = frequency == 0 ? 0.5.squareRoot() : 1
      return scale * cosine(Double((2 * sample + 1) * frequency) * .pi / 16) / 2
    }
    return (0..<64).map { position in
      (0..<64).reduce(128) { sum, index in
        sum + Double(coefficients[index] * divisors[index]) * basis(position / 8, index / 8)
          * basis(position % 8, index % 8)
      }
    }
  }

  /// By the series, after reduction to a quarter turn; the test needs no mathematical library.
  static func cosine(_ angle: Double) -> Double {
    var x = angle.truncatingRemainder(dividingBy: 2 * .pi)
    if x > .pi { x = 2 * .pi - x }
    if x > .pi / 2 { return -cosine(.pi - x) }
    var (term, sum) = (1.0, 1.0)
    for index in 1...12 {
      term *= -x * x / Double((2 * index - 1) * 2 * index)
      sum += term
    }
    return sum
  }

  static func decoded(_ coefficients: [Int], _ divisors: [Int]) -> [UInt8] {
    let block = ContiguousArray(coefficients.map { Int16($0) })
    let table = ContiguousArray(divisors.map { UInt16($0) })
    var samples = ContiguousArray<UInt8>(repeating: 77, count: 80)
    var span = samples.mutableSpan
    JPEGTransform.inverse(block.span, at: 0, divisors: table.span, into: &span, at: 2, stride: 10)
    return (0..<64).map { samples[2 + $0 / 8 * 10 + $0 % 8] }
  }

  /// Sparse to full blocks: samples are the formula's, rounded, within 1; and nearly all of them equal.
  @Test func followsTheFormula() {
    var generator = SeededGenerator(seed: 1)
    var different = 0
    for block in 0..<300 {
      var coefficients = [Int](repeating: 0, count: 64)
      let divisors = (0..<64).map { _ in Int.random(in: 1...12, using: &generator) }
      coefficients[0] = Int.random(in: -60...60, using: &generator)
      for _ in 0..<block % 64 {
        coefficients[Int.random(in: 0..<64, using: &generator)] = Int.random(in: -9...9, using: &generator)
      }
      let expected = Self.inverse(coefficients, divisors).map { min(max($0.rounded(), 0), 255) }
      for (found, wanted) in zip(Self.decoded(coefficients, divisors), expected) {
        #expect(abs(Double(found) - wanted) <= 1)
        if Double(found) != wanted { different += 1 }
      }
    }
    #expect(different < 300 * 64 / 50, "\(different) samples differ by 1")
  }

  /// Blocks of a mean alone take a shorter way to the same samples.
  @Test func roundsMeans() {
    for mean in -1100...1100 {
      let coefficients = [mean] + [Int](repeating: 0, count: 63)
      let expected = UInt8(clamping: 128 + Int((Double(mean) / 8 + 0.5).rounded(.down)))
      #expect(Set(Self.decoded(coefficients, [Int](repeating: 1, count: 64))) == [expected])
    }
  }

  @Test func ordersCoefficientsAsTheStandard() {
    let order = JPEGZigzag.naturalOrder
    #expect(order.prefix(12).map(Int.init) == [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25])
    #expect(order.suffix(6).map(Int.init) == [61, 54, 47, 55, 62, 63])
    #expect(Set(order).count == 64)
  }

  /// Codes of one to sixteen bits, each found in front of any bits.
  @Test func findsCodesOfEveryLength() throws {
    let table = try #require(
      JPEGHuffmanTable(counts: Array(repeating: 1, count: 16), values: (0..<16).map { UInt8($0) }))
    for length in 1...16 {
      let code = (UInt64(1) << UInt64(length) - 2) << UInt64(64 - length)
      for tail in [0, UInt64.max >> UInt64(length)] {
        let found = table.symbol(code | tail)
        #expect(found == (length, length - 1))
      }
    }
    #expect(table.symbol(.max).length == 0)
    #expect(JPEGHuffmanTable.empty.symbol(0).length == 0)
  }

  /// EXTEND: the upper half of the numbers of a size are positive.
  @Test func extendsAmplitudes() {
    for size in 1...15 {
      for magnitude in 1 << (size - 1)..<1 << size {
        let bits = UInt64(magnitude) << UInt64(64 - size)
        #expect(jpegAmplitude(bits, size: size) == magnitude)
        #expect(jpegAmplitude(~bits, size: size) == -magnitude)
      }
    }
  }

  @Test func removesStuffedBytes() {
    var bits = JPEGBits()
    bits.load([9, 0x12, 0xFF, 0, 0xFF, 0xFF, 0, 0x34, 0xFF, 0xFF, 0xD9], from: 1)
    #expect(bits.bitCount == 32 && bits.endOffset == 8 && bits.words[0] == 0x12FF_FF34_0000_0000)
    bits.load([0x12, 0xFF], from: 0)
    #expect(bits.bitCount == 8 && bits.endOffset == 1)
  }
}
