// SPDX-License-Identifier: Apache-2.0

/// The inverse discrete cosine transform of a block, in integers of 32 bits.
///
/// One dimension is the algorithm of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with 12 multiplications, here as 16
/// that share sums, by constants of 13 fractional bits. The columns go first and keep 2 fractional bits, then the rows;
/// each stage rounds to nearest. These are the stages, constants and roundings of the accurate integer method ("islow")
/// of libjpeg and libjpeg-turbo, so that samples are equal to theirs bit for bit.
///
/// - Source: ITU-T T.81, A.3.3; the reference above.
package enum JPEGTransform {
  /// Eight columns or rows at once.
  private typealias Lanes = SIMD8<Int32>

  /// Adds the transform of `coefficients[base ..< base + 64]`, multiplied by `divisors`, to 128 and writes the eight rows
  /// of eight samples from `samples[start]`, `stride` apart.
  package static func inverse(
    _ coefficients: Span<Int16>, at base: Int, divisors: Span<UInt16>, into samples: inout MutableSpan<UInt8>,
    at start: Int, stride: Int
  ) {
    let block = coefficients.extracting(base..<base &+ 64)
    let first = row(block, 0)
    var others = row(block, 1) | row(block, 2) | row(block, 3) | row(block, 4)
    others = others | row(block, 5) | row(block, 6) | row(block, 7)
    var zeros = others
    for lane in 1..<8 { zeros[lane] |= first[lane] }
    if zeros == SIMD8() {
      // Columns give 4·DC, rows (4·DC + 16) / 32.
      let mean = Int32(first[0] &* Int16(truncatingIfNeeded: divisors[0])) &<< 2
      let sample = UInt8(clamping: (mean &+ 16) &>> 5 &+ 128)
      for line in 0..<8 {
        for column in 0..<8 { samples[start &+ line &* stride &+ column] = sample }
      }
      return
    }
    var lines = Block(
      dequantized(first, divisors, 0), dequantized(row(block, 1), divisors, 1),
      dequantized(row(block, 2), divisors, 2), dequantized(row(block, 3), divisors, 3),
      dequantized(row(block, 4), divisors, 4), dequantized(row(block, 5), divisors, 5),
      dequantized(row(block, 6), divisors, 6), dequantized(row(block, 7), divisors, 7))
    lines.transform(shift: 11)
    lines.transpose()
    lines.transform(shift: 18)
    lines.transpose()
    store(lines.a, &samples, start)
    store(lines.b, &samples, start &+ stride)
    store(lines.c, &samples, start &+ 2 &* stride)
    store(lines.d, &samples, start &+ 3 &* stride)
    store(lines.e, &samples, start &+ 4 &* stride)
    store(lines.f, &samples, start &+ 5 &* stride)
    store(lines.g, &samples, start &+ 6 &* stride)
    store(lines.h, &samples, start &+ 7 &* stride)
  }

  @inline(__always)
  private static func row(_ block: Span<Int16>, _ line: Int) -> SIMD8<Int16> {
    let at = 8 &* line
    // The last one first, so that one comparison with the end is enough.
    let last = block[at &+ 7]
    return SIMD8(
      block[at], block[at &+ 1], block[at &+ 2], block[at &+ 3], block[at &+ 4], block[at &+ 5], block[at &+ 6], last)
  }

  /// A product beyond 16 bits, which no picture has, wraps around.
  @inline(__always)
  private static func dequantized(_ values: SIMD8<Int16>, _ divisors: Span<UInt16>, _ line: Int) -> Lanes {
    let at = 8 &* line
    let last = divisors[at &+ 7]
    let factors = SIMD8<UInt16>(
      divisors[at], divisors[at &+ 1], divisors[at &+ 2], divisors[at &+ 3], divisors[at &+ 4], divisors[at &+ 5],
      divisors[at &+ 6], last)
    return widened(values &* SIMD8<Int16>(truncatingIfNeeded: factors))
  }

  @inline(__always)
  private static func widened(_ values: SIMD8<Int16>) -> Lanes {
    Lanes(
      Int32(values[0]), Int32(values[1]), Int32(values[2]), Int32(values[3]), Int32(values[4]), Int32(values[5]),
      Int32(values[6]), Int32(values[7]))
  }

  @inline(__always)
  private static func store(_ line: Lanes, _ samples: inout MutableSpan<UInt8>, _ start: Int) {
    let shifted = (line &+ 128).clamped(lowerBound: Lanes(repeating: 0), upperBound: Lanes(repeating: 255))
    for lane in 0..<8 { samples[start &+ lane] = UInt8(truncatingIfNeeded: shifted[lane]) }
  }

  /// Eight vectors of eight.
  private struct Block {
    var a, b, c, d, e, f, g, h: Lanes

    @inline(__always)
    init(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes, _ e: Lanes, _ f: Lanes, _ g: Lanes, _ h: Lanes) {
      (self.a, self.b, self.c, self.d, self.e, self.f, self.g, self.h) = (a, b, c, d, e, f, g, h)
    }

    /// The product with a constant of 13 fractional bits. Both factors have 16 bits, which shifting makes known to the
    /// compiler: such products are far cheaper.
    @inline(__always)
    private func times(_ values: Lanes, _ constant: Int32) -> Lanes {
      ((values &<< 16) &>> 16) &* Lanes(repeating: constant)
    }

    /// One dimension, over the vectors, in every lane. Results are divided by 2^`shift`, rounded to nearest.
    @inline(__always)
    mutating func transform(shift: Int32) {
      let half = Lanes(repeating: 1 &<< (shift &- 1))
      // Even part: 4433 = 0.541196100, 10703 = 4433 + 0.765366865, −10704 = 4433 − 1.847759065.
      let rotated2 = times(c, 10703) &+ times(g, 4433)
      let rotated6 = times(c, 4433) &- times(g, 10704)
      let sum04 = (a &+ e) &<< 13 &+ half
      let difference04 = (a &- e) &<< 13 &+ half
      let even0 = sum04 &+ rotated2
      let even3 = sum04 &- rotated2
      let even1 = difference04 &+ rotated6
      let even2 = difference04 &- rotated6
      // Odd part: sums of inputs, turned by 1.175875602 less 1.961570560 and 0.390180644.
      let sum73 = h &+ d
      let sum51 = f &+ b
      let turned73 = times(sum51, 9633) &- times(sum73, 6436)
      let turned51 = times(sum73, 9633) &+ times(sum51, 6437)
      let odd0 = times(b, 4926) &- times(h, 7373) &+ turned51
      let odd3 = turned73 &- times(h, 4927) &- times(b, 7373)
      let odd2 = turned51 &- times(f, 4176) &- times(d, 20995)
      let odd1 = times(d, 4177) &- times(f, 20995) &+ turned73
      let down = Lanes(repeating: shift)
      a = (even0 &+ odd0) &>> down
      h = (even0 &- odd0) &>> down
      b = (even1 &+ odd1) &>> down
      g = (even1 &- odd1) &>> down
      c = (even2 &+ odd2) &>> down
      f = (even2 &- odd2) &>> down
      d = (even3 &+ odd3) &>> down
      e = (even3 &- odd3) &>> down
    }

    @inline(__always)
    mutating func transpose() {
      self = Block(column(0), column(1), column(2), column(3), column(4), column(5), column(6), column(7))
    }

    @inline(__always)
    private func column(_ lane: Int) -> Lanes {
      Lanes(a[lane], b[lane], c[lane], d[lane], e[lane], f[lane], g[lane], h[lane])
    }
  }
}
