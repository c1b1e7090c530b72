// SPDX-License-Identifier: Apache-2.0

/// An image of a labeled set with its files.
protocol DatasetSample {
  /// The name that lists and results have of the image.
  var id: String { get }
}

extension Array where Element: DatasetSample {
  /// Returns the images that none of the lists of `--exclude` names.
  ///
  /// - Throws: `ToolError` with exit code 4, also for a list of images that are not in the set, and for one of all images.
  func withoutExcluded(_ arguments: ParsedArguments) throws(ToolError) -> [Element] {
    let known = Set(map(\.id))
    var excluded: Set<String> = []
    for list in arguments.strings("exclude") {
      let names = try DatasetList.read(list)
      if let unknown = names.first(where: { !known.contains($0) }) {
        throw ToolError(.badInput, "\(list): '\(unknown)' is not among the \(count) images")
      }
      excluded.formUnion(names)
    }
    guard excluded.count < count else { throw ToolError(.badInput, "--exclude excludes all \(count) images") }
    return filter { !excluded.contains($0.id) }
  }

  /// Returns the share of the images that `--shard` and `--shards` name.
  func share(_ arguments: ParsedArguments) throws(ToolError) -> [Element] {
    let shard = try Shard.parse(arguments)
    return enumerated().filter { shard?.contains($0.offset) ?? true }.map(\.element)
  }
}
