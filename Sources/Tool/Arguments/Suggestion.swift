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
    let letters = typed.count
    let words = names.map { $0.lowercased() }
    let longer = names.indices.filter { words[$0].hasPrefix(typed) }
    if letters > 1, (1...3).contains(longer.count) { return longer.map { names[$0] } }
    // A third of a name's letters may differ. The distance is at least the difference of the lengths, which excludes some names.
    // A distance above the largest third of the other names does not lead to a result.
    let differences = words.map { abs($0.count - letters) }
    let thirds = names.map { max(1, $0.count / 3) }
    guard var limit = names.indices.filter({ differences[$0] <= thirds[$0] }).map({ thirds[$0] }).max() else {
      return []
    }
    var nearest: (name: String, distance: Int)?
    for index in names.indices where differences[index] <= limit {
      guard let distance = editDistance(typed, words[index], limit: limit) else { continue }
      nearest = (names[index], distance)
      if distance == 0 { break }
      limit = distance - 1
    }
    guard let nearest, nearest.distance <= max(1, nearest.name.count / 3) else { return [] }
    return [nearest.name]
  }

  /// The most names of a folder among which a path is looked for. It bounds the cost of a list with many missing images.
  package static let folderLimit = 1000

  /// Returns an existing path that is close to a path that does not exist.
  package static func path(closeTo path: String) -> String? {
    guard Directory.kind(of: path) == nil else { return nil }
    var corrected = path.hasPrefix("/") ? "/" : ""
    for component in path.split(separator: "/") {
      var name = String(component)
      if Directory.kind(of: corrected + name) == nil {
        let folder = corrected.isEmpty ? "." : corrected
        guard let names = try? Directory.names(in: folder, limit: folderLimit),
          let near = closest(to: name, among: names).first
        else { return nil }
        name = near
      }
      corrected += name + "/"
    }
    return String(corrected.dropLast())
  }
}

/// Returns the number of insertions, deletions, substitutions and swaps of neighbors (optimal string alignment distance); nil
/// if it exceeds `limit`.
package func editDistance(_ a: String, _ b: String, limit: Int = .max) -> Int? {
  if limit == 0 { return a == b ? 0 : nil }
  var (a, b) = (Array(a), Array(b))
  // Common beginnings and ends do not change the distance.
  var (start, end) = (0, 0)
  let common = min(a.count, b.count)
  while start < common, a[start] == b[start] { start += 1 }
  while end < common - start, a[a.count - 1 - end] == b[b.count - 1 - end] { end += 1 }
  (a, b) = (Array(a[start..<a.count - end]), Array(b[start..<b.count - end]))
  // The last two rows of the matrix of distances.
  var (before, last) = ([Int](), Array(0...b.count))
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var distance = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { distance = min(distance, before[j - 1] + 1) }
      row.append(distance)
    }
    (before, last) = (last, row)
    // Later rows follow from these two, and never fall below both.
    if last.allSatisfy({ $0 > limit }), before.allSatisfy({ $0 > limit }) { return nil }
  }
  return last[b.count] <= limit ? last[b.count] : nil
}
