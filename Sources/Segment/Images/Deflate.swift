// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Tensor

/// Compresses bytes into zlib streams.
///
/// Pieces of a fixed length are compressed in parallel, each with the window before it at hand, so that the stream does not
/// depend on the number of threads and is hardly longer than one made in one go.
///
/// - Source: RFC 1950 (zlib) and RFC 1951 (deflate).
package enum Deflate {
  /// A photograph of 600×400 pixels is three pieces; their new codes and ends cost some 100 bytes each.
  package static let pieceLength = 1 << 18

  /// - Parameter isQuick: fewer places are looked at for matches.
  package static func compress(zlib bytes: ContiguousArray<UInt8>, isQuick: Bool = false) -> [UInt8] {
    let count = max(1, (bytes.count + pieceLength - 1) / pieceLength)
    let pieces = Mutex([[UInt8]](repeating: [], count: count))
    Parallel.forEach(count) { index in
      let range = index * pieceLength..<min(bytes.count, (index + 1) * pieceLength)
      let piece = compress(bytes, range, isQuick ? .quick : .thorough, isLast: index == count - 1)
      pieces.withLock { $0[index] = piece }
    }
    // Deflate with a window of 32 KiB, default level: 0x789C is a multiple of 31 (RFC 1950, 2.2).
    var stream: [UInt8] = [0x78, 0x9C]
    pieces.withLock { pieces in
      stream.reserveCapacity(pieces.reduce(6) { $0 + $1.count })
      for piece in pieces { stream += piece }
    }
    let checksum = Adler32.checksum(bytes)
    return stream + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> $0) }
  }

  private static func compress(
    _ bytes: ContiguousArray<UInt8>, _ range: Range<Int>, _ effort: MatchFinder.Effort, isLast: Bool
  ) -> [UInt8] {
    var blocks = DeflateBlockWriter(bytes, from: range.lowerBound)
    var finder = MatchFinder(bytes, in: range, effort: effort)
    while let tokens = finder.next(count: DeflateBlockWriter.segmentLength) { blocks.append(tokens) }
    return blocks.finish(isLast: isLast)
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
  private var start: Int

  init(_ source: ContiguousArray<UInt8>, from start: Int) {
    self.source = source
    self.start = start
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

  /// Ends at a byte: an empty stored block fills the last one where others follow.
  mutating func finish(isLast: Bool) -> [UInt8] {
    writeBlock(isLast: isLast)
    if !isLast && !writer.isAligned { writeStored(start..<start, isLast: false) }
    writer.alignToByte()
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
