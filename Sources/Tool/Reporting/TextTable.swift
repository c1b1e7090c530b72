// SPDX-License-Identifier: Apache-2.0

/// Rows of cells in columns: the first one flush left, numbers flush right.
enum TextTable {
  static func text(_ rows: [[String]]) -> String {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        column == 0 ? padded(row[column], to: widths[column]) : flushRight(row[column], in: widths[column])
      }
      let line = "  " + cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
  }
}

/// Returns a text with spaces behind it, at least `width` characters in all.
func padded(_ text: String, to width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

/// Returns a text with spaces in front of it, at least `width` characters in all.
func flushRight(_ text: String, in width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}
