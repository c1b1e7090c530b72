// SPDX-License-Identifier: Apache-2.0
import Segment

/// Masks as COCO writes them: lengths of runs in column-major order, beginning with background, as text.
///
/// - Source: `maskApi.c` of the COCO API, functions `rleEncode` and `rleToString`, restated.
enum RunLengthEncoding {
  /// Columns that are turned into rows at once: their part of the map stays in the second-level cache.
  private static let stripWidth = 64

  /// The text of every segment's mask, in the table's order.
  static func counts(of map: LabelMap, _ table: SegmentTable) -> [[UInt8]] {
    var masks = ContiguousArray(repeating: RunLengthMask(), count: table.segments.count)
    // One column after the other would touch a new line of the cache for every pixel. Columns in the strip are a little
    // longer than the map's, so that a power of two does not put all of them in one place of the cache.
    let pitch = map.height + 16
    var strip = ContiguousArray<Int32>(repeating: 0, count: Self.stripWidth * pitch)
    for first in stride(from: 0, to: map.width, by: Self.stripWidth) {
      let count = min(Self.stripWidth, map.width - first)
      transpose(map, columns: first..<first + count, into: &strip, pitch: pitch)
      let labels = strip.span
      for column in 0..<count {
        let origin = (first + column) * map.height
        var y = 0
        while y < map.height {
          let id = labels[column &* pitch &+ y]
          let start = y
          repeat { y &+= 1 } while y < map.height && labels[column &* pitch &+ y] == id
          let position = table.position(of: id)
          if position >= 0 { masks[position].append(origin + start..<origin + y) }
        }
      }
    }
    return masks.indices.map { masks[$0].finish(length: map.width * map.height) }
  }

  private static func transpose(
    _ map: LabelMap, columns: Range<Int>, into strip: inout ContiguousArray<Int32>, pitch: Int
  ) {
    let labels = map.labels.span
    var target = strip.mutableSpan
    for y in 0..<map.height {
      let row = y &* map.width &+ columns.lowerBound
      for column in 0..<columns.count { target[column &* pitch &+ y] = labels[row &+ column] }
    }
  }
}

/// The mask of one segment, run by run.
private struct RunLengthMask {
  private var text: [UInt8] = []
  private var run = 0..<0
  /// The end of the run before.
  private var end = 0
  /// The last two lengths, and how many there were.
  private var (last, secondLast, count) = (0, 0, 0)

  /// Adds pixels; runs come in order, and a run may go on where the last one ended, at the foot of a column.
  mutating func append(_ pixels: Range<Int>) {
    if pixels.lowerBound == run.upperBound && !run.isEmpty {
      run = run.lowerBound..<pixels.upperBound
    } else {
      close()
      run = pixels
    }
  }

  mutating func finish(length: Int) -> [UInt8] {
    close()
    if end < length { write(length - end) }
    return text
  }

  private mutating func close() {
    guard !run.isEmpty else { return }
    write(run.lowerBound - end)
    write(run.count)
    end = run.upperBound
  }

  /// A length as the difference from the one before the last, from the fourth on; in groups of five bits, lowest first,
  /// the sixth bit telling that more follow; as characters from "0" on.
  private mutating func write(_ length: Int) {
    var rest = count > 2 ? length - secondLast : length
    var hasMore: Bool
    repeat {
      let group = rest & 0x1f
      rest >>= 5
      hasMore = rest != (group & 0x10 != 0 ? -1 : 0)
      text.append(UInt8(48 + group + (hasMore ? 0x20 : 0)))
    } while hasMore
    (last, secondLast, count) = (length, last, count + 1)
  }
}
