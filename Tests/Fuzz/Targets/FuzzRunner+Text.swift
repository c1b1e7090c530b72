// SPDX-License-Identifier: Apache-2.0
import Tensor
import Tool

extension FuzzRunner {
  func json(_ bytes: [UInt8]) throws {
    let value = try JSON.parse(bytes[...])
    guard let text = value.string else { return }
    let again = try JSON.parse(Array(jsonString(text).utf8)[...])
    precondition(again == value, "\(text)")
  }

  /// A command's name and its arguments, with zeros between them, and every way to read an option's value.
  func arguments(_ bytes: [UInt8]) throws {
    let words = bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    guard let command = CommandTable.commands.first(where: { $0.name == words[0] }) else { return }
    let parsed = try ParsedArguments(Array(words.dropFirst()), for: command)
    for name in command.flags.map(\.name) where parsed.has(name) {
      describe { _ = try parsed.double(name, in: -1e300...1e300) }
      describe { _ = try parsed.integer(name, in: Int.min...Int.max) }
      describe { _ = try parsed.size(name) }
      describe { _ = try parsed.numbers(name, in: -1e300...1e300) }
      describe { _ = try parsed.wholeNumbers(name, in: -1000...1000) }
      describe { _ = try parsed.choice(name, of: Shell.self) }
      let text = parsed.string(name) ?? ""
      _ = (ByteCount.parse(text), parsed.list(name))
      describe { _ = try Shard.parse(text, count: nil) { _ in text } }
      describe { _ = try Shard.parse("auto", count: text) { _ in text } }
    }
  }

  /// All lines are read and checked, and none is in the share.
  func manifest(_ bytes: [UInt8]) throws {
    let zeros = bytes.first == 0 ? ["-0"] : []
    let list = try file(bytes)
    try tool(["segment", "--manifest", list, "--shard", "999/1000", "-q", "-o", directory.file("out")] + zeros)
  }

  func list(_ bytes: [UInt8]) throws {
    let path = try file(bytes)
    try tool(["eval", "-q", "--dataset", "folder", "--root", directory.path, "--list", path])
  }

  /// Reports, COCO files and sums are told apart by their beginning.
  func merge(_ bytes: [UInt8]) throws {
    let (first, second) = (try file(bytes), try file(bytes, named: "second"))
    let isSum = bytes.starts(with: Array("{\"kind\"".utf8))
    let output = isSum ? ["--csv", "/dev/null", "--partial", directory.file("sum")] : ["-o", "/dev/null"]
    try tool(["merge", "-q", first] + output)
    if isSum && printsText {
      try tool(["merge", first])
      try tool(["merge", "--json", first])
    }
    try tool(["merge", "-q", first, second] + output)
  }

  /// A list of features and labels, none of which are there.
  func patches(_ bytes: [UInt8]) throws {
    let path = try file(bytes)
    try tool(["coherence", "roc", "-q", "--manifest", path])
  }

  /// What a run finds beside the results of an earlier one.
  func record(_ bytes: [UInt8]) throws {
    guard let record = CompletionRecord(bytes) else { throw JSONError(offset: 0, reason: "no record") }
    precondition(CompletionRecord(record.encoded) == record)
  }

  func curve(_ bytes: [UInt8]) throws {
    let path = try file(bytes)
    try tool(["coherence", "plot", "-q", path, "-o", directory.file("plot.svg")])
  }

  private func tool(_ arguments: [String]) throws {
    do {
      _ = try Tool.run(arguments)
    } catch let error as ToolError {
      throw error
    } catch {
      preconditionFailure("a bug: \(error)")
    }
  }
}
