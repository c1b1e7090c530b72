// SPDX-License-Identifier: Apache-2.0

/// A JSON value (RFC 8259), read strictly: one value, no comments, no trailing commas, keys unique.
package enum JSON: Equatable, Sendable {
  case null
  case bool(Bool)
  /// A number that is written as an integer and fits.
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  package subscript(key: String) -> JSON? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  package var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  package var object: [String: JSON]? { if case .object(let value) = self { value } else { nil } }
  package var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// - Parameters:
  ///   - bytes: the text.
  ///   - maximumDepth: arrays and objects inside one another.
  ///   - maximumCount: values in all. Two bytes of text may become a hundred in memory; a model's index has some thousand.
  /// - Throws: `JSONError` with the byte offset of what is wrong.
  package static func parse(
    _ bytes: ArraySlice<UInt8>, maximumDepth: Int = 64, maximumCount: Int = 1 << 22
  ) throws(JSONError) -> JSON {
    var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth, maximumCount: maximumCount)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.isAtEnd else { throw parser.failure("unexpected text after the value") }
    return value
  }
}

package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Bytes from the start of the text.
  package let offset: Int
  package let reason: String

  package init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }

  package var description: String { "invalid JSON: \(reason) at byte \(offset)" }
}

private struct JSONParser {
  let bytes: ArraySlice<UInt8>
  let maximumDepth: Int
  let maximumCount: Int
  private var count = 0
  var position: Int

  init(bytes: ArraySlice<UInt8>, maximumDepth: Int, maximumCount: Int) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
    self.maximumCount = maximumCount
    position = bytes.startIndex
  }

  var isAtEnd: Bool { position == bytes.endIndex }
  private var next: UInt8? { isAtEnd ? nil : bytes[position] }

  func failure(_ reason: String) -> JSONError { JSONError(offset: position - bytes.startIndex, reason: reason) }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ character: Character) throws(JSONError) {
    guard next == character.asciiValue else { throw failure("expected '\(character)'") }
    position += 1
  }

  private mutating func takes(_ character: Character) -> Bool {
    guard next == character.asciiValue else { return false }
    position += 1
    return true
  }

  mutating func value(depth: Int) throws(JSONError) -> JSON {
    skipSpace()
    count += 1
    guard count <= maximumCount else { throw failure("more than \(maximumCount) values") }
    if next == UInt8(ascii: "{") || next == UInt8(ascii: "[") {
      guard depth < maximumDepth else { throw failure("nested more than \(maximumDepth) levels deep") }
    }
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw failure("unexpected end")
    default: return try number()
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    let expected = Array("\(text)".utf8)
    guard bytes[position...].starts(with: expected) else { throw failure("unexpected character") }
    position += expected.count
    return value
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSON {
    var members: [String: JSON] = [:]
    try take("{")
    skipSpace()
    if takes("}") { return .object(members) }
    while true {
      skipSpace()
      let start = position
      let key = try string()
      skipSpace()
      try take(":")
      let member = try value(depth: depth + 1)
      guard members.updateValue(member, forKey: key) == nil else {
        position = start
        throw failure("duplicate key \"\(key)\"")
      }
      skipSpace()
      if takes("}") { return .object(members) }
      try take(",")
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSON {
    var elements: [JSON] = []
    try take("[")
    skipSpace()
    if takes("]") { return .array(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if takes("]") { return .array(elements) }
      try take(",")
    }
  }

  private mutating func string() throws(JSONError) -> String {
    try take("\"")
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let result = String(validating: text, as: UTF8.self) else { throw failure("string is not valid UTF-8") }
        return result
      case UInt8(ascii: "\\"):
        text.append(contentsOf: try escape())
      case 0..<0x20: throw failure("control character in a string")
      default: text.append(byte)
      }
    }
    throw failure("unterminated string")
  }

  private mutating func escape() throws(JSONError) -> [UInt8] {
    guard let byte = next else { throw failure("unterminated string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if (0xd800..<0xdc00).contains(code) {
        guard takes("\\"), takes("u") else { throw failure("incomplete surrogate pair") }
        let low = try hexadecimal()
        guard (0xdc00..<0xe000).contains(low) else { throw failure("incomplete surrogate pair") }
        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("incomplete surrogate pair") }
      return Array(String(scalar).utf8)
    default: throw failure("unknown escape sequence")
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("expected four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  private mutating func digits() throws(JSONError) {
    guard let byte = next, (0x30...0x39).contains(byte) else { throw failure("expected a digit") }
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
  }

  private mutating func number() throws(JSONError) -> JSON {
    let start = position
    _ = takes("-")
    let first = next
    try digits()
    if first == UInt8(ascii: "0") && bytes[start..<position].count(where: { $0 != UInt8(ascii: "-") }) > 1 {
      position = start
      throw failure("number with a leading zero")
    }
    var isInteger = true
    if takes(".") {
      isInteger = false
      try digits()
    }
    if takes("e") || takes("E") {
      isInteger = false
      if !takes("+") { _ = takes("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let integer = Int(text) { return .integer(integer) }
    guard let value = Double(text), value.isFinite else {
      position = start
      throw failure("number out of range")
    }
    return .number(value)
  }
}
