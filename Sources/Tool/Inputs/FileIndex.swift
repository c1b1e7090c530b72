// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The files of a folder by the ids of their images: photographs, label maps or features.
///
/// The id is the name without the ending; of a file in a folder of the folder it begins with that folder's name and a slash. The
/// folder is listed once. Hidden files and files with other endings are skipped. Endings match in upper case too.
package struct FileIndex {
  /// What the files hold.
  package struct Kind {
    /// In the plural, and the article and noun of one file, for messages.
    let plural: String
    let noun: String
    let endings: [String]
    /// Whether the first ending that an image has is taken. Otherwise two files of one image are an error.
    var prefersFirst = false

    /// Endings of the formats that are decoded.
    package static let photographs = Kind(
      plural: "photographs", noun: "photograph",
      endings: [".jpg", ".jpeg", ".png", ".ppm", ".pgm", ".pbm", ".pnm", ".pam"])

    package static func photographs(_ endings: [String]) -> Kind {
      Kind(plural: photographs.plural, noun: photographs.noun, endings: endings)
    }

    package static func labelMaps(_ endings: [String], prefersFirst: Bool = false) -> Kind {
      Kind(plural: "label maps", noun: "label map", endings: endings, prefersFirst: prefersFirst)
    }

    package static let features = Kind(
      plural: "features", noun: "features", endings: [".npy", ".safetensors", ".features.safetensors"])
  }

  /// Where the files lie.
  package enum Level {
    case folder
    /// In the folders of the folder, as in sets with a folder for each city.
    case subfolders
    /// In either; a file that lies in none of the folders is found without the folder's name in the id.
    case both
  }

  package let kind: Kind
  package let folder: String
  private let level: Level
  private let code: ExitCode
  /// In the order of the endings.
  private var files: [String: [String]] = [:]

  /// Lists a folder.
  ///
  /// - Parameters:
  ///   - code: the exit code for a folder that cannot be read, and for missing and ambiguous files.
  ///   - hint: what the folder should hold, for a folder that cannot be read.
  package init(
    _ kind: Kind, in folder: String, level: Level = .folder, as code: ExitCode, hint: String? = nil
  ) throws(ToolError) {
    (self.kind, self.folder, self.level, self.code) = (kind, folder, level, code)
    do {
      try list("")
    } catch {
      let failure = ToolError(error, reading: folder, as: code)
      throw ToolError(failure.code, failure.message, hint: hint ?? failure.hint)
    }
    for (id, names) in files where names.count > 1 {
      files[id] = kind.endings.flatMap { ending in names.filter { self.ending(of: $0) == ending } }
    }
  }

  private mutating func list(_ subfolder: String) throws(FileError) {
    let prefix = subfolder.isEmpty ? "" : "\(subfolder)/"
    for name in try Directory.names(in: path(subfolder)) where !name.hasPrefix(".") {
      if let ending = ending(of: name) {
        if level == .subfolders && subfolder.isEmpty { continue }
        files[prefix + name.dropLast(ending.count), default: []].append(prefix + name)
      } else if level != .folder, subfolder.isEmpty, Directory.exists(path(name)) {
        try list(name)
      }
    }
  }

  /// The longest ending that a name has; a name that is nothing else has none.
  private func ending(of name: String) -> String? {
    let name = name.lowercased()
    return kind.endings.filter { name.hasSuffix($0.lowercased()) && name.count > $0.count }
      .max { $0.count < $1.count }
  }

  private func path(_ name: String) -> String {
    name.isEmpty ? folder : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The ids of all files, in the order of their bytes.
  package var ids: [String] { files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  package func contains(_ id: String) -> Bool { files[id] != nil }

  /// Returns the file of an image.
  ///
  /// - Parameters:
  ///   - excluded: a file that is not meant, as of a label map that lies among the photographs.
  ///   - hint: what else to do about a missing file.
  /// - Throws: `ToolError` for a missing file, and for two files of one image.
  package func path(of id: String, excluding excluded: String? = nil, hint: String? = nil) throws(ToolError) -> String {
    var found = files[id] ?? []
    if found.isEmpty, level == .both, let name = id.split(separator: "/").last { found = files[String(name)] ?? [] }
    if let excluded { found.removeAll { OutputFile.isSameFile(path($0), excluded) } }
    guard let first = found.first else {
      throw ToolError(
        code, "no \(kind.noun) of '\(id)' in '\(folder)'",
        hint: "expected \(id)\(Self.text(kind.endings))" + (hint.map { "; \($0)" } ?? ""))
    }
    guard found.count == 1 || kind.prefersFirst else {
      throw ToolError(
        code, "'\(path(first))' and '\(path(found[1]))' are both \(kind.plural) of '\(id)'",
        hint: "remove one of the two")
    }
    return path(first)
  }

  /// "A, B or C".
  private static func text(_ endings: [String]) -> String {
    guard let last = endings.last, endings.count > 1 else { return endings.joined() }
    return "\(endings.dropLast().joined(separator: ", ")) or \(last)"
  }
}
