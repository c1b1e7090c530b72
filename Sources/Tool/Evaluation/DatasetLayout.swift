// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// Where a set's images and labels are below its root.
struct DatasetLayout {
  /// The first of these that is there.
  let images: [String]
  let labels: String
  /// A file of the set that names its images.
  var list: String?
  var imageEndings = [".jpg"]
  var labelEndings = [".png"]
  /// Whether both folders have a folder for each city.
  var hasCities = false
  /// Labels tell borders of objects from background.
  var keepsBorders = false

  /// The files, as a path with stars for each kind.
  var tree: String {
    let city = hasCities ? "CITY/" : ""
    func files(_ endings: [String]) -> String {
      city + (endings.count > 2 ? "*" : endings.map { "*\($0)" }.joined(separator: ", "))
    }
    return
      ([images.map { "\($0)/\(files(imageEndings))" }.joined(separator: " or "), "\(labels)/\(files(labelEndings))"]
      + [list].compactMap(\.self)).joined(separator: " and ")
  }

  /// The images to score, in the order of their names' bytes, or of the list.
  ///
  /// - Parameters:
  ///   - names: images to take in place of all.
  ///   - needsImages: whether photographs are looked for.
  /// - Throws: `ToolError` with exit code 4: folders that cannot be read, labels or photographs without the other.
  func samples(root: String, names: [String]?, needsImages: Bool) throws(ToolError) -> [EvaluationSample] {
    let level: FileIndex.Level = hasCities ? .subfolders : .folder
    let hint = "the set should contain \(tree)"
    let labelFiles = try FileIndex(
      .labelMaps(labelEndings), in: "\(root)/\(labels)", level: level, as: .badInput, hint: hint)
    var photographs: FileIndex?
    if needsImages {
      let folders = images.map { "\(root)/\($0)" }
      photographs = try FileIndex(
        .photographs(imageEndings), in: folders.first(where: Directory.exists) ?? folders[0], level: level,
        as: .badInput, hint: hint)
    }
    var listed = names
    if let list, listed == nil { listed = try DatasetList.read("\(root)/\(list)") }
    if listed == nil, let ids = photographs?.ids {
      let unlabeled = ids.filter { !labelFiles.contains($0) }
      if let first = unlabeled.first {
        throw ToolError(
          .badInput, "\(root): \(unlabeled.count) of \(ids.count) photographs lack labels, such as '\(first)'",
          hint: "use --list FILE to choose the images")
      }
    }
    let samples = try (listed ?? labelFiles.ids).map { id throws(ToolError) in
      let labels = try labelFiles.path(of: id)
      return EvaluationSample(id: id, image: try photographs?.path(of: id), labels: labels)
    }
    guard !samples.isEmpty else { throw ToolError(.badInput, "\(root): no images, expected \(tree)") }
    return samples
  }
}

/// A file that names images, one a line.
enum DatasetList {
  /// Empty lines are passed over, and so are endings of names that are known from files.
  ///
  /// - Throws: `ToolError` with exit code 4.
  static func read(_ path: String) throws(ToolError) -> [String] {
    let bytes = try InputFile.bytes(path, as: .badInput)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ToolError(.badInput, "\(path): the list is not UTF-8")
    }
    var seen: Set<String> = []
    var names: [String] = []
    for line in text.split(whereSeparator: \.isNewline) {
      var name = line.drop(while: \.isWhitespace)
      while name.last?.isWhitespace == true { name.removeLast() }
      for ending in [".jpg", ".png"] where name.hasSuffix(ending) { name.removeLast(ending.count) }
      guard !name.isEmpty else { continue }
      guard seen.insert(String(name)).inserted else {
        throw ToolError(.badInput, "\(path): '\(name)' is listed twice")
      }
      names.append(String(name))
    }
    guard !names.isEmpty else { throw ToolError(.badInput, "\(path): the list is empty") }
    return names
  }
}
