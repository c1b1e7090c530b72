// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Corrections of mistyped words and paths.
package enum Suggestion {
  /// Returns the hint "did you mean 'NAME'?"; nil if no name is close.
  ///
  /// - Parameter prefix: text before each name: "--" for options.
  static func text(for typed: String, among names: [String], prefix: String = "") -> String? {
    let names = closest(to: typed, among: names)
    return names.isEmpty ? nil : "did you mean \(names.map { "'\(prefix)\($0)'" }.listed(by: "or"))?"
  }

  /// Returns the names that begin with the typed word, up to three; else the nearest name, if at most a third of its letters
  /// differ. Upper case counts as lower case.
  package static func closest(to typed: String, among names: [String]) -> [String] {
    let typed = typed.lowercased()
    let longer = names.filter { $0.lowercased().hasPrefix(typed) }
    if typed.count > 1, (1...3).contains(longer.count) { return longer }
    let ranked = names.map { (name: $0, distance: editDistance(typed, $0.lowercased())) }.min {
      $0.distance < $1.distance
    }
    guard let ranked, ranked.distance <= max(1, ranked.name.count / 3) else { return [] }
    return [ranked.name]
  }

  /// Returns an existing path that is close to a path that does not exist.
  package static func path(closeTo path: String) -> String? {
    guard !Directory.hasFile(path), !Directory.exists(path) else { return nil }
    var corrected = path.hasPrefix("/") ? "/" : ""
    for component in path.split(separator: "/") {
      var name = String(component)
      if !Directory.hasFile(corrected + name), !Directory.exists(corrected + name) {
        let folder = corrected.isEmpty ? "." : corrected
        guard let names = try? Directory.names(in: folder), names.count <= 10_000,
          let near = closest(to: name, among: names).first
        else { return nil }
        name = near
      }
      corrected += name + "/"
    }
    return String(corrected.dropLast())
  }
}

/// Insertions, deletions, substitutions and swaps of neighbors (optimal string alignment distance).
package func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var rows = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
  for i in 0...a.count { rows[i][0] = i }
  for j in 0...b.count { rows[0][j] = j }
  for i in a.indices {
    for j in b.indices {
      var distance = min(rows[i][j + 1] + 1, rows[i + 1][j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { distance = min(distance, rows[i - 1][j - 1] + 1) }
      rows[i + 1][j + 1] = distance
    }
  }
  return rows[a.count][b.count]
}
