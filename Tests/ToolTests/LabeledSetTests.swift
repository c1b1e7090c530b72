// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Miniatures of the paper's sets in their own layouts, against counts that Python made of them with SciPy and torch
/// (`fixtures/generate/sets.py`).
@Suite struct LabeledSetTests {
  struct Counts: Codable, Equatable {
    var tp: [Int] = []
    var fp: [Int] = []
    var fn: [Int] = []
  }

  private struct Scores: Decodable {
    struct Class: Decodable { let tp, fp, fn: Int }
    let classes: [Class]
  }

  @Test(arguments: [
    ("voc", 21), ("voc-own", 21), ("context", 60), ("coco-object", 81), ("coco-stuff-27", 27), ("cityscapes", 27),
    ("ade20k", 150),
  ])
  func countsOfEveryClassAreThoseOfAnIndependentProgram(name: String, classCount: Int) throws {
    let wanted = try JSONDecoder().decode(
      [String: [String: Counts]].self, from: Data(Fixture.bytes("evaluation/sets/expected.json")))
    let modes = try #require(wanted[name])
    #expect(modes.count == (name == "voc" ? 2 : 3))
    let root = Fixture.path("evaluation/sets/\(name)")
    let dataset = name == "voc-own" ? "voc" : name
    let list = name.hasPrefix("coco") ? ["--list", "\(root)/list.txt"] : []
    for (mode, counts) in modes {
      let words = mode.split(separator: " ").map(String.init)
      let outcome = try BuiltTool.run(
        [
          "eval", "--dataset", dataset, "--root", root, "--predictions", "\(root)/predictions", "--json", "--protocol",
          words[0],
        ] + list + (words.count > 1 ? ["--refine", words[1]] : []))
      #expect(outcome.status == 0, "\(mode): \(outcome.error)")
      let found = try JSONDecoder().decode(Scores.self, from: outcome.output).classes
      #expect(found.count == classCount)
      #expect(
        Counts(tp: found.map(\.tp), fp: found.map(\.fp), fn: found.map(\.fn)) == counts, "\(name), \(mode)")
    }
  }

  /// The grid of scores is not what a user can look at.
  @Test func aStrangeValueIsNamedAtItsPlaceInTheFile() throws {
    let set = try SyntheticSet()
    try set.addLabels("labels/a.png", [0, 1, 7], width: 300, height: 200)
    try set.addLabels("predictions/a.png", [0, 1, 2], width: 300, height: 200)
    let outcome = try BuiltTool.run([
      "eval", "--dataset", "folder", "--root", set.root, "--classes", "2", "--predictions",
      set.folder.file("set/predictions"),
    ])
    #expect(outcome.status == 4)
    // The square is 199 pixels wide and begins at row 0, column 50; the band of sevens at column 200.
    #expect(
      outcome.error == """
        diffcut: error: \(set.folder.file("set/labels/a.png")): label 7 at row 0, column 200, expected 0 to 1 or 255; check the dataset and its labels

        """)
  }
}
