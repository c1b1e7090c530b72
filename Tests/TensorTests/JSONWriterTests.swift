// SPDX-License-Identifier: Apache-2.0
import Tensor
import Testing

@Suite struct JSONWriterTests {
  private let value: OrderedJSON = [
    "z": [1, -2], "a": ["b": 0.5, "c": .null], "ok": true, "text": "\"é\\\n\u{1}\u{1f}\u{7f}", "none": [],
  ]

  @Test func compactTextKeepsTheOrderOfMembers() throws {
    let text =
      #"{"z":[1,-2],"a":{"b":0.5,"c":null},"ok":true,"text":"\"é\\\n\u0001\u001f"# + "\u{7f}" + #"","none":[]}"#
    #expect(value.compactText == text)
    #expect(value.line == text + "\n")
    let read = try JSON.parse(Array(text.utf8)[...])
    #expect(read["text"]?.string == "\"é\\\n\u{1}\u{1f}\u{7f}")
  }

  /// As `json.dumps({"a": {"b": [1, 2.0]}, "c": "d", "e": {}, "f": []}, indent=2)`.
  @Test func indentedTextIsThatOfPython() {
    let value: OrderedJSON = ["a": ["b": [1, 2.0]], "c": "d", "e": [:], "f": []]
    let text = """
      {
        "a": {
          "b": [
            1,
            2.0
          ]
        },
        "c": "d",
        "e": {},
        "f": []
      }
      """
    #expect(value.indentedText == text)
  }

  @Test func numbersThatAreNotFiniteAreNull() {
    #expect(OrderedJSON.numbers([.infinity, .nan, -0.0, 1e300]).compactText == "[null,null,-0.0,1e+300]")
    let missing: (Int?, Double?, String?) = (nil, nil, nil)
    let values: OrderedJSON = [.integer(missing.0), .number(missing.1), .string(missing.2)]
    #expect(values.compactText == "[null,null,null]")
  }

  @Test func objectsAreJoined() {
    let object: OrderedJSON = ["a": 1]
    #expect((object + ["b": 2, "a": 3]).compactText == #"{"a":1,"b":2,"a":3}"#)
    #expect(object + [1] == object)
  }

  @Test func membersWithoutAnObjectHaveNoBraces() {
    var writer = JSONWriter()
    writer.members(of: ["a": 1])
    writer.object("b") { $0.verbatim(#""c":2"#.utf8) }
    #expect(String(decoding: writer.bytes, as: UTF8.self) == #""a":1,"b":{"c":2}"#)
  }

  @Test(arguments: [
    (JSONWriter.Layout.compact, #"{"a":[1,{}],"b":[]}"#, "[]"), (.rows, "{\"a\":[1,\n{}],\"b\":[]}", "[]"),
    (.lines, "{\"a\":[\n1,\n{}\n],\"b\":[\n]}", "[\n]"),
  ])
  func layoutsPlaceLineFeeds(layout: JSONWriter.Layout, text: String, empty: String) {
    var writer = JSONWriter()
    writer.object { writer in
      writer.array("a", layout) { writer in
        writer.write(1)
        writer.object { _ in }
      }
      writer.array("b", layout) { _ in }
    }
    #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
    var other = JSONWriter()
    other.array(nil, layout) { _ in }
    #expect(String(decoding: other.bytes, as: UTF8.self) == empty)
  }
}
