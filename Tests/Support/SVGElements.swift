// SPDX-License-Identifier: Apache-2.0

/// The elements of a picture, read strictly: what this reader takes is well-formed XML.
package struct SVGElements {
  package struct Element {
    package let name: String
    package let attributes: [String: String]
    /// Without that of elements inside.
    package fileprivate(set) var text = ""
  }

  /// What is wrong, and the text from there.
  package struct Malformed: Error { let reason, rest: String }

  /// In the order in which they begin.
  package private(set) var elements: [Element] = []
  private var rest: Substring.UnicodeScalarView

  package init(_ svg: some Collection<UInt8>) throws {
    let text = String(decoding: svg, as: UTF8.self)
    rest = text[...].unicodeScalars
    guard text.utf8.elementsEqual(svg) else { throw malformed("no UTF-8") }
    var open: [Int] = []
    repeat {
      let text = try decoded(take { $0 != "<" })
      if let last = open.last {
        elements[last].text += text
      } else if !text.allSatisfy(\.isWhitespace) {
        throw malformed("text outside of the root")
      }
      guard skip("<") else { break }
      if skip("/") {
        guard let last = open.popLast(), skip(elements[last].name), skip(">") else { throw malformed("end tag") }
        continue
      }
      if open.isEmpty && !elements.isEmpty { throw malformed("a second root") }
      elements.append(try startTag())
      if !skip("/") { open.append(elements.count - 1) }
      guard skip(">") else { throw malformed("start tag") }
    } while !rest.isEmpty
    guard open.isEmpty, !elements.isEmpty else { throw malformed("an element without end") }
  }

  package func texts(_ name: String = "text") -> [String] { elements.filter { $0.name == name }.map(\.text) }
  package func attributes(_ name: String, _ key: String) -> [String] {
    elements.filter { $0.name == name }.compactMap { $0.attributes[key] }
  }

  private func malformed(_ reason: String) -> Malformed { Malformed(reason: reason, rest: String(rest.prefix(40))) }

  private mutating func take(while isTaken: (Unicode.Scalar) -> Bool) -> String {
    let taken = rest.prefix(while: isTaken)
    rest = rest[taken.endIndex...]
    return String(taken)
  }

  private mutating func skip(_ text: String) -> Bool {
    guard rest.starts(with: text.unicodeScalars) else { return false }
    rest = rest.dropFirst(text.unicodeScalars.count)
    return true
  }

  private mutating func name() throws -> String {
    let name = take { $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-" || $0 == ":" }
    guard let first = name.unicodeScalars.first, first.properties.isAlphabetic else { throw malformed("name") }
    return name
  }

  private mutating func startTag() throws -> Element {
    let name = try name()
    var attributes: [String: String] = [:]
    while skip(" ") {
      let key = try self.name()
      guard skip("=\"") else { throw malformed("attribute") }
      let value = try decoded(take { $0 != "\"" && $0 != "<" })
      guard skip("\""), attributes.updateValue(value, forKey: key) == nil else { throw malformed("attribute") }
    }
    return Element(name: name, attributes: attributes)
  }

  /// Text with its five entities replaced; characters that XML has not are refused.
  private func decoded(_ text: String) throws -> String {
    for scalar in text.unicodeScalars where scalar.value < 0x20 && scalar != "\n" && scalar != "\t" {
      throw malformed("control character \(scalar.value)")
    }
    let entities = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "#39": "'"]
    let parts = text.split(separator: "&", omittingEmptySubsequences: false)
    return try parts.dropFirst().reduce(into: parts.first.map(String.init) ?? "") { result, part in
      let words = part.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
      guard words.count == 2, let character = entities[String(words[0])] else { throw malformed("entity") }
      result += character + words[1]
    }
  }
}
