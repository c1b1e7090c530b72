// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct JSONTests {
  private func parse(_ text: String) throws -> JSON { try JSON.parse(Array(text.utf8)[...]) }

  private static let accepted: [(String, JSON)] = [
    ("null", .null), ("true", .bool(true)), (" false\r\n", .bool(false)), ("0", .integer(0)), ("-0", .integer(0)),
    ("-12", .integer(-12)), ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(0x1p63)), ("1.5", .number(1.5)), ("1e3", .number(1000)),
    ("1E+3", .number(1000)), ("25e-1", .number(2.5)), ("-0.0", .number(-0.0)), ("0e0", .number(0)),
    ("1e-400", .number(0)), ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
    ("\"\"", .string("")), ("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", .string("a\"\\/\u{8}\u{c}\n\r\t")),
    ("\"\\u0041\\u00e9\\u20AC\"", .string("Aé€")), ("\"\\ud83d\\ude00\"", .string("😀")), ("\"😀\"", .string("😀")),
    ("\"\\u0000\"", .string("\u{0}")), ("\"\u{7f}\"", .string("\u{7f}")), ("[]", .array([])),
    ("[ ]", .array([])), ("[1, [2],\t{}]", .array([.integer(1), .array([.integer(2)]), .object([:])])),
    ("{}", .object([:])), ("{ }", .object([:])), ("{\"\":1}", .object(["": .integer(1)])),
    ("{\"a\" : {\"a\":null} , \"b\":[]}", .object(["a": .object(["a": .null]), "b": .array([])])),
  ]

  @Test func rfc8259Accepts() throws {
    for (text, value) in Self.accepted { #expect(try parse(text) == value, "\(text)") }
    // Equal numbers may differ in sign; this one does not.
    #expect(try parse("-0.0").double?.sign == .minus)
  }

  private static let rejected: [(String, Int, String)] = [
    ("", 0, "unexpected end"), ("  ", 2, "unexpected end"), ("nul", 0, "unexpected character"),
    ("truE", 0, "unexpected character"), ("True", 0, "expected a digit"), ("1 2", 2, "unexpected text after the value"),
    ("nullx", 4, "unexpected text after the value"), ("01", 0, "number with a leading zero"),
    ("-01", 0, "number with a leading zero"), ("[00]", 1, "number with a leading zero"),
    ("+1", 0, "expected a digit"), ("-", 1, "expected a digit"), (".5", 0, "expected a digit"),
    ("1.", 2, "expected a digit"), ("1.e3", 2, "expected a digit"), ("1e", 2, "expected a digit"),
    ("1e+", 3, "expected a digit"), ("1e+-2", 3, "expected a digit"), ("1e400", 0, "number out of range"),
    ("[1e400]", 1, "number out of range"), ("NaN", 0, "expected a digit"), ("Infinity", 0, "expected a digit"),
    ("0x10", 1, "unexpected text after the value"), ("[", 1, "unexpected end"), ("[1", 2, "expected ','"),
    ("[1,]", 3, "expected a digit"), ("[,1]", 1, "expected a digit"), ("[1 2]", 3, "expected ','"),
    ("]", 0, "expected a digit"), ("{", 1, "expected '\"'"), ("{\"a\"", 4, "expected ':'"),
    ("{\"a\":", 5, "unexpected end"), ("{\"a\":1", 6, "expected ','"), ("{\"a\":1,}", 7, "expected '\"'"),
    ("{a:1}", 1, "expected '\"'"), ("{1:1}", 1, "expected '\"'"), ("{'a':1}", 1, "expected '\"'"),
    ("{\"a\":1 \"b\":2}", 7, "expected ','"), ("{\"a\":1,\"a\":2}", 7, "duplicate key \"a\""),
    ("\"", 1, "unterminated string"), ("\"\\", 2, "unterminated string"),
    ("\"a\nb\"", 3, "control character in a string"),
    ("\"\\x\"", 3, "unknown escape sequence"), ("\"\\u12\"", 5, "expected four hexadecimal digits"),
    ("\"\\ud800\"", 7, "incomplete surrogate pair"), ("\"\\ud800\\u0041\"", 13, "incomplete surrogate pair"),
    ("\"\\udc00\"", 7, "incomplete surrogate pair"), ("\"\\ud800x\"", 7, "incomplete surrogate pair"),
    ("// no\n1", 0, "expected a digit"), ("[1] // no", 4, "unexpected text after the value"),
    ("\u{feff}1", 0, "expected a digit"), ("\u{a0}1", 0, "expected a digit"),
  ]

  @Test func rfc8259Rejects() {
    for (text, offset, reason) in Self.rejected {
      #expect(throws: JSONError(offset: offset, reason: reason), "\(text)") { try parse(text) }
    }
  }

  @Test(arguments: [[0x80], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]] as [[UInt8]])
  func stringsAreUTF8(_ bytes: [UInt8]) {
    let text = [0x22] + bytes + [0x22]
    #expect(throws: JSONError(offset: text.count, reason: "string is not valid UTF-8")) { try JSON.parse(text[...]) }
  }

  @Test func depthIsLimited() throws {
    func nested(_ depth: Int, _ inner: String) -> String {
      String(repeating: "[", count: depth) + inner + String(repeating: "]", count: depth)
    }
    for inner in ["", "1", "\"a\""] {
      #expect(throws: Never.self) { try parse(nested(64, inner)) }
      let error = JSONError(offset: 64, reason: "nested more than 64 levels deep")
      #expect(throws: error) { try parse(nested(65, inner)) }
      #expect(throws: error) { try parse(nested(100_000, inner)) }
    }
    let text = Array("{\"a\":{\"b\":[]}}".utf8)
    #expect(throws: JSONError(offset: 10, reason: "nested more than 2 levels deep")) {
      try JSON.parse(text[...], maximumDepth: 2)
    }
  }

  /// A value takes two bytes of text and up to a hundred in memory.
  @Test func valuesAreCounted() throws {
    func list(_ count: Int) -> [UInt8] {
      Array("[".utf8) + Array(repeatElement("0,", count: count - 1).joined().utf8) + "0]".utf8
    }
    #expect(try JSON.parse(list(9)[...], maximumCount: 10).array?.count == 9)
    for text in ["[0,0,0]", "{\"a\":0,\"b\":[]}", "[[[0]]]"] {
      #expect(throws: JSONError.self, "\(text)") { try JSON.parse(Array(text.utf8)[...], maximumCount: 2) }
    }
    #expect(throws: JSONError(offset: 19, reason: "more than 10 values")) {
      try JSON.parse(list(10)[...], maximumCount: 10)
    }
    #expect(throws: JSONError(offset: 2 * (1 << 22) - 1, reason: "more than 4194304 values")) {
      try JSON.parse(list(1 << 22)[...])
    }
  }

  /// Offsets count from the start of the text, also when it is a slice of something longer.
  @Test func slices() throws {
    let bytes = Array("xx[1]y".utf8)
    #expect(try JSON.parse(bytes[2..<5]) == .array([.integer(1)]))
    #expect(throws: JSONError(offset: 3, reason: "unexpected text after the value")) { try JSON.parse(bytes[2...]) }
    #expect("\(JSONError(offset: 3, reason: "unexpected end"))" == "invalid JSON: unexpected end at byte 3")
  }

  @Test func accessors() throws {
    let value = try parse("{\"i\":3,\"n\":2.5,\"s\":\"t\",\"a\":[1]}")
    #expect(value["i"]?.integer == 3 && value["i"]?.double == 3 && value["n"]?.double == 2.5)
    #expect(value["n"]?.integer == nil && value["s"]?.string == "t" && value["a"]?.array?.count == 1)
    #expect(value["x"] == nil && value["s"]?.double == nil && value["s"]?["s"] == nil && value.object?.count == 4)
  }

  @Test(arguments: ["", "plain", "\"\\/\n\r\t\u{8}\u{1f}", "é€😀", "\u{0}", "\u{2028}"])
  func writtenStringsAreRead(_ text: String) throws { #expect(try parse(jsonString(text)) == .string(text)) }
}
