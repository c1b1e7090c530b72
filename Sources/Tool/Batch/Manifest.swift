// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A list of images: a path a line, paths that end with a NUL, or JSON objects `{"id":…,"path":…}` a line. Paths are relative
/// to the working directory.
enum Manifest {
  /// - Parameter source: a path, or "-" for standard input.
  /// - Throws: `ToolError` with exit code 4 for a list that cannot be read or understood.
  static func read(_ source: String, isNullSeparated: Bool) throws(ToolError) -> [BatchInput] {
    let bytes: [UInt8]
    do {
      bytes = try MappedFile.contents(of: source)
    } catch {
      throw ToolError(.badInput, "\(error)")
    }
    return try parse(bytes, name: source == "-" ? "standard input" : source, isNullSeparated: isNullSeparated)
  }

  static func parse(_ bytes: [UInt8], name: String, isNullSeparated: Bool) throws(ToolError) -> [BatchInput] {
    let separator: UInt8 = isNullSeparated ? 0 : UInt8(ascii: "\n")
    var inputs: [BatchInput] = []
    var isJSON: Bool?
    // Editors on Windows put a mark of the encoding in front.
    let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    let lines = bytes.split(separator: separator, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      var line = line
      if !isNullSeparated && line.last == UInt8(ascii: "\r") { line = line.dropLast() }
      guard !line.isEmpty else { continue }
      let place = "\(name), \(isNullSeparated ? "entry" : "line") \(index + 1)"
      guard let text = String(validating: line, as: UTF8.self) else {
        throw ToolError(.badInput, "\(place): the path is not UTF-8", hint: "rename the file")
      }
      // The first line decides: a path that begins with a brace can be written "./{".
      let isObject = isJSON ?? (!isNullSeparated && text.hasPrefix("{"))
      isJSON = isObject
      if isObject {
        inputs.append(try object(line, place))
      } else {
        guard !line.contains(0) else {
          throw ToolError(.badInput, "\(place): the path holds a NUL", hint: "-0 reads paths that end with one")
        }
        inputs.append(try input(text, id: nil, place))
      }
    }
    return inputs
  }

  private static func object(_ line: ArraySlice<UInt8>, _ place: String) throws(ToolError) -> BatchInput {
    let value: JSON
    do {
      value = try JSON.parse(line)
    } catch {
      throw ToolError(.badInput, "\(place): \(error)")
    }
    guard let path = value["path"]?.string, !path.isEmpty, !path.utf8.contains(0) else {
      throw ToolError(.badInput, "\(place): no \"path\"", hint: "lines are {\"id\":\"a/1\",\"path\":\"photos/1.jpg\"}")
    }
    let id: String?
    switch value["id"] {
    case nil, .null: id = nil
    case .string(let text): id = text
    case .integer(let number): id = "\(number)"
    default: throw ToolError(.badInput, "\(place): \"id\" is neither text nor a whole number")
    }
    return try input(path, id: id, place)
  }

  private static func input(_ path: String, id: String?, _ place: String) throws(ToolError) -> BatchInput {
    guard path != "-" else { throw ToolError(.badInput, "\(place): a list cannot name standard input") }
    let input = BatchInput(listed: path, id: id)
    guard !input.file.isEmpty, !input.relativePath.utf8.contains(0) else {
      throw ToolError(.badInput, "\(place): '\(id ?? path)' names no file")
    }
    return input
  }
}
