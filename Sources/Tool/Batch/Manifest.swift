// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A list of images: a path a line, paths that end with a NUL, or JSON objects `{"id":…,"path":…}` a line. Paths are relative
/// to the working directory.
struct Manifest {
  /// What messages call the list.
  let name: String
  let isNullSeparated: Bool
  private var count = 0
  private var isJSON: Bool?

  init(name: String, isNullSeparated: Bool) {
    self.name = name
    self.isNullSeparated = isNullSeparated
  }

  /// The byte that ends a line.
  var separator: UInt8 { isNullSeparated ? 0 : UInt8(ascii: "\n") }

  /// - Parameter path: "-" is standard input.
  /// - Throws: `ToolError` with exit code 4 for a list that cannot be read or understood.
  static func read(_ path: String, isNullSeparated: Bool) throws(ToolError) -> [BatchInput] {
    let bytes = try InputFile.bytes(path, as: .badInput)
    var manifest = Manifest(name: path == "-" ? "standard input" : path, isNullSeparated: isNullSeparated)
    var inputs: [BatchInput] = []
    for line in ByteLines(bytes, separator: manifest.separator) {
      if let input = try manifest.entry(line) { inputs.append(input) }
    }
    return inputs
  }

  /// Takes the next line, without its end.
  ///
  /// - Returns: nil for an empty one.
  /// - Throws: `ToolError` with exit code 4 for one that names no image; the next can be taken all the same.
  mutating func entry(_ bytes: ArraySlice<UInt8>) throws(ToolError) -> BatchInput? {
    count += 1
    var line = bytes
    // Editors on Windows put a mark of the encoding in front.
    if count == 1 && line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
    if !isNullSeparated && line.last == UInt8(ascii: "\r") { line = line.dropLast() }
    guard !line.isEmpty else { return nil }
    let place = place
    guard let text = String(validating: line, as: UTF8.self) else {
      throw ToolError(.badInput, "\(place): the path is not UTF-8", hint: "rename the file")
    }
    // The first line decides: a path that begins with a brace can be written "./{".
    let isObject = isJSON ?? (!isNullSeparated && text.hasPrefix("{"))
    isJSON = isObject
    if isObject { return try Self.object(line, place) }
    guard !line.contains(0) else {
      throw ToolError(.badInput, "\(place): the path contains NUL", hint: "use -0 for paths that end with NUL")
    }
    return try Self.input(text, id: nil, place)
  }

  /// Where the line lies that was taken last.
  var place: String { "\(name), \(isNullSeparated ? "entry" : "line") \(count)" }

  private static func object(_ line: ArraySlice<UInt8>, _ place: String) throws(ToolError) -> BatchInput {
    let value = try ToolError.reading(place, as: .badInput) { try JSON.parse(line) }
    guard let path = value["path"]?.string, !path.isEmpty, !path.utf8.contains(0) else {
      throw ToolError(
        .badInput, "\(place): \"path\" is missing", hint: "expected {\"id\":\"a/1\",\"path\":\"photos/1.jpg\"}")
    }
    let id: String?
    switch value["id"] {
    case nil, .null: id = nil
    case .string(let text): id = text
    case .integer(let number): id = "\(number)"
    default: throw ToolError(.badInput, "\(place): \"id\" must be text or a whole number")
    }
    return try input(path, id: id, place)
  }

  private static func input(_ path: String, id: String?, _ place: String) throws(ToolError) -> BatchInput {
    guard path != "-" else { throw ToolError(.badInput, "\(place): a list cannot contain standard input (-)") }
    let input = BatchInput(listed: path, id: id)
    guard !input.file.isEmpty, !input.relativePath.utf8.contains(0) else {
      throw ToolError(.badInput, "\(place): '\(id ?? path)' is not the name of a file")
    }
    return input
  }
}
