// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What a reader of XML finds in a picture.
package final class SVGElements: NSObject, XMLParserDelegate {
  package struct Element {
    package let name: String
    package let attributes: [String: String]
    /// Without that of elements inside.
    package fileprivate(set) var text = ""
  }
  package private(set) var elements: [Element] = []
  private var open: [Int] = []

  package init(_ svg: Data) throws {
    super.init()
    let parser = XMLParser(data: svg)
    parser.delegate = self
    try #require(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
  }

  package func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements.append(Element(name: name, attributes: attributes))
    open.append(elements.count - 1)
  }

  package func parser(_ parser: XMLParser, foundCharacters text: String) {
    if let last = open.last { elements[last].text += text }
  }

  package func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    open.removeLast()
  }

  package func texts(_ name: String = "text") -> [String] { elements.filter { $0.name == name }.map(\.text) }
  package func attributes(_ name: String, _ key: String) -> [String] {
    elements.filter { $0.name == name }.compactMap { $0.attributes[key] }
  }
}
