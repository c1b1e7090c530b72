// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor

/// All images of a run that are known before it begins, in the order in which they are worked on: operands as they were given, the images of each folder in
/// the order of their paths' bytes, then the manifest as it is. A list on standard
/// input is none of them: it comes while the run goes on.
struct InputList {
  private(set) var inputs: [BatchInput] = []
  /// Files in folders that are no images.
  private(set) var ignoredCount = 0
  /// Pictures in folders that this tool has written.
  private(set) var ownResultCount = 0
  /// Lines for standard error.
  private(set) var warnings: [String] = []
  /// Whether results go beside the images of a folder.
  private(set) var isInPlace = false
  private var folders: [String] = []
  private var emptyFolders: [(path: String, hasFolders: Bool)] = []

  /// - Parameter results: of the run; nil if there is no folder of results.
  /// - Throws: `ToolError`: exit code 4 for folders and lists that cannot be read, or folders without images.
  init(
    operands: [String], manifest: String?, isNullSeparated: Bool, isRecursive: Bool, results: ResultFolder?,
    template: NameTemplate?
  ) throws(ToolError) {
    for operand in operands {
      if operand != "-" && Directory.exists(operand) {
        try add(folder: operand, isRecursive: isRecursive, results: results, template: template)
      } else {
        inputs.append(BatchInput(operand: operand))
      }
    }
    if let manifest, manifest != "-" { inputs += try Manifest.read(manifest, isNullSeparated: isNullSeparated) }
    if inputs.isEmpty, let first = emptyFolders.first, manifest == nil {
      throw ToolError(
        .badInput, "no images in '\(first.path)'",
        hint: first.hasFolders && !isRecursive ? "use -r to search its subfolders" : nil)
    }
    warnings += emptyFolders.map { "no images in '\($0.path)'" }
  }

  private mutating func add(
    folder: String, isRecursive: Bool, results: ResultFolder?, template: NameTemplate?
  ) throws(ToolError) {
    let path = folder.trimmingSlash
    let key = OutputFile.key(of: path)
    let isOwn = results.map { Directory.exists($0.path) && OutputFile.key(of: $0.path) == key } ?? false
    let found = try ToolError.reading(path, as: .badInput) {
      try FolderListing(
        path, isRecursive: isRecursive, excluded: isOwn ? nil : results.map { OutputFile.key(of: $0.path) })
    }
    ignoredCount += found.ignoredCount
    var images = found.images.map { BatchInput(found: $0, in: path) }
    if isOwn, let results {
      isInPlace = true
      let own = Self.names(ofResultsFor: images, results, template)
      let count = images.count
      images.removeAll { own.contains($0.relativePath) }
      ownResultCount += count - images.count
    }
    if images.isEmpty { emptyFolders.append((folder, found.hasFolders)) }
    inputs += images
  }

  /// What could have been written for images that have been worked on here, in any format: with results beside the images a
  /// second run would otherwise take them for photographs.
  private static func names(
    ofResultsFor images: [BatchInput], _ results: ResultFolder, _ template: NameTemplate?
  ) -> Set<String> {
    var names: Set<String> = []
    for image in images where results.hasRecord(of: image) {
      for format in OutputFormat.allCases {
        for suffix in format.suffixes {
          names.insert(NameTemplate.name(of: image, format, suffix, template))
        }
      }
    }
    return names
  }
}
