// SPDX-License-Identifier: Apache-2.0
import Tensor

/// One image of a run: where it is read from, what it is called, and where its results belong.
struct BatchInput: Equatable, Sendable {
  /// "-" is standard input.
  let path: String
  /// What reports and joined files call it.
  let id: String
  /// Where its results belong below the folder of results; empty for the folder itself.
  let directory: String
  /// Name of the image in `directory`, with and without its extension.
  let file: String
  let stem: String

  /// As it was named: its results go right into the folder of results.
  init(operand path: String) {
    self.init(path: path, id: path, relativePath: path == "-" ? "stdin" : Self.lastPart(path))
  }

  /// Found in a folder: its results go to the same place below the folder of results.
  init(found relativePath: String, in folder: String) {
    let path = folder.hasSuffix("/") ? folder + relativePath : "\(folder)/\(relativePath)"
    self.init(path: path, id: relativePath, relativePath: relativePath)
  }

  /// Listed in a manifest: its id, or else its path, says where its results go. An id may be any name: only an extension
  /// that the file has too is one.
  init(listed path: String, id: String?) {
    let name = Self.inside(id ?? path)
    let pathExtension = Self.extensionStart(path).map { path[$0...] }
    let hasExtension = id == nil || Self.extensionStart(name).map { name[$0...] == pathExtension ?? "" } ?? false
    self.init(path: path, id: id ?? path, relativePath: name, hasExtension: hasExtension)
  }

  private init(path: String, id: String, relativePath: String, hasExtension: Bool = true) {
    self.path = path
    self.id = id
    let file = Self.lastPart(relativePath)
    self.file = file
    directory = (String(relativePath.utf8.dropLast(file.utf8.count)) ?? "").trimmingSlash
    stem = hasExtension ? Self.extensionStart(file).map { String(file[..<$0]) } ?? file : file
  }

  /// Below the folder of results, unique in a run.
  var relativePath: String { directory.isEmpty ? file : "\(directory)/\(file)" }

  /// What messages call it.
  var title: String { path == "-" ? "standard input" : path }

  private static func lastPart(_ path: String) -> String { Path.parts(path).last.map(String.init) ?? path }

  /// Where the last part's extension begins, with its dot; leading dots begin none, or else "..." and an extension would
  /// leave "..".
  private static func extensionStart(_ path: String) -> String.Index? {
    let name = (Path.parts(path).last ?? path[...]).utf8
    let dot = UInt8(ascii: ".")
    return name.drop { $0 == dot }.lastIndex(of: dot)
  }

  /// A path below the folder of results, whatever was given: without "/" in front, "." and "..".
  private static func inside(_ path: String) -> String {
    var kept: [Substring] = []
    for part in Path.parts(path) where part != "." {
      if part == ".." { _ = kept.popLast() } else { kept.append(part) }
    }
    return kept.joined(separator: "/")
  }
}

extension String {
  /// Without slashes at the end, "/" itself excepted.
  var trimmingSlash: String {
    let slash = UInt8(ascii: "/")
    guard let last = utf8.lastIndex(where: { $0 != slash }) else { return isEmpty ? self : "/" }
    return String(Substring(utf8[...last]))
  }
}
