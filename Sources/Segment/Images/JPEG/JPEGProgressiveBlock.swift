// SPDX-License-Identifier: Apache-2.0

/// The four kinds of progressive scan. Coefficients lie in natural order, 64 a block from `base`.
///
/// - Source: ITU-T T.81, G.1.2 and G.2.
extension JPEGEntropyState {
  /// DC, first scan: as in a sequential one, shifted to its bit (G.1.2.1).
  @inline(__always)
  mutating func decodeFirstDC(
    _ words: Span<UInt64>, _ table: JPEGHuffmanTable, member: Int, lowBit: Int,
    into coefficients: inout MutableSpan<Int16>, at base: Int
  ) throws(JPEGBlockFault) {
    let value = try dcCoefficient(words, table, member: member)
    coefficients[base] = Int16(truncatingIfNeeded: value &<< Int32(lowBit))
  }

  /// DC, refinement: one more bit, not coded.
  @inline(__always)
  mutating func decodeRefinedDC(
    _ words: Span<UInt64>, lowBit: Int, into coefficients: inout MutableSpan<Int16>, at base: Int
  ) {
    if nextBit(words) { coefficients[base] |= 1 &<< Int16(lowBit) }
  }

  @inline(__always)
  private mutating func nextBit(_ words: Span<UInt64>) -> Bool {
    let bit = words[position &>> 6] &>> UInt64(truncatingIfNeeded: 63 &- position & 63) & 1
    position &+= 1
    return bit == 1
  }

  /// AC, first scan: a band of coefficients; runs may end the band in many blocks at once (G.1.2.2).
  mutating func decodeFirstAC(
    _ words: Span<UInt64>, _ table: JPEGHuffmanTable, _ band: ClosedRange<Int>, lowBit: Int,
    into coefficients: inout MutableSpan<Int16>, at base: Int, order: Span<UInt8>
  ) throws(JPEGBlockFault) {
    if endOfBandRun > 0 {
      endOfBandRun &-= 1
      return
    }
    var index = band.lowerBound
    while index <= band.upperBound {
      let window = JPEGBits.window(words, at: position)
      let (length, symbol) = table.symbol(window)
      guard length > 0 else { throw .invalidCode }
      let rest = window &<< UInt64(truncatingIfNeeded: length)
      let (run, size) = (symbol &>> 4, symbol & 15)
      position &+= length
      if size > 0 {
        position &+= size
        index &+= run
        guard index <= band.upperBound else { throw .runTooLong }
        let value = jpegAmplitude(rest, size: size) &<< lowBit
        coefficients[base &+ Int(order[index])] = Int16(truncatingIfNeeded: value)
        index &+= 1
      } else if run == 15 {
        index &+= 16
      } else {
        endOfBandRun = startEndOfBand(run: run, rest) &- 1
        return
      }
    }
    guard index == band.upperBound &+ 1 else { throw .runTooLong }
  }

  /// EOBn: 2ⁿ plus n further bits is the number of blocks whose band ends here, this one included (table G.1).
  @inline(__always)
  private mutating func startEndOfBand(run: Int, _ rest: UInt64) -> Int {
    guard run > 0 else { return 1 }
    position &+= run
    return 1 &<< run | Int(truncatingIfNeeded: rest &>> UInt64(truncatingIfNeeded: 64 &- run))
  }

  /// AC, refinement: one more bit of every coefficient known to be other than 0, and new ones of magnitude 1 (G.1.2.3).
  mutating func decodeRefinedAC(
    _ words: Span<UInt64>, _ table: JPEGHuffmanTable, _ band: ClosedRange<Int>, lowBit: Int,
    into coefficients: inout MutableSpan<Int16>, at base: Int, order: Span<UInt8>
  ) throws(JPEGBlockFault) {
    let step = Int16(1) &<< Int16(lowBit)
    var index = band.lowerBound
    while endOfBandRun == 0 && index <= band.upperBound {
      let window = JPEGBits.window(words, at: position)
      let (length, symbol) = table.symbol(window)
      guard length > 0 else { throw .invalidCode }
      let rest = window &<< UInt64(truncatingIfNeeded: length)
      let (run, size) = (symbol &>> 4, symbol & 15)
      position &+= length
      guard size <= 1 else { throw .invalidCode }
      if size == 0 && run < 15 {
        endOfBandRun = startEndOfBand(run: run, rest)
        break
      }
      var value: Int16 = 0
      if size == 1 { value = nextBit(words) ? step : 0 &- step }
      // `run` coefficients that stay 0 lie before the place of the new one; the others are refined on the way.
      var zeroCount = run
      while index <= band.upperBound {
        let at = base &+ Int(order[index])
        if coefficients[at] != 0 {
          refine(words, &coefficients, at, step)
        } else if zeroCount == 0 {
          break
        } else {
          zeroCount &-= 1
        }
        index &+= 1
      }
      if size == 1 {
        guard index <= band.upperBound else { throw .runTooLong }
        coefficients[base &+ Int(order[index])] = value
      }
      index &+= 1
    }
    guard endOfBandRun > 0 else { return }
    while index <= band.upperBound {
      let at = base &+ Int(order[index])
      if coefficients[at] != 0 { refine(words, &coefficients, at, step) }
      index &+= 1
    }
    endOfBandRun &-= 1
  }

  /// Adds `step` to the magnitude if the next bit is set.
  @inline(__always)
  private mutating func refine(
    _ words: Span<UInt64>, _ coefficients: inout MutableSpan<Int16>, _ at: Int, _ step: Int16
  ) {
    guard nextBit(words), coefficients[at] & step == 0 else { return }
    coefficients[at] &+= coefficients[at] < 0 ? 0 &- step : step
  }
}
