// SPDX-License-Identifier: Apache-2.0

/// The compressed bits between two markers, packed into words, so that any 64 bits can be read at a bit position.
///
/// Bit `p` of the data is bit `63 − p mod 64` of word `p div 64`: the first bit is the highest. Stuffed zero bytes are
/// gone (T.81, F.1.2.3). Zeros follow the last bit; the reader compares its position with `bitCount` after each block.
package struct JPEGBits {
  /// More words of zeros than the longest block takes, which is 64 coefficients of 16 + 15 bits.
  private static let paddingCount = 34

  private(set) package var words: ContiguousArray<UInt64> = []
  private(set) package var bitCount = 0
  /// Where the marker is that ended the data, or the end of the file.
  private(set) package var endOffset = 0

  package init() {}

  /// Reads up to the next marker. FF fill bytes before a marker and before a stuffed zero are skipped.
  package mutating func load(_ bytes: [UInt8], from start: Int) {
    let bytes = bytes.span
    words.removeAll(keepingCapacity: true)
    var word: UInt64 = 0
    var count = 0
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0xFF {
        var code = index &+ 1
        while code < bytes.count && bytes[code] == 0xFF { code &+= 1 }
        guard code < bytes.count && bytes[code] == 0 else { break }
        index = code
      }
      index &+= 1
      word = word &<< 8 | UInt64(byte)
      count &+= 1
      if count & 7 == 0 { words.append(word) }
    }
    if count & 7 != 0 { words.append(word << UInt64(64 - 8 * (count & 7))) }
    words.append(contentsOf: repeatElement(0, count: Self.paddingCount))
    bitCount = 8 * count
    endOffset = index
  }

  /// The 64 bits at a position, the first one highest.
  @inline(__always)
  static func window(_ words: Span<UInt64>, at position: Int) -> UInt64 {
    let index = position &>> 6
    let shift = UInt64(truncatingIfNeeded: position & 63)
    return words[index] &<< shift | (words[index &+ 1] &>> 1) &>> (63 &- shift)
  }
}

/// Why a block could not be decoded; the scan adds the place.
enum JPEGBlockFault: Error {
  case invalidCode
  case runTooLong
}

/// The number that `size` bits stand for, taken from the top of `bits` (EXTEND, T.81 F.2.2.1). `size` is 1 to 16.
@inline(__always)
package func jpegAmplitude(_ bits: UInt64, size: Int) -> Int {
  let magnitude = Int(truncatingIfNeeded: bits &>> UInt64(truncatingIfNeeded: 64 &- size))
  // The first bit is set for positive numbers.
  return Int64(truncatingIfNeeded: bits) < 0 ? magnitude : magnitude &- (1 &<< size) &+ 1
}
