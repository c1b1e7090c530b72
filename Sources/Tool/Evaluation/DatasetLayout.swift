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
    let labelFiles = try files("\(root)/\(labels)", endings: labelEndings)
    var imageFiles: [String: String] = [:]
    if needsImages {
      let folders = images.map { "\(root)/\($0)" }
      imageFiles = try files(folders.first(where: Directory.exists) ?? folders[0], endings: imageEndings)
    }
    var listed = names
    if let list, listed == nil { listed = try DatasetList.read("\(root)/\(list)") }
    let ids = listed ?? labelFiles.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    if listed == nil, needsImages {
      let lonely = imageFiles.keys.filter { labelFiles[$0] == nil }
      if let first = lonely.min() {
        throw ToolError(
          .badInput, "\(root): \(lonely.count) of \(imageFiles.count) photographs have no labels, such as '\(first)'",
          hint: "--list FILE names the images to take")
      }
    }
    var samples: [EvaluationSample] = []
    for id in ids {
      guard let label = labelFiles[id] else {
        throw ToolError(.badInput, "\(root): no labels of '\(id)', expected \(labels)/\(id)\(labelEndings[0])")
      }
      let image = imageFiles[id]
      if needsImages && image == nil {
        throw ToolError(.badInput, "\(root): no photograph of '\(id)', expected \(images[0])/\(id)\(imageEndings[0])")
      }
      samples.append(EvaluationSample(id: id, image: image, labels: label))
    }
    guard !samples.isEmpty else { throw ToolError(.badInput, "\(root): no images, expected \(tree)") }
    return samples
  }

  /// Those of a folder of the set.
  private func files(_ folder: String, endings: [String]) throws(ToolError) -> [String: String] {
    do {
      return try Self.files(in: folder, endings: endings, hasCities: hasCities)
    } catch let error as FileError {
      throw ToolError(.badInput, "\(error)", hint: "the set should hold \(tree)")
    } catch {
      throw error as? ToolError ?? ToolError(.internalError, "\(error)")
    }
  }

  /// Files by their ids. Others are passed over, as are hidden ones.
  ///
  /// - Parameter hasCities: whether they lie in folders of the folder.
  /// - Throws: `FileError`, or `ToolError` with exit code 4 for two files of one id.
  static func files(in folder: String, endings: [String], hasCities: Bool = false) throws -> [String: String] {
    var files: [String: String] = [:]
    let folders = hasCities ? try Directory.names(in: folder).filter { Directory.exists("\(folder)/\($0)") } : [""]
    for city in folders where !city.hasPrefix(".") {
      let path = city.isEmpty ? folder : "\(folder)/\(city)"
      for name in try Directory.names(in: path) where !name.hasPrefix(".") {
        guard let ending = endings.first(where: name.hasSuffix) else { continue }
        let id = (city.isEmpty ? "" : "\(city)/") + name.dropLast(ending.count)
        if let other = files[id] {
          throw ToolError(.badInput, "'\(other)' and '\(path)/\(name)' are of one image", hint: "remove one of them")
        }
        files[id] = "\(path)/\(name)"
      }
    }
    return files
  }

  /// The file of an image, of Cityscapes also without the city's folder; the first of the endings that is there.
  static func file(of id: String, in folder: String, endings: [String]) -> String? {
    let name = id.split(separator: "/").last.map(String.init) ?? id
    return [id, name].flatMap { id in endings.map { "\(folder)/\(id)\($0)" } }.first(where: Directory.hasFile)
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
