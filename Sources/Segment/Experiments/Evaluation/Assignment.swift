// SPDX-License-Identifier: Apache-2.0

/// The linear assignment problem, with the choice among equal solutions that published scores depend on.
package enum Assignment {
  /// The column of every row, all different, with the largest sum of gains.
  ///
  /// Shortest augmenting paths, row after row, with dual variables. Gains are counts, so that every number of the search is
  /// whole and integers decide ties as SciPy's doubles do.
  ///
  /// Reference behavior: SciPy's `linear_sum_assignment`. Columns not yet visited stand in a list, in descending order at
  /// first; it is scanned as it stands, the place of a visited column is taken by the last one, and of equal paths the
  /// first scanned is taken unless a later one ends at a free column.
  ///
  /// - Shapes: `gain` [rows, columns], rows ≤ columns; result [rows].
  /// - Source: D. Crouse, "On implementing 2D rectangular assignment algorithms", IEEE TAES 52(4), 2016.
  package static func columns(maximizing gain: [Int], rows: Int, columns: Int) -> [Int] {
    precondition(gain.count == rows * columns && rows <= columns, "\(gain.count) gains for \(rows)×\(columns)")
    var rowPrice = [Int](repeating: 0, count: rows)
    var columnPrice = [Int](repeating: 0, count: columns)
    var columnOfRow = [Int?](repeating: nil, count: rows)
    var rowOfColumn = [Int?](repeating: nil, count: columns)
    for start in 0..<rows {
      var search = PathSearch(columns: columns)
      let sink = search.run(
        from: start, gain: gain, rowPrice: rowPrice, columnPrice: columnPrice, rowOfColumn: rowOfColumn)
      rowPrice[start] += search.length
      for row in search.visitedRows where row != start {
        if let column = columnOfRow[row] { rowPrice[row] += search.length - search.distance[column] }
      }
      for column in search.visitedColumns { columnPrice[column] -= search.length - search.distance[column] }
      var column: Int? = sink
      while let free = column {
        let row = search.parent[free]
        rowOfColumn[free] = row
        column = row == start ? nil : columnOfRow[row]
        columnOfRow[row] = free
      }
    }
    return columnOfRow.compactMap(\.self)
  }

  /// The search for the cheapest path from one row to a free column.
  private struct PathSearch {
    /// Cost of the cheapest path to each column so far, and the row before it.
    var distance: [Int]
    var parent: [Int]
    private var unvisited: [Int]
    private(set) var visitedRows: [Int] = []
    private(set) var visitedColumns: [Int] = []
    /// Cost of the path that was found.
    private(set) var length = 0

    init(columns: Int) {
      distance = Array(repeating: .max, count: columns)
      parent = Array(repeating: 0, count: columns)
      unvisited = Array((0..<columns).reversed())
    }

    /// - Returns: the free column at the end of the path.
    mutating func run(
      from start: Int, gain: [Int], rowPrice: [Int], columnPrice: [Int], rowOfColumn: [Int?]
    ) -> Int {
      var row = start
      while true {
        visitedRows.append(row)
        var (lowest, pick) = (Int.max, 0)
        for (place, column) in unvisited.enumerated() {
          let cost = length - gain[row * distance.count + column] - rowPrice[row] - columnPrice[column]
          if cost < distance[column] { (distance[column], parent[column]) = (cost, row) }
          if distance[column] < lowest || (distance[column] == lowest && rowOfColumn[column] == nil) {
            (lowest, pick) = (distance[column], place)
          }
        }
        length = lowest
        let column = unvisited[pick]
        visitedColumns.append(column)
        guard let next = rowOfColumn[column] else { return column }
        row = next
        unvisited[pick] = unvisited[unvisited.count - 1]
        unvisited.removeLast()
      }
    }
  }
}
