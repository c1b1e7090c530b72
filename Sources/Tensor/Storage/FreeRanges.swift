// SPDX-License-Identifier: Apache-2.0

/// Which bytes of a region are free, as ranges of offsets in increasing order, none touching the next.
///
/// An allocation uses the start of the first range that fits. Memory in use thus gathers at low offsets. Small blocks reuse the
/// range of a large one, and the range becomes whole again when they are released.
package struct FreeRanges {
  package private(set) var ranges: [Range<Int>]
  /// Everything from here on has never been lent since it was last cut off.
  package private(set) var end = 0

  /// A region of which everything is free.
  package init(byteCount: Int) { ranges = [0..<byteCount] }

  /// Free bytes that have been lent before.
  package var idleByteCount: Int {
    ranges.reduce(0) { $0 + max(0, min($1.upperBound, end) - $1.lowerBound) }
  }

  /// Offset of `byteCount` bytes that are now in use; nil when no range is as long.
  package mutating func allocate(_ byteCount: Int) -> Int? {
    guard let index = ranges.firstIndex(where: { $0.count >= byteCount }) else { return nil }
    let start = ranges[index].lowerBound
    if ranges[index].count == byteCount {
      ranges.remove(at: index)
    } else {
      ranges[index] = start + byteCount..<ranges[index].upperBound
    }
    end = max(end, start + byteCount)
    return start
  }

  /// Makes bytes free that were taken.
  package mutating func release(_ bytes: Range<Int>) {
    let next = ranges.firstIndex { $0.lowerBound >= bytes.upperBound } ?? ranges.count
    let joinsNext = next < ranges.count && ranges[next].lowerBound == bytes.upperBound
    let joinsPrevious = next > 0 && ranges[next - 1].upperBound == bytes.lowerBound
    switch (joinsPrevious, joinsNext) {
    case (true, true):
      ranges[next - 1] = ranges[next - 1].lowerBound..<ranges[next].upperBound
      ranges.remove(at: next)
    case (true, false): ranges[next - 1] = ranges[next - 1].lowerBound..<bytes.upperBound
    case (false, true): ranges[next] = bytes.lowerBound..<ranges[next].upperBound
    case (false, false): ranges.insert(bytes, at: next)
    }
  }

  /// The last free bytes that have been lent, as many as are idle beyond a limit: they count as never lent from now on.
  package mutating func trim(to limit: Int) -> Range<Int>? {
    let excess = idleByteCount - limit
    guard excess > 0, let last = ranges.last(where: { $0.lowerBound < end }), last.upperBound >= end else { return nil }
    let cut = max(last.lowerBound, end - excess)..<end
    end = cut.lowerBound
    return cut
  }
}
