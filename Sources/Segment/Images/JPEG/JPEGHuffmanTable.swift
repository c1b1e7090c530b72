// SPDX-License-Identifier: Apache-2.0

/// A Huffman code of bytes with at most 16 bits, read from the high bit on.
///
/// Codes of up to `lookupBits` bits, nearly all that occur, take one look; longer ones are found by their length
/// (T.81, F.2.2.3). For AC coefficients a second table gives the coefficient itself where code and value together are
/// that short.
///
/// A class, as a scan hands its tables to every block: one reference instead of those to four arrays.
///
/// - Source: ITU-T T.81, annex C.
package final class JPEGHuffmanTable: Sendable {
  static let lookupBits = 9

  /// By the next nine bits: length · 256 + value, or 0 for longer codes.
  let symbols: ContiguousArray<UInt16>
  /// By the next nine bits: what `coefficient` packs, or 0 where they do not hold all of it.
  let coefficients: ContiguousArray<Int32>
  /// Entry `length`: the first number of 16 bits whose code is longer; 0 for lengths in the lookup.
  private let limits: ContiguousArray<UInt32>
  /// Entry `length`: add to a code for the index of its value.
  private let valueOffsets: ContiguousArray<Int32>
  private let values: ContiguousArray<UInt8>

  /// - Parameters:
  ///   - counts: The number of codes of 1, 2, ... 16 bits.
  ///   - values: Their values in order.
  /// - Returns: nil if the lengths ask for more codes than there are. A code of ones only is reserved (C.2).
  package init?(counts: [Int], values: [UInt8]) {
    var symbols = ContiguousArray<UInt16>(repeating: 0, count: 1 << Self.lookupBits)
    var coefficients = ContiguousArray<Int32>(repeating: 0, count: 1 << Self.lookupBits)
    var limits = ContiguousArray<UInt32>(repeating: 0, count: 17)
    var valueOffsets = ContiguousArray<Int32>(repeating: 0, count: 17)
    var code = 0
    var index = 0
    for length in 1...16 {
      let count = counts[length - 1]
      valueOffsets[length] = Int32(index - code)
      for value in values[index..<index + count] where length <= Self.lookupBits {
        let unusedBits = Self.lookupBits - length
        guard (code + 1) << unusedBits <= symbols.count else { return nil }
        for entry in code << unusedBits..<(code + 1) << unusedBits {
          symbols[entry] = UInt16(length << 8) | UInt16(value)
          coefficients[entry] = Self.coefficient(bits: entry, length: length, value: value)
        }
        code += 1
      }
      if length > Self.lookupBits { code += count }
      index += count
      guard count == 0 || code < 1 << length else { return nil }
      limits[length] = UInt32(code << (16 - length))
      code <<= 1
    }
    self.symbols = symbols
    self.coefficients = coefficients
    self.limits = limits
    self.valueOffsets = valueOffsets
    self.values = ContiguousArray(values)
  }

  /// A code of nothing, in which every look-up fails.
  package static let empty = JPEGHuffmanTable()

  private init() {
    symbols = ContiguousArray(repeating: 0, count: 1 << Self.lookupBits)
    coefficients = ContiguousArray(repeating: 0, count: 1 << Self.lookupBits)
    limits = ContiguousArray(repeating: 0, count: 17)
    valueOffsets = ContiguousArray(repeating: 0, count: 17)
    values = []
  }

  /// Length in the low 6 bits, the step to the next coefficient in the 7 above, the coefficient in the high 16; 0 if
  /// the nine bits do not hold it. End of block steps by `endOfBlockStep` and, like a run of 16 zeros, has no value.
  private static func coefficient(bits: Int, length: Int, value: UInt8) -> Int32 {
    let (run, size) = (Int(value >> 4), Int(value & 15))
    if size == 0 {
      let step = run == 15 ? 16 : run == 0 ? endOfBlockStep : 0
      return step == 0 ? 0 : Int32(step << 6 | length)
    }
    let rest = lookupBits - length - size
    guard rest >= 0 else { return 0 }
    let amplitude = bits >> rest & (1 << size - 1)
    let extended = amplitude < 1 << (size - 1) ? amplitude - (1 << size) + 1 : amplitude
    return Int32(extended << 16 | run << 6 | length + size)
  }

  /// Beyond 63 and beyond what a run of zeros reaches.
  static let endOfBlockStep = 96

  /// The code at the start of `window`, whose first bit is the highest: its length and value, or length 0 if there is
  /// none.
  @inline(__always)
  package func symbol(_ window: UInt64) -> (length: Int, value: Int) {
    let entry = Int(symbols[Int(truncatingIfNeeded: window &>> UInt64(64 - Self.lookupBits))])
    return entry != 0 ? (entry &>> 8, entry & 255) : longSymbol(window)
  }

  @inline(never)
  private func longSymbol(_ window: UInt64) -> (length: Int, value: Int) {
    let bits = UInt32(truncatingIfNeeded: window >> 48)
    for length in Self.lookupBits + 1...16 where bits < limits[length] {
      let index = Int(bits >> UInt32(16 - length)) + Int(valueOffsets[length])
      return values.indices.contains(index) ? (length, Int(values[index])) : (0, 0)
    }
    return (0, 0)
  }
}
