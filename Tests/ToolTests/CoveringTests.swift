// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite struct CoveringTests {
  private struct Scores: Decodable, Equatable {
    struct Image: Decodable, Equatable {
      let id: String
      let annotations, segments: Int
      let covering: Double
    }
    let covering: Double
    let images: [Image]
  }

  private func scores(_ arguments: [String]) throws -> Scores {
    let outcome = try BuiltTool.run(arguments + ["--json"])
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
    return try JSONDecoder().decode(Scores.self, from: outcome.output)
  }

  /// Three bands of one size; `b` has two annotators, and its name a dot; predictions of `a` are right, those of `b.2` one segment.
  private func annotatedSet() throws -> SyntheticSet {
    let set = try SyntheticSet()
    for id in ["a", "b.2", "c"] { try set.addPhotograph("images/\(id).jpg") }
    try set.addLabels("labels/a.png", [4, 255, 9])
    try set.addLabels("labels/b.2.first.png", [0, 1, 2])
    try set.addLabels("labels/b.2.second.png", [3, 3, 3])
    try set.addLabels("labels/c.png", [0, 0, 0, 1])
    for (id, values) in [("a", [1, 2, 3]), ("b.2", [5]), ("c", [0, 1])] {
      try set.files.write(SyntheticSet.labels(values.map { UInt8($0) }), "predictions/\(id).png")
    }
    return set
  }

  private func command(_ set: SyntheticSet) -> [String] {
    ["eval", "--covering", "--root", set.root, "--predictions", set.folder.file("predictions")]
  }

  @Test func eachImageIsTheMeanOverItsAnnotators() throws {
    let set = try annotatedSet()
    let found = try scores(command(set))
    #expect(found.images.map(\.id) == ["a", "b.2", "c"])
    #expect(found.images.map(\.annotations) == [1, 2, 1])
    #expect(found.images.map(\.segments) == [3, 1, 2])
    #expect(found.images[0].covering == 1)
    #expect(abs(found.images[1].covering - (1.0 / 3 + 1) / 2) < 1e-12)
    // Three quarters in a half and a quarter: 2/3 of three quarters, 1/2 of one.
    #expect(abs(found.images[2].covering - (0.75 * 2 / 3 + 0.25 / 2)) < 1e-12)
    #expect(abs(found.covering - found.images.reduce(0) { $0 + $1.covering } / 3) < 1e-12)
    let text = try BuiltTool.run(command(set) + ["--csv", set.folder.file("scores.csv")]).text
    #expect(text.contains("given label maps: 3 images, 4 annotations, 2.0 segments an image\n"))
    #expect(text.contains("lowest 0.6250 (c)\n"))
    let lines = String(decoding: try set.folder.contents("scores.csv"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 4 && lines[0] == "image,annotations,covering,segments" && lines[1] == "a,1,1.0,3")
  }

  @Test func sharesJoinedAreTheWhole() throws {
    let set = try annotatedSet()
    let whole = try BuiltTool.run(command(set) + ["--json"]).text
    let parts = (0..<2).map { set.folder.file("\($0).json") }
    for (index, path) in parts.enumerated() {
      let outcome = try BuiltTool.run(command(set) + ["--shard", "\(index)/2", "--partial", path, "-q"])
      #expect(outcome.status == 0, "\(outcome.error)")
    }
    for order in [parts, parts.reversed()] {
      let joined = try BuiltTool.run(["merge"] + order + ["--json"])
      #expect(joined.text == whole)
    }
    let twice = try BuiltTool.run(["merge", parts[0], parts[0]])
    #expect(twice.status == 2 && twice.error.contains("image 'a' is in another file too"))
    let plotted = try BuiltTool.run(["merge", parts[0], "--plot", set.folder.file("x.svg")])
    #expect(plotted.status == 2)
  }

  /// What people read adds up segments and annotations over the images.
  @Test(arguments: ["segments", "annotations"]) func countsThatNoImageHasAreRefused(member: String) throws {
    let folder = try TemporaryFolder()
    let lists = ["annotations": "1,1", "covering": "0.5,1", "segments": "2,3"]
      .merging([member: "9223372036854775807,9223372036854775807"]) { $1 }
    let members = lists.map { "\"\($0)\":[\($1)]" }.joined(separator: ",")
    let text =
      "{\"kind\":\"diffcut segmentation covering\",\"v\":1,\"source\":\"s\",\"settings\":\"0\",\"images\":[\"a\",\"b\"],\(members)}\n"
    try folder.write(Data(text.utf8), "sums")
    let outcome = try BuiltTool.run(["merge", "sums"], directory: folder.path)
    #expect(outcome.status == 3 && outcome.error.contains("the sums contradict each other"), "\(outcome.error)")
  }

  /// The fields of the photograph are what the built-in encoder finds.
  @Test func photographsAreSegmented() throws {
    let set = try annotatedSet()
    let path = try list(set, "a")
    let found = try scores(["eval", "--dataset", "folder", "--covering", "--root", set.root, "--list", path])
    #expect(found.images.map(\.id) == ["a"] && found.covering > 0.2)
  }

  private func list(_ set: SyntheticSet, _ text: String) throws -> String {
    try set.folder.write(Data("\(text)\n".utf8), "list.txt")
    return set.folder.file("list.txt")
  }

  @Test(
    arguments: [
      (["--classes", "3"], "--classes has no effect with --covering", 2),
      (["--dataset", "voc"], "--covering has no effect with --dataset voc", 2),
      (
        ["--dataset", "vok"],
        "diffcut: error: --dataset is 'vok', expected one of voc, context, coco-object, coco-stuff-27, cityscapes, ade20k, folder; "
          + "did you mean 'voc'?\n", 2
      ),
      (["--list", "LIST"], "no photograph of 'missing'", 4),
    ] as [([String], String, Int32)])
  func wrongUseIsOneLine(_ arguments: [String], _ message: String, _ status: Int32) throws {
    let set = try annotatedSet()
    let path = try list(set, "missing")
    let outcome = try BuiltTool.run(command(set) + arguments.map { $0 == "LIST" ? path : $0 })
    #expect(outcome.status == status && outcome.output.isEmpty)
    #expect(outcome.error.contains(message), "\(outcome.error)")
  }

  @Test func labelsWithoutAPhotographAreNamed() throws {
    let set = try annotatedSet()
    try set.addLabels("labels/d.png", [1])
    let outcome = try BuiltTool.run(command(set))
    #expect(outcome.status == 4 && outcome.error.contains("labels/d.png: no photograph of 'd'"))
  }

  @Test func labelsOfAnotherSizeAreNamed() throws {
    let set = try annotatedSet()
    try set.addLabels("labels/c.png", [1], width: 30)
    let outcome = try BuiltTool.run(command(set))
    #expect(
      outcome.status == 4 && outcome.error.contains("labels/c.png: the segments have 60x45 pixels, the labels 30x45"))
  }
}
