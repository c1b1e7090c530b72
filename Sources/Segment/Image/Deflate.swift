// SPDX-License-Identifier: Apache-2.0

/// Compresses bytes into zlib streams.
///
/// - Source: RFC 1950 (zlib) and RFC 1951 (deflate).
package enum Deflate {
  package static func compress(zlib bytes: ContiguousArray<UInt8>) -> [UInt8] {
    var blocks = DeflateBlockWriter(bytes)
    var finder = MatchFinder(bytes)
    while let tokens = finder.next(count: DeflateBlockWriter.segmentLength) { blocks.append(tokens) }
    return blocks.finish(checksum: Adler32.checksum(bytes))
  }
}

/// Divides tokens into blocks and writes each in its cheapest form.
///
/// Tokens arrive in segments. A segment joins the open block unless two blocks with a code each would be shorter.
struct DeflateBlockWriter {
  /// Short enough to follow a change of statistics; a dynamic header of about 80 bytes is a fiftieth of a segment.
  static let segmentLength = 4096
  /// Bounds the memory for tokens.
  private static let maximumBlockLength = 1 << 17

  private let source: ContiguousArray<UInt8>
  private var writer = BitWriter()
  /// Of the open block.
  private var tokens: [DeflateToken] = []
  private var histogram = DeflateHistogram()
  private var code = DeflateBlockCode(dynamic: DeflateHistogram())
  /// Where the open block starts in `source`.
  private var start = 0

  init(_ source: ContiguousArray<UInt8>) {
    self.source = source
    // Deflate with a window of 32 KiB, default level: 0x789C is a multiple of 31 (RFC 1950, 2.2).
    writer.append(0x78, count: 8)
    writer.append(0x9C, count: 8)
  }

  mutating func append(_ segment: [DeflateToken]) {
    var addition = DeflateHistogram()
    for token in segment { addition.add(token) }
    let separate = DeflateBlockCode(dynamic: addition)
    if !tokens.isEmpty {
      let sum = histogram.adding(addition)
      let joined = DeflateBlockCode(dynamic: sum)
      let fits = tokens.count + segment.count <= Self.maximumBlockLength
      if fits && joined.bitCount <= code.bitCount + separate.bitCount + 3 {
        tokens += segment
        histogram = sum
        code = joined
        return
      }
      writeBlock(isLast: false)
    }
    tokens = segment
    histogram = addition
    code = separate
  }

  mutating func finish(checksum: UInt32) -> [UInt8] {
    writeBlock(isLast: true)
    writer.appendBigEndian(checksum)
    return writer.bytes
  }

  /// Writes the open block as dynamic, fixed or stored, whichever is shortest.
  private mutating func writeBlock(isLast: Bool) {
    let fixed = DeflateBlockCode(fixed: histogram)
    let end = start + histogram.byteCount
    let storedBlockCount = max(1, (histogram.byteCount + 65534) / 65535)
    let storedBitCount = 8 * histogram.byteCount + storedBlockCount * (7 + 32 + 3)
    if storedBitCount < min(code.bitCount, fixed.bitCount) {
      writeStored(start..<end, isLast: isLast)
    } else {
      let best = fixed.bitCount <= code.bitCount ? fixed : code
      writer.append(isLast ? 1 : 0, count: 1)
      writer.append(best.header == nil ? 1 : 2, count: 2)
      best.write(tokens[...], to: &writer)
    }
    start = end
  }

  /// 3.2.4: at most 65535 bytes in a block.
  private mutating func writeStored(_ range: Range<Int>, isLast: Bool) {
    var rest = range
    repeat {
      let chunk = rest.prefix(65535)
      rest = chunk.upperBound..<range.upperBound
      writer.append(isLast && rest.isEmpty ? 1 : 0, count: 1)
      writer.append(0, count: 2)
      writer.alignToByte()
      writer.append(UInt64(chunk.count), count: 16)
      writer.append(UInt64(~UInt16(chunk.count)), count: 16)
      writer.appendAligned(source, in: chunk)
    } while !rest.isEmpty
  }
}
