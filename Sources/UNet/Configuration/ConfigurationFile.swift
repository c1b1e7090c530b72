// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A `config.json`, read with the types its entries must have.
struct ConfigurationFile {
  let path: String
  let root: JSON

  init(path: String) throws(CheckpointError) {
    let bytes: [UInt8]
    do {
      bytes = try MappedFile.contents(of: path, limit: 1 << 26)
    } catch {
      throw .system(error)
    }
    try self.init(path: path, text: bytes)
  }

  /// - Parameter path: for messages.
  init(path: String, text: [UInt8]) throws(CheckpointError) {
    do {
      root = try JSON.parse(text[...])
    } catch {
      throw .badConfiguration(path: path, reason: "\(error)")
    }
    guard root.object != nil else { throw .badConfiguration(path: path, reason: "not a JSON object") }
    self.path = path
  }

  /// An object within the file; nil if it is absent.
  func object(_ key: String) throws(CheckpointError) -> ConfigurationFile? {
    guard let value = self[key] else { return nil }
    guard value.object != nil else { throw mistyped(key, "an object") }
    return ConfigurationFile(path: path, root: value)
  }

  private init(path: String, root: JSON) {
    (self.path, self.root) = (path, root)
  }

  /// Nil when there is no such file.
  init?(ifPresent path: String) throws(CheckpointError) {
    guard Directory.hasFile(path) else { return nil }
    try self.init(path: path)
  }

  /// An entry; nil when it is absent or null.
  subscript(key: String) -> JSON? { root[key].flatMap { $0 == .null ? nil : $0 } }

  /// A whole number above 0.
  func count(_ key: String) throws(CheckpointError) -> Int? {
    guard let value = self[key] else { return nil }
    guard let count = value.integer, count > 0 else { throw mistyped(key, "a whole number above 0") }
    return count
  }

  /// A whole number above 0 that must be there; sums and products of a few do not overflow.
  func requiredCount(_ key: String) throws(CheckpointError) -> Int {
    guard let count = try count(key), count <= Int32.max else {
      throw mistyped(key, "a whole number from 1 to \(Int32.max)")
    }
    return count
  }

  /// A number above 0.
  func positive(_ key: String) throws(CheckpointError) -> Float? {
    guard let value = self[key] else { return nil }
    guard let number = value.double.map(Float.init), number > 0, number.isFinite else {
      throw mistyped(key, "a number above 0")
    }
    return number
  }

  func text(_ key: String) throws(CheckpointError) -> String? {
    guard let value = self[key] else { return nil }
    guard let text = value.string else { throw mistyped(key, "a string") }
    return text
  }

  /// One number for all blocks or a list with one for each; nil past the end of a list.
  func count(_ key: String, block: Int) throws(CheckpointError) -> Int? {
    guard case .array(let elements) = self[key] else { return try count(key) }
    guard block < elements.count else { return nil }
    guard let count = elements[block].integer, count > 0 else { throw mistyped(key, "whole numbers above 0") }
    return count
  }

  /// For a block, one number for all its layers or a list with one for each.
  func counts(_ key: String, block: Int, layers: Int) throws(CheckpointError) -> [Int]? {
    guard case .array(let elements) = self[key], block < elements.count, case .array(let list) = elements[block] else {
      return try count(key, block: block).map { Array(repeating: $0, count: layers) }
    }
    let counts = list.compactMap(\.integer)
    guard counts.count == list.count else { throw mistyped(key, "whole numbers above 0") }
    return counts
  }

  /// Rejects an entry that differs from the weights; an entry may be missing.
  func agrees(_ key: String, _ found: Int?, with weights: Int) throws(CheckpointError) {
    guard let found, found != weights else { return }
    throw .configurationMismatch(path: path, key: key, found: "\(found)", weights: "\(weights)")
  }

  func agrees(_ key: String, _ found: [Int]?, with weights: [Int]) throws(CheckpointError) {
    guard let found, found != weights else { return }
    throw .configurationMismatch(path: path, key: key, found: "\(found)", weights: "\(weights)")
  }

  /// Rejects settings that would change the computation. A missing or null entry has the default.
  func requires(_ settings: [(key: String, values: [JSON])]) throws(CheckpointError) {
    for (key, values) in settings {
      guard let found = self[key] else { continue }
      let isSupported = values.contains { $0 == found || ($0.double != nil && $0.double == found.double) }
      if isSupported { continue }
      let expected = values.isEmpty ? "null" : values.map(\.shortText).joined(separator: " or ")
      throw .unsupportedSetting(path: path, key: key, found: found.shortText, expected: expected)
    }
  }

  func mistyped(_ key: String, _ expected: String) -> CheckpointError {
    .badConfiguration(path: path, reason: "\(key) is \(self[key]?.shortText ?? "missing"), expected \(expected)")
  }
}

extension JSON {
  /// As it stands in a file, nested values cut short.
  var shortText: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): jsonString(value)
    case .array(let elements): elements.isEmpty ? "[]" : "a list"
    case .object: "an object"
    }
  }
}
