// SPDX-License-Identifier: Apache-2.0

extension Inflate {
  /// Decodes symbols until the block ends (true) or less than a match's room is left in `output` (false).
  ///
  /// A turn reads 64 bits once: a literal takes at most 15 of them, a length with its distance at most 48.
  ///
  /// - Source: RFC 1951, 3.2.3, the decoding loop.
  static func readSymbols(
    _ literals: HuffmanDecoder, _ distances: HuffmanDecoder, _ input: Bitstream, _ position: inout Int,
    into output: inout ContiguousArray<UInt8>, _ count: inout Int
  ) throws(InflateError) -> Bool {
    let words = input.words.span
    let literalEntries = literals.entries.span
    let distanceEntries = distances.entries.span
    let literalMask = UInt64(1) << UInt64(literals.primaryBits) - 1
    let bitCount = input.bitCount
    var written = count
    var bit = position
    defer {
      count = written
      position = bit
    }
    var room = output.mutableSpan
    let lastStart = room.count - DeflateAlphabet.maximumMatch - 1

    while written < lastStart {
      guard bit <= bitCount else { throw .truncated(byteCount: input.byteCount) }
      var window = bits(of: words, at: bit)
      var entry = literalEntries[Int(truncatingIfNeeded: window & literalMask)]
      if entry & HuffmanDecoder.literal != 0 {
        room[written] = UInt8(truncatingIfNeeded: entry &>> 16)
        written &+= 1
        bit &+= Int(entry & 0xFF)
        window &>>= UInt64(entry & 0xFF)
        entry = literalEntries[Int(truncatingIfNeeded: window & literalMask)]
      }
      if entry & HuffmanDecoder.link != 0 {
        entry = follow(entry, literalEntries, window &>> UInt64(literals.primaryBits))
      }
      let symbolStart = bit
      bit &+= Int(entry & 0xFF)
      window &>>= UInt64(entry & 0xFF)
      if entry & HuffmanDecoder.literal != 0 {
        room[written] = UInt8(truncatingIfNeeded: entry &>> 16)
        written &+= 1
        continue
      }
      if entry & (HuffmanDecoder.endOfBlock | HuffmanDecoder.invalid) != 0 {
        guard bit <= bitCount else { throw .truncated(byteCount: input.byteCount) }
        guard entry & HuffmanDecoder.invalid == 0 else {
          throw .invalidSymbol(.literalLength, offset: symbolStart >> 3)
        }
        return true
      }
      let length = value(of: entry, &window, &bit)

      entry = distanceEntries[Int(truncatingIfNeeded: window) & (1 &<< distances.primaryBits &- 1)]
      if entry & HuffmanDecoder.link != 0 {
        entry = follow(entry, distanceEntries, window &>> UInt64(distances.primaryBits))
      }
      bit &+= Int(entry & 0xFF)
      window &>>= UInt64(entry & 0xFF)
      guard entry & HuffmanDecoder.invalid == 0 else {
        if bit > bitCount { throw .truncated(byteCount: input.byteCount) }
        throw .invalidSymbol(.distance, offset: symbolStart >> 3)
      }
      let distance = value(of: entry, &window, &bit)
      guard bit <= bitCount else { throw .truncated(byteCount: input.byteCount) }
      guard distance <= written else {
        throw .distanceTooFar(distance: distance, available: written, offset: symbolStart >> 3)
      }
      copy(length, from: distance, at: written, in: &room)
      written &+= length
    }
    return false
  }

  @inline(__always)
  private static func follow(_ link: UInt32, _ entries: Span<UInt32>, _ window: UInt64) -> UInt32 {
    entries[Int(link &>> 16) &+ Int(truncatingIfNeeded: window & (1 &<< UInt64(link & 0xFF) &- 1))]
  }

  /// Base plus extra bits.
  @inline(__always)
  private static func value(of entry: UInt32, _ window: inout UInt64, _ bit: inout Int) -> Int {
    let extraBits = UInt64(entry &>> 8 & 0xF)
    let result = Int(entry &>> 16) &+ Int(truncatingIfNeeded: window & (1 &<< extraBits &- 1))
    window &>>= extraBits
    bit &+= Int(truncatingIfNeeded: extraBits)
    return result
  }

  /// Repeats earlier output. Source and target overlap when the distance is shorter than the length (3.2.3), so the
  /// order is byte by byte.
  @inline(__always)
  private static func copy(_ length: Int, from distance: Int, at start: Int, in room: inout MutableSpan<UInt8>) {
    for index in start..<start &+ length { room[index] = room[index &- distance] }
  }
}
