// SPDX-License-Identifier: Apache-2.0

/// Regions of equal labels whose pixels are connected by their edges.
///
/// Runs of equal labels in rows are joined with those they lie under (union and find with halved paths).
package struct PixelComponents {
  private var firstColumns: [Int32] = []
  /// Where each row's runs begin, and the end of the last row's.
  private var rows: [Int32] = []
  private var parents: [Int32] = []

  package init(_ map: LabelMap) {
    var labels: [Int32] = []
    for y in 0..<map.height {
      rows.append(Int32(labels.count))
      map.forEachRun(inRow: y) { label, columns in
        firstColumns.append(Int32(columns.lowerBound))
        labels.append(label)
        parents.append(Int32(parents.count))
      }
    }
    rows.append(Int32(labels.count))
    for y in 1..<max(1, map.height) {
      var above = Int(rows[y - 1])
      var below = Int(rows[y])
      let (lastAbove, lastBelow) = (below, Int(rows[y + 1]))
      while above < lastAbove && below < lastBelow {
        if labels[above] == labels[below] { join(above, below) }
        let endAbove = above + 1 < lastAbove ? firstColumns[above + 1] : Int32(map.width)
        let endBelow = below + 1 < lastBelow ? firstColumns[below + 1] : Int32(map.width)
        if endAbove <= endBelow { above += 1 }
        if endBelow <= endAbove { below += 1 }
      }
    }
    for run in parents.indices { parents[run] = Int32(root(run)) }
  }

  /// A number that the pixels of one component share.
  package func component(row: Int, column: Int) -> Int {
    var (low, high) = (Int(rows[row]), Int(rows[row + 1]))
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(firstColumns[middle]) <= column { low = middle } else { high = middle }
    }
    return Int(parents[low])
  }

  /// The runs of one row of the map that this was made of, each with its component.
  package func forEachRun(of map: LabelMap, inRow row: Int, _ body: (Int32, Range<Int>, _ component: Int) -> Void) {
    var run = Int(rows[row])
    map.forEachRun(inRow: row) { label, columns in
      body(label, columns, Int(parents[run]))
      run += 1
    }
  }

  private mutating func join(_ first: Int, _ second: Int) {
    let (a, b) = (root(first), root(second))
    parents[max(a, b)] = Int32(min(a, b))
  }

  private mutating func root(_ run: Int) -> Int {
    var run = run
    while Int(parents[run]) != run {
      parents[run] = parents[Int(parents[run])]
      run = Int(parents[run])
    }
    return run
  }
}
