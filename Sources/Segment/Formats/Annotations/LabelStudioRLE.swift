// SPDX-License-Identifier: Apache-2.0
import Segment

/// Masks as Label Studio's brush writes them: run lengths of RGBA bytes, packed bit by bit.
///
/// 32 bits say how many bytes there are, 5 how long a word is, four times 4 how long the four kinds of lengths are, all but
/// the first less one. Then blocks: 1 for a run, two bits that choose the kind of length, the length less one, the word. A
/// pixel is four equal bytes, so that there are no runs of less than four, and blocks of single words are never needed.
///
/// - Source: `rle-pack` of thi.ng/umbrella, restated.
enum LabelStudioRLE {
  /// The bytes of every segment's mask, 255 inside and 0 outside, in the table's order.
  static func regions(of map: LabelMap, _ table: SegmentTable) -> [[UInt8]] {
    var regions = ContiguousArray(
      repeating: LabelStudioRLERegion(length: 4 * map.labels.count), count: table.segments.count)
    map.forEachRun { id, run in
      let position = table.position(of: id)
      if position >= 0 { regions[position].append(4 * run.lowerBound..<4 * run.upperBound) }
    }
    return regions.indices.map { regions[$0].finish() }
  }
}

/// The mask of one segment, run by run.
private struct LabelStudioRLERegion {
  /// Bits of the four kinds of lengths.
  private static let lengthBits = [3, 4, 8, 16]

  private let length: Int
  private var bytes: [UInt8] = []
  /// Bits that fill no byte yet.
  private var (pending, pendingCount): (UInt64, Int) = (0, 0)
  private var end = 0

  init(length: Int) {
    self.length = length
    write(length, bits: 32)
    write(8 - 1, bits: 5)
    for bits in Self.lengthBits { write(bits - 1, bits: 4) }
  }

  mutating func append(_ run: Range<Int>) {
    fill(run.lowerBound - end, with: 0)
    fill(run.count, with: 255)
    end = run.upperBound
  }

  mutating func finish() -> [UInt8] {
    fill(length - end, with: 0)
    if pendingCount > 0 { write(0, bits: 8 - pendingCount) }
    return bytes
  }

  private mutating func fill(_ total: Int, with value: Int) {
    var rest = total
    while rest > 0 {
      let kind = Self.lengthBits.firstIndex { rest <= 1 << $0 } ?? 3
      let count = min(rest, 1 << Self.lengthBits[kind])
      write(1, bits: 1)
      write(kind, bits: 2)
      write(count - 1, bits: Self.lengthBits[kind])
      write(value, bits: 8)
      rest -= count
    }
  }

  /// Appends bits, the highest first.
  private mutating func write(_ value: Int, bits: Int) {
    pending = pending << UInt64(bits) | UInt64(value)
    pendingCount += bits
    while pendingCount >= 8 {
      pendingCount -= 8
      bytes.append(UInt8(truncatingIfNeeded: pending >> UInt64(pendingCount)))
    }
  }
}
