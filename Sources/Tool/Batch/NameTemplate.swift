// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor

/// How results are named below their folder, `--name`: text with {dir}, {stem}, {file}, {kind} and {ext}.
struct NameTemplate: Equatable, Sendable {
  private enum Piece: Equatable {
    case text(String)
    case directory, stem, file, kind, ending
  }

  private static let names: [(name: String, piece: Piece)] = [
    ("dir", .directory), ("stem", .stem), ("file", .file), ("kind", .kind), ("ext", .ending),
  ]

  private let pieces: [Piece]

  /// - Throws: `ToolError` with exit code 2.
  init(_ text: String) throws(ToolError) {
    var pieces: [Piece] = []
    var rest = text[...]
    while let brace = rest.firstIndex(of: "{") {
      if brace > rest.startIndex { pieces.append(.text(String(rest[..<brace]))) }
      guard let end = rest[brace...].firstIndex(of: "}") else {
        throw .usage("--name is '\(text)': a closing brace is missing")
      }
      let word = rest[rest.index(after: brace)..<end]
      guard let known = Self.names.first(where: { $0.name == word }) else {
        let known = Self.names.map { "{\($0.name)}" }.joined(separator: ", ")
        throw .usage("--name is '\(text)': unknown {\(word)}", hint: known)
      }
      pieces.append(known.piece)
      rest = rest[rest.index(after: end)...]
    }
    if !rest.isEmpty { pieces.append(.text(String(rest))) }
    let literal = pieces.map { if case .text(let text) = $0 { text } else { "x" } }.joined()
    let parts = Path.parts(literal)
    guard !literal[Path.nameStart(literal)...].isEmpty, !literal.utf8.starts(with: "/".utf8), !parts.contains(".."),
      !parts.contains(Substring(ResultFolder.recordFolder))
    else { throw .usage("--name is '\(text)', expected a path inside the folder of results") }
    self.pieces = pieces
  }

  /// The path below the folder of results.
  func name(directory: String, stem: String, file: String, kind: String, ending: String) -> String {
    let text = pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .directory: directory
      case .stem: stem
      case .file: file
      case .kind: kind
      case .ending: ending
      }
    }.joined()
    // An empty {dir} leaves a slash behind.
    return Path.parts(text).joined(separator: "/")
  }

  /// Where a format's file of an image goes. Without a template the image's name, its extension replaced by the suffix.
  static func name(
    of input: BatchInput, _ format: OutputFormat, _ suffix: String, _ template: NameTemplate?
  ) -> String {
    guard let template else {
      return (input.directory.isEmpty ? "" : "\(input.directory)/") + "\(input.stem).\(suffix)"
    }
    // A suffix without a dot is an ending alone.
    let dot = suffix.lastIndex(of: ".")
    return template.name(
      directory: input.directory, stem: input.stem, file: input.file,
      kind: dot.map { String(suffix[..<$0]) } ?? format.rawValue,
      ending: dot.map { String(suffix[suffix.index(after: $0)...]) } ?? suffix)
  }
}
