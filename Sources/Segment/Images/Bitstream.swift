// SPDX-License-Identifier: Apache-2.0

/// Compressed bytes packed into words, so that any 64 bits can be read at a bit position with two loads.
///
/// Bit `p` of the stream is bit `p mod 64` of word `p div 64` (RFC 1951, 3.1.1: least significant bit first). Zeros
/// follow the last bit; the reader compares its position with `bitCount` after each symbol.
package struct Bitstream: Sendable {
  private(set) var words: ContiguousArray<UInt64> = [0, 0, 0]
  private(set) package var byteCount = 0

  var bitCount: Int { 8 * byteCount }

  package init() {}

  package init(_ bytes: [UInt8]) { append(bytes, in: bytes.indices) }

  package mutating func append(_ bytes: [UInt8], in range: Range<Int>) {
    words.removeLast(2)
    // Room asked for is room given and no more: in small portions that would be a copy of everything for each.
    if range.count / 8 > words.count { words.reserveCapacity(words.count + range.count / 8 + 3) }
    var word = words.removeLast()
    var shift = UInt64(byteCount % 8) * 8
    let aligned = min(range.lowerBound + (8 - byteCount % 8) % 8, range.upperBound)
    let tail = aligned + (range.upperBound - aligned) & ~7
    for index in range.lowerBound..<aligned { append(bytes[index], &word, &shift) }
    for index in stride(from: aligned, to: tail, by: 8) {
      let low = UInt64(bigEndian32(bytes, at: index).byteSwapped)
      words.append(UInt64(bigEndian32(bytes, at: index + 4).byteSwapped) << 32 | low)
    }
    for index in tail..<range.upperBound { append(bytes[index], &word, &shift) }
    words.append(word)
    words.append(0)
    words.append(0)
    byteCount += range.count
  }

  private mutating func append(_ byte: UInt8, _ word: inout UInt64, _ shift: inout UInt64) {
    word |= UInt64(byte) &<< shift
    shift += 8
    guard shift == 64 else { return }
    words.append(word)
    (word, shift) = (0, 0)
  }
}

/// The 64 bits at a position. The last word of `words` must lie beyond it, which two words of padding and symbols of
/// at most 48 bits guarantee as long as each symbol starts inside the stream.
@inline(__always)
func bits(of words: Span<UInt64>, at position: Int) -> UInt64 {
  let index = position >> 6
  let shift = UInt64(truncatingIfNeeded: position & 63)
  return words[index] &>> shift | (words[index &+ 1] &<< 1) &<< (63 &- shift)
}

/// Collects bits into bytes, least significant first (RFC 1951, 3.1.1).
struct BitWriter {
  private(set) var bytes: [UInt8] = []
  private var pending: UInt64 = 0
  private var pendingCount: UInt64 = 0

  /// Appends the low `count` bits.
  ///
  /// - Precondition: `count` ≤ 48 and the bits above are zero; fewer than 8 bits wait between two calls, hence 56 fit.
  @inline(__always)
  mutating func append(_ bits: UInt64, count: Int) {
    pending |= bits &<< pendingCount
    pendingCount &+= UInt64(truncatingIfNeeded: count)
    while pendingCount >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: pending))
      pending &>>= 8
      pendingCount &-= 8
    }
  }

  var isAligned: Bool { pendingCount == 0 }

  /// Fills the current byte with zeros.
  mutating func alignToByte() {
    if pendingCount > 0 { append(0, count: Int(8 - pendingCount)) }
  }

  /// Appends whole bytes. The writer must be aligned.
  mutating func appendAligned(_ source: ContiguousArray<UInt8>, in range: Range<Int>) {
    precondition(pendingCount == 0, "bytes appended at a bit position")
    bytes.append(contentsOf: source[range])
  }
}
