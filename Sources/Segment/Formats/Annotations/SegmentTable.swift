// SPDX-License-Identifier: Apache-2.0
import Segment

/// The segments of a label map by increasing id.
///
/// Ids are taken as they are: they need not follow one another. Ids below 1 are void and no segment.
struct SegmentTable {
  struct Segment: Equatable {
    let id: Int32
    fileprivate(set) var area = 0
    /// The bounding box, in pixels.
    fileprivate(set) var columns: Range<Int>
    fileprivate(set) var rows: Range<Int>
    /// Sums of twice the pixels' centers.
    fileprivate var doubledSum = SIMD2<Int>()

    /// The mean of the pixels' centers; that of the first pixel of an image is (1/2, 1/2).
    var center: SIMD2<Double> { SIMD2<Double>(doubledSum) / Double(2 * area) }
  }

  let segments: [Segment]
  private let index: IdentifierIndex

  init(_ map: LabelMap) {
    var index = IdentifierIndex(largest: map.labels.max() ?? 0)
    var found: [Segment] = []
    for y in 0..<map.height {
      map.forEachRun(inRow: y) { id, columns in
        guard id > 0 else { return }
        var slot = index[id]
        if slot < 0 {
          slot = found.count
          index[id] = slot
          found.append(Segment(id: id, columns: columns, rows: y..<y + 1))
        }
        let box = found[slot].columns
        found[slot].area += columns.count
        found[slot].doubledSum &+= SIMD2(columns.lowerBound + columns.upperBound, 2 * y + 1) &* columns.count
        found[slot].columns =
          min(box.lowerBound, columns.lowerBound)..<max(box.upperBound, columns.upperBound)
        found[slot].rows = found[slot].rows.lowerBound..<y + 1
      }
    }
    found.sort { $0.id < $1.id }
    for (position, segment) in found.enumerated() { index[segment.id] = position }
    segments = found
    self.index = index
  }

  /// The position of an id in `segments`, -1 for void.
  func position(of id: Int32) -> Int { id > 0 ? index[id] : -1 }
}

/// A number for each of some ids: a table where ids are small, which they nearly always are.
private struct IdentifierIndex {
  private static let largestTable: Int32 = 1 << 22

  private var table: [Int32] = []
  private var others: [Int32: Int32] = [:]

  init(largest: Int32) {
    if largest <= Self.largestTable { table = [Int32](repeating: -1, count: Int(max(0, largest)) + 1) }
  }

  subscript(id: Int32) -> Int {
    get { Int(table.isEmpty ? others[id] ?? -1 : table[Int(id)]) }
    set { if table.isEmpty { others[id] = Int32(newValue) } else { table[Int(id)] = Int32(newValue) } }
  }
}
