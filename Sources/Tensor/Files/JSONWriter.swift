// SPDX-License-Identifier: Apache-2.0

/// A JSON value for writing, whose members keep their order. `JSON` is the type for reading.
package enum OrderedJSON: Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  /// A number; written as null where it is not finite.
  case number(Double)
  case string(String)
  case array([OrderedJSON])
  case object([Member])

  package struct Member: Equatable, Sendable {
    package let key: String
    package let value: OrderedJSON

    package init(key: String, value: OrderedJSON) {
      self.key = key
      self.value = value
    }
  }

  package static func integers(_ values: some Sequence<Int>) -> OrderedJSON { .array(values.map { .integer($0) }) }
  package static func numbers(_ values: [Double]) -> OrderedJSON { .array(values.map { .number($0) }) }
  package static func strings(_ values: [String]) -> OrderedJSON { .array(values.map { .string($0) }) }

  // Null for nil.
  package static func integer(_ value: Int?) -> OrderedJSON { value.map { .integer($0) } ?? .null }
  package static func number(_ value: Double?) -> OrderedJSON { value.map { .number($0) } ?? .null }
  package static func string(_ value: String?) -> OrderedJSON { value.map { .string($0) } ?? .null }

  /// The text without spaces and line feeds.
  package var compactText: String { text(.compact) }

  /// The text without spaces, and a line feed.
  package var line: String { compactText + "\n" }

  /// The text that Python's `json.dumps(value, indent=2)` writes.
  package var indentedText: String { text(.indented) }

  private func text(_ layout: JSONWriter.Layout) -> String {
    var writer = JSONWriter()
    writer.write(self, layout)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension OrderedJSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
  package init(dictionaryLiteral elements: (String, OrderedJSON)...) {
    self = .object(elements.map { Member(key: $0.0, value: $0.1) })
  }
  package init(arrayLiteral elements: OrderedJSON...) { self = .array(elements) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }

  /// Returns an object with the members of two objects; the first value where one of them is not an object.
  package static func + (first: OrderedJSON, second: OrderedJSON) -> OrderedJSON {
    guard case .object(let members) = first, case .object(let others) = second else { return first }
    return .object(members + others)
  }

  package static func += (first: inout OrderedJSON, second: OrderedJSON) { first = first + second }
}

/// A writer of JSON text, for values too large to be held as `OrderedJSON` and for texts with lines in certain places.
///
/// Members that are written outside of any object make a text without braces, to be completed elsewhere.
package struct JSONWriter {
  /// Where a container has line feeds.
  package enum Layout: Sendable {
    /// Nowhere.
    case compact
    /// After each comma.
    case rows
    /// Before each element and before the closing bracket.
    case lines
    /// As `lines`, indented by two spaces a level, with a space after each colon. Containers inside have the same layout.
    case indented
  }

  package private(set) var bytes: [UInt8] = []
  private var layout = Layout.compact
  private var isEmpty = true
  private var isAfterKey = false
  private var depth = 0

  package init() {}

  /// Writes an object, as the member `key` where that is given; `body` writes its members.
  package mutating func object<E: Error>(
    _ key: String? = nil, _ layout: Layout = .compact, _ body: (inout JSONWriter) throws(E) -> Void
  ) throws(E) {
    try container(key, layout, "{", "}", body)
  }

  /// Writes an array, as the member `key` where that is given; `body` writes its elements.
  package mutating func array<E: Error>(
    _ key: String? = nil, _ layout: Layout = .compact, _ body: (inout JSONWriter) throws(E) -> Void
  ) throws(E) {
    try container(key, layout, "[", "]", body)
  }

  /// Writes a member of an object.
  package mutating func member(_ key: String, _ value: OrderedJSON) {
    writeKey(key)
    write(value)
  }

  /// Writes the members of an object; nothing for other values.
  package mutating func members(of value: OrderedJSON) {
    guard case .object(let members) = value else { return }
    for member in members { self.member(member.key, member.value) }
  }

  /// Writes a value, an element where the writer is in an array.
  package mutating func write(_ value: OrderedJSON) {
    write(value, layout == .indented ? .indented : .compact)
  }

  mutating func write(_ value: OrderedJSON, _ layout: Layout) {
    switch value {
    case .null: verbatim("null".utf8)
    case .bool(let value): verbatim((value ? "true" : "false").utf8)
    case .integer(let value): verbatim("\(value)".utf8)
    case .number(let value): verbatim((value.isFinite ? "\(value)" : "null").utf8)
    case .string(let value):
      separate()
      appendString(value)
    case .array(let elements):
      array(nil, layout) { writer in
        for element in elements { writer.write(element) }
      }
    case .object: object(nil, layout) { $0.members(of: value) }
    }
  }

  /// Writes the text of a value, or of members, as it is.
  package mutating func verbatim(_ text: some Sequence<UInt8>) {
    separate()
    bytes += text
  }

  private mutating func writeKey(_ key: String) {
    separate()
    appendString(key)
    bytes += (layout == .indented ? ": " : ":").utf8
    isAfterKey = true
  }

  private mutating func container<E: Error>(
    _ key: String?, _ layout: Layout, _ opening: Unicode.Scalar, _ closing: Unicode.Scalar,
    _ body: (inout JSONWriter) throws(E) -> Void
  ) throws(E) {
    if let key { writeKey(key) }
    separate()
    let outer = self.layout
    bytes.append(UInt8(ascii: opening))
    (self.layout, isEmpty) = (layout, true)
    depth += 1
    try body(&self)
    depth -= 1
    if layout == .lines || layout == .indented && !isEmpty { breakLine() }
    bytes.append(UInt8(ascii: closing))
    (self.layout, isEmpty) = (outer, false)
  }

  /// Writes what stands before a member or element; nothing before the value of a member.
  private mutating func separate() {
    if isAfterKey {
      isAfterKey = false
      return
    }
    if !isEmpty { bytes.append(UInt8(ascii: ",")) }
    if layout == .lines || layout == .indented || layout == .rows && !isEmpty { breakLine() }
    isEmpty = false
  }

  private mutating func breakLine() {
    bytes.append(UInt8(ascii: "\n"))
    if layout == .indented { bytes += repeatElement(UInt8(ascii: " "), count: 2 * depth) }
  }

  /// Appends a string literal: quotes, backslashes and control characters are escaped, all else stands as it is.
  private mutating func appendString(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    if text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
      for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "\n"): bytes += "\\n".utf8
        case UInt8(ascii: "\r"): bytes += "\\r".utf8
        case UInt8(ascii: "\t"): bytes += "\\t".utf8
        case ..<0x10: bytes += "\\u000\(String(byte, radix: 16))".utf8
        case ..<0x20: bytes += "\\u00\(String(byte, radix: 16))".utf8
        default: bytes.append(byte)
        }
      }
    } else {
      bytes += text.utf8
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

/// Returns a string as a JSON literal, for messages.
package func jsonString(_ text: String) -> String { OrderedJSON.string(text).compactText }
