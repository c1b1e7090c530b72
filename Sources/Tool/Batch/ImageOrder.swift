// SPDX-License-Identifier: Apache-2.0

/// The order of joined images: that of their names' bytes, as in a folder, or that of a list.
struct ImageOrder {
  private let positions: [String: Int]?

  /// - Parameter manifest: a list as `segment --manifest` takes it.
  init(manifest: String?) throws(ToolError) {
    guard let manifest else {
      positions = nil
      return
    }
    let inputs = try Manifest.read(manifest, isNullSeparated: false)
    positions = Dictionary(
      inputs.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
  }

  /// - Throws: `ToolError` with exit code 2 for an image that is not in the list.
  func sorted<Value>(_ images: [(name: String, value: Value)]) throws(ToolError) -> [Value] {
    guard let positions else {
      return images.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }.map(\.value)
    }
    if let unknown = images.first(where: { positions[$0.name] == nil }) {
      throw .usage("image '\(unknown.name)' is not in the list of --manifest", hint: "pass the list of the run")
    }
    return images.sorted { positions[$0.name] ?? 0 < positions[$1.name] ?? 0 }.map(\.value)
  }
}
