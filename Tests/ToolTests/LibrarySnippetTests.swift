// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Code in the documentation of the library is the text of a package that is compiled and run,
/// `Tests/Examples/Library` (see `Tests/Recipes/example-package.sh`).
@Suite struct LibrarySnippetTests {
  private static let example = "Tests/Examples/Library"

  private static func text(_ path: String) throws -> String {
    try String(contentsOfFile: "\(Fixture.repository)/\(path)", encoding: .utf8)
  }

  /// Lines without their indentation, which a page may choose.
  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
  }

  /// The blocks of a page that are marked as Swift.
  private static func snippets(_ page: String) throws -> [[Substring]] {
    let parts = try text(page).components(separatedBy: "```swift\n").dropFirst()
    return parts.map { lines($0.components(separatedBy: "\n```")[0]) }
  }

  @Test(arguments: [
    ("README.md", 1), ("Sources/Segment/Documentation.docc/Segment.md", 1),
    ("Sources/Segment/Documentation.docc/Library.md", 9),
  ])
  func codeOfThePageIsCompiledInTheExample(page: String, least: Int) throws {
    let folder = "\(Fixture.repository)/\(Self.example)/Sources/Example"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).map {
      "\(Self.example)/Sources/Example/\($0)"
    }
    let sources = try (names + ["\(Self.example)/Package.swift"]).map { Self.lines(try Self.text($0)) }
    let snippets = try Self.snippets(page)
    #expect(snippets.count >= least)
    for snippet in snippets {
      #expect(
        sources.contains { $0.contains(snippet) }, "not in the example:\n\(snippet.joined(separator: "\n"))")
    }
  }
}
