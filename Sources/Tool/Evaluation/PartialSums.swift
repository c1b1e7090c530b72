// SPDX-License-Identifier: Apache-2.0
import Tensor

/// One line of a file of `--partial`: sums of some images, which 'diffcut merge' adds to those of others.
struct PartialSums {
  /// The file, and the line where there are several.
  private let place: String
  private let json: JSON

  /// - Parameter place: for messages.
  /// - Throws: `ToolError` with exit code 3.
  init(_ line: ArraySlice<UInt8>, at place: String) throws(ToolError) {
    self.place = place
    json = try ToolError.reading(place) { try JSON.parse(line) }
  }

  /// Returns the lines of a file, at least one.
  ///
  /// - Throws: `ToolError` with exit code 3.
  static func lines(of path: String) throws(ToolError) -> [PartialSums] {
    let bytes = try InputFile.bytes(path)
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    guard bytes.first(where: { !($0 == 0x20 || (9...13).contains($0)) }) == UInt8(ascii: "{") else {
      // The advice for .npz is about arrays.
      let kind = FileKind.recognize(Array(bytes.prefix(64))).map { $0 == .npz ? .zip : $0 }
      let reason = FileKind.mismatch(
        kind, expected: "sums, a report or a COCO file",
        remedy: "pass files of 'eval --partial', 'segment --report' or 'segment -f coco'")
      throw ToolError(.badModel, "\(path == "-" ? "standard input" : path): \(reason)")
    }
    return try lines.enumerated().map { index, line throws(ToolError) in
      try PartialSums(line, at: lines.count > 1 ? "\(path), line \(index + 1)" : path)
    }
  }

  /// What the sums are of.
  var kind: String? { json["kind"]?.string }

  subscript(key: String) -> JSON? { json[key] }

  /// - Parameters:
  ///   - subject: what sums are expected to be of, in words.
  ///   - command: what writes such sums.
  func check(kind: String, of subject: String, command: String) throws(ToolError) {
    guard self.kind == kind else {
      throw ToolError(
        .badModel, "\(place): not sums of \(subject)", hint: "'diffcut \(command) --partial FILE' writes them")
    }
    guard json["v"]?.integer == 1 else {
      throw ToolError(.badModel, "\(place): sums of another version of diffcut", hint: "compute them again")
    }
  }

  func text(_ key: String) throws(ToolError) -> String { try value(key, \.string) }
  func integer(_ key: String) throws(ToolError) -> Int { try value(key, \.integer) }

  func list<Value>(_ key: String, _ element: (JSON) -> Value?) throws(ToolError) -> [Value] {
    let values = json[key]?.array?.map(element) ?? [nil]
    let found = values.compactMap(\.self)
    guard found.count == values.count else { throw wrong(key) }
    return found
  }

  private func value<Value>(_ key: String, _ element: (JSON) -> Value?) throws(ToolError) -> Value {
    guard let value = json[key].flatMap(element) else { throw wrong(key) }
    return value
  }

  func wrong(_ key: String) -> ToolError { ToolError(.badModel, "\(place): '\(key)' is missing or wrong") }

  var contradiction: ToolError { ToolError(.badModel, "\(place): the sums contradict each other") }
}

extension PartialSums {
  /// Refuses to add sums that differ in what they are of.
  ///
  /// - Parameters:
  ///   - members: what is compared, as the first file has it and as the file `name` has it.
  /// - Throws: `ToolError` with exit code 2.
  static func check(
    _ members: [(what: String, first: String, other: String)], named name: String
  ) throws(ToolError) {
    for (what, first, other) in members where first != other {
      throw .usage("\(name): \(what) is '\(other)', but '\(first)' in the first file")
    }
  }

  /// The images of both.
  ///
  /// - Throws: `ToolError` with exit code 2 for an image that both have.
  static func joined(_ images: [String], _ others: [String], named name: String) throws(ToolError) -> [String] {
    let known = Set(images)
    if let twice = others.first(where: known.contains) {
      throw .usage("\(name): image '\(twice)' is in another file too", hint: "pass each file of sums once")
    }
    return images + others
  }
}
