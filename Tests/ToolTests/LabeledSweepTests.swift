// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment
import Tensor
import TestSupport
import Testing

/// A labeled set at many settings.
@Suite struct LabeledSweepTests {
  /// Photographs whose three fields are labeled, one of them void in two.
  private func set(_ count: Int = 6) throws -> SyntheticSet {
    let set = try SyntheticSet()
    for index in 0..<count {
      try set.addPhotograph("images/\(index).ppm", seed: index)
      try set.addLabels("labels/\(index).png", [UInt8(index % 2), 2, index % 3 == 0 ? 255 : 3])
    }
    return set
  }

  private func options(_ set: SyntheticSet) -> [String] {
    ["--dataset", "folder", "--root", set.root, "--classes", "4"]
  }

  private func object(_ arguments: [String]) throws -> [String: Any] {
    let outcome = try BuiltTool.run(arguments + ["--json"])
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
    return try #require(outcome.objects.first)
  }

  @Test(arguments: [[], ["--background", "--refine", "pamr"], ["--protocol", "strict", "--upsample", "nearest"]])
  func everyRowIsAnEvaluation(extra: [String]) throws {
    let set = try set()
    let common = options(set) + extra
    let sweep = try object(["sweep", "--tau", "0.05,0.2:0.4:0.1", "--alpha", "10,30"] + common)
    let rows = try #require(sweep["rows"] as? [[String: Any]])
    try #require(rows.count == 8)
    #expect((sweep["images"] as? [String])?.count == 6 && sweep["command"] is NSNull)
    for row in rows {
      let scores = try object(
        ["eval", "--tau", "\(row["tau"] ?? "")", "--alpha", "\(row["alpha"] ?? "")"] + common)
      for member in ["pixels", "miou", "accuracy"] {
        #expect((row[member] as? NSNumber) == (scores[member] as? NSNumber), "\(member) \(row)")
      }
      #expect(row["timestep"] is NSNull)
    }
    #expect(Set(rows.compactMap { $0["miou"] as? Double }).count > 1)
    let best = try #require(sweep["best"] as? [String: Any])
    let scores = rows.compactMap { $0["miou"] as? Double }
    #expect(best["miou"] as? Double == scores.max())
    let equals = rows.filter { $0["miou"] as? Double == scores.max() }.compactMap { $0["tau"] as? Double }
    #expect(best["tau"] as? Double == equals.min())
  }

  @Test func timestepsOfAModelAreEvaluations() throws {
    let set = try set(2)
    let common = options(set) + ["--model", Fixture.path("diffusion/sd1.4"), "--size", "256", "--alpha", "3"]
    let sweep = try object(["sweep", "--timestep", "400,10", "--tau", "0.6,0.9"] + common)
    let rows = try #require(sweep["rows"] as? [[String: Any]])
    #expect(rows.map { $0["timestep"] as? Int } == [10, 10, 400, 400])
    for row in rows {
      let scores = try object(
        ["eval", "--tau", "\(row["tau"] ?? "")", "--timestep", "\(row["timestep"] ?? "")"] + common)
      #expect((row["miou"] as? NSNumber) == (scores["miou"] as? NSNumber), "\(row)")
    }
  }

  @Test func tableCSVAndPlot() throws {
    let set = try set(3)
    let table = try BuiltTool.run(["sweep", "--tau", "0.1,0.3"] + options(set))
    #expect(table.status == 0 && table.text.hasPrefix("folder, protocol paper, built-in encoder, concept: 3 images, "))
    #expect(table.text.contains("  tau  alpha  segments  accuracy    mIoU\n  0.1   30.0 "))
    #expect(table.text.contains("\nbest: tau 0.") && !table.text.contains("score the set"))
    let (csv, svg) = (set.folder.file("s.csv"), set.folder.file("s.svg"))
    let files = try BuiltTool.run(
      ["sweep", "--tau", "0.1,0.3", "--alpha", "5,30", "-o", csv, "--plot", svg] + options(set))
    #expect(files.status == 0 && files.text.hasPrefix("best: tau 0."))
    let lines = String(decoding: try set.folder.contents("s.csv"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 5 && lines[0] == "timestep,alpha,tau,images,pixels,segments_per_image,miou,accuracy")
    #expect(lines[1].hasPrefix(",5.0,0.1,3,") && lines[4].hasPrefix(",30.0,0.3,3,"))
    let plot = String(decoding: try set.folder.contents("s.svg"), as: UTF8.self)
    for text in [
      ">mIoU, folder (paper)<", ">built-in encoder, concept, 3 images<", ">alpha 5<", ">alpha 30<", ">tau 0.",
    ] {
      #expect(plot.contains(text), "\(text)")
    }
    let accuracy = try BuiltTool.run(
      ["sweep", "--tau", "0.1,0.3", "--plot", "-", "--plot-y", "accuracy", "-q"] + options(set))
    #expect(accuracy.text.contains(">pixel accuracy, folder (paper)<") && accuracy.error.isEmpty)
  }

  /// Images are drawn by their names, and left out of what is reported.
  @Test func tauIsChosenOnFewImages() throws {
    let set = try set()
    let list = set.folder.file("set/tuned list.txt")
    func drawn(_ count: Int, seed: Int? = nil) throws -> [String] {
      let sweep = try object(
        ["sweep", "--tau", "0.1,0.4", "--tune", "\(count)", "--tune-list", list]
          + (seed.map { ["--tune-seed", "\($0)"] } ?? []) + options(set))
      let images = try #require(sweep["images"] as? [String])
      #expect(images.sorted() == images && images.count == count)
      #expect(try String(contentsOfFile: list, encoding: .utf8) == images.map { $0 + "\n" }.joined())
      return images
    }
    let (two, three) = (try drawn(2), try drawn(3))
    #expect(Set(two).isSubset(of: three))
    #expect(Set(try (1...5).map { try drawn(2, seed: $0) }).count > 1)

    let tuned = try object(
      ["sweep", "--tau", "0.1,0.4", "--tune", "2", "--tune-list", list, "--background", "--refine", "pamr"]
        + options(set))
    let command = try #require(tuned["command"] as? String)
    let best = try #require(tuned["best"] as? [String: Any])
    #expect(
      command == "diffcut eval --dataset folder --root \(set.root) --classes 4 --background --refine pamr "
        + "--tau \(best["tau"] ?? "") --alpha 30.0 --exclude '\(list)'")
    // As a shell would take it apart.
    let words = command.dropFirst("diffcut ".count).split(separator: " '")
    let rest = try object(words[0].split(separator: " ").map(String.init) + [String(words[1].dropLast())])
    #expect(rest["images"] as? Int == 4)
    let said = try BuiltTool.run(["sweep", "--tau", "0.1", "--tune", "2", "-o", "-"] + options(set))
    #expect(said.error.contains("\nscore the set at this setting with:\n  diffcut eval --dataset folder "))
  }

  @Test func sharesAddUpToTheWhole() throws {
    let set = try set()
    let common = ["sweep", "--tau", "0.1:0.4:0.1", "--alpha", "10,30"] + options(set)
    let parts = (0..<4).map { set.folder.file("part\($0).jsonl") }
    for (index, part) in parts.enumerated() {
      let outcome = try BuiltTool.run(common + ["-q", "--shard", "\(index)/4", "--partial", part])
      #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty)
    }
    func files(_ name: String) -> [String] {
      [set.folder.file("\(name).csv"), "--plot", set.folder.file("\(name).svg")]
    }
    let whole = try BuiltTool.run(common + ["-o"] + files("whole"))
    let merged = try BuiltTool.run(
      ["merge"] + parts + ["--partial", set.folder.file("all.jsonl"), "--csv"] + files("merged"))
    #expect(whole.status == 0 && merged.status == 0 && merged.error.isEmpty, "\(merged.error)")
    #expect(whole.text == merged.text && whole.text.hasPrefix("best: "))
    #expect(try set.folder.contents("whole.csv") == set.folder.contents("merged.csv"))
    #expect(try set.folder.contents("whole.svg") == set.folder.contents("merged.svg"))
    // What was merged can be merged again.
    #expect(
      try BuiltTool.run(["merge", "--csv", "-", set.folder.file("all.jsonl")]).output
        == set.folder.contents("whole.csv"))

    let twice = try BuiltTool.run(["merge", parts[0], parts[0]])
    #expect(twice.status == 2 && twice.error.contains("image '0' is in another file too"))
    let other = set.folder.file("other.jsonl")
    _ = try BuiltTool.run(["sweep", "--tau", "0.1", "-q", "--partial", other, "--shard", "1/4"] + options(set))
    let mixed = try BuiltTool.run(["merge", parts[0], other])
    #expect(mixed.status == 2 && mixed.error.contains("other.jsonl: the settings differ from those of the first file"))
    let single = set.folder.file("eval.json")
    _ = try BuiltTool.run(["eval", "-q", "--partial", single, "--shard", "1/4"] + options(set))
    #expect(try BuiltTool.run(["merge", parts[0], single]).error.contains("the settings differ from"))
    let plot = try BuiltTool.run(["merge", single, "--plot", set.folder.file("no.svg")])
    #expect(plot.status == 2 && plot.error.contains("--plot has no effect with sums of 'eval'"))
    // Lines that do not belong together.
    try set.files.write(
      try set.folder.contents("part0.jsonl") + set.folder.contents("part1.jsonl"), "joined.jsonl")
    let joined = try BuiltTool.run(["merge", set.folder.file("joined.jsonl")])
    #expect(joined.status == 3 && joined.error.contains("joined.jsonl: the sums contradict each other"))
  }

  /// Sums as files have them: two classes, of whose 10 pixels `right` are right.
  private func line(_ setting: String, right: Int, images: String = "\"a\"") -> String {
    """
    {"kind":"diffcut evaluation sums","v":1,"dataset":"folder","protocol":"paper","source":"s","settings":"h",\
    "classes":["a","b"],"images":[\(images)],"pixels":10,"tp":[\(right),0],"fp":[0,0],"fn":[\(10 - right),0],\
    "sweep":{\(setting)}}

    """
  }

  @Test func ofEqualScoresTheLowestTauIsBest() throws {
    let folder = try TemporaryFolder()
    let lines = [(10, 0.5, 6), (10, 0.7, 8), (10, 0.9, 8), (20, 0.3, 8), (20, 0.2, 7)].map { alpha, tau, right in
      line("\"timestep\":null,\"alpha\":\(alpha),\"tau\":\(tau),\"segments\":4", right: right)
    }
    try folder.write(Data(lines.joined().utf8), "sums")
    let best = try #require(try object(["merge", folder.file("sums")])["best"] as? [String: Any])
    #expect(best["tau"] as? Double == 0.3 && best["miou"] as? Double == 0.8)
    let text = try BuiltTool.run(["merge", folder.file("sums")]).text
    #expect(text.hasSuffix("best: tau 0.3, alpha 20.0: mIoU 0.8000 over 1 of 2 classes, pixel accuracy 0.8000\n"))
    #expect(text.contains("\n  0.2   20.0      4.00    0.7000  0.7000\n"), "\(text)")
  }

  /// Lines for people have a column for the timestep, or none.
  @Test func settingsWithAndWithoutATimestepContradictEachOther() throws {
    let folder = try TemporaryFolder()
    let lines = ["\"timestep\":5,", ""].map { line("\($0)\"alpha\":1,\"tau\":0.5,\"segments\":4", right: 3) }
    for order in [lines, lines.reversed()] {
      try folder.write(Data(order.joined().utf8), "sums")
      let outcome = try BuiltTool.run(["merge", folder.file("sums")])
      #expect(outcome.status == 3 && outcome.error.contains("the sums contradict each other"), "\(outcome.error)")
    }
  }

  @Test func filesThatHoldNoSweepAreRefused() throws {
    let folder = try TemporaryFolder()
    let setting = "\"timestep\":5,\"alpha\":1,\"tau\":0.5,\"segments\":4"
    for (text, message) in [
      (line(setting, right: 3) + "{}\n", "sums, line 2: not sums of an evaluation"),
      (line(setting, right: 3) + "{", "sums, line 2: invalid JSON: "),
      (line("\"alpha\":1,\"segments\":4", right: 3), "sums: 'sweep' is missing or wrong"),
      (line(setting.replacing("4", with: "-4"), right: 3), "sums: 'sweep' is missing or wrong"),
      (line(setting, right: 3) + line(setting, right: 3, images: "\"b\""), "sums: the sums contradict each other"),
    ] {
      try folder.write(Data(text.utf8), "sums")
      let outcome = try BuiltTool.run(["merge", folder.file("sums"), "--csv", folder.file("out.csv")])
      #expect(outcome.status == 3 && outcome.error.contains(message) && outcome.output.isEmpty, "\(outcome.error)")
    }
    #expect(try folder.names() == ["sums"])
  }

  @Test(
    arguments: [
      (["--dataset", "folder", "--root", "ROOT"], 2, "--dataset folder needs --classes N"),
      (["--dataset", "folder"], 2, "sweep needs --root DIR"),
      (["--root", "ROOT"], 2, "--root has no effect without --dataset SET"),
      (["SET", "--tune", "7"], 2, "--tune is 7, but the set has 6 images"),
      (["SET", "--tune", "0"], 2, "--tune is '0'"),
      (["SET", "--tune-seed", "1"], 2, "--tune-seed has no effect without --tune N"),
      (["SET", "--tune-list", "x"], 2, "--tune-list has no effect without --tune N"),
      (["SET", "--grid", "2x2"], 2, "--grid has no effect with --dataset"),
      (["SET", "--exclude", "ROOT/all"], 4, "--exclude excludes all 6 images"),
      (["SET", "--exclude", "ROOT/stranger"], 4, "'7' is not among the 6 images"),
      (["SET", "--plot", "a.svg", "--plot-x", "timestep"], 2, "--plot-x timestep needs a diffusion model"),
      (["SET", "-o", "a", "--partial", "a"], 2, "-o and --partial both name 'a'"),
      (["SET", "--timestep", "1:2:0.3"], 2, "--timestep: 1.3 is not a whole number"),
    ] as [([String], Int32, String)])
  func mistakesAreExplained(arguments: [String], status: Int32, message: String) throws {
    let set = try set()
    try set.add(Data("0\n1\n2\n3\n4\n5\n".utf8), "all")
    try set.add(Data("3\n7\n".utf8), "stranger")
    let outcome = try BuiltTool.run(
      ["sweep"]
        + arguments.flatMap { $0 == "SET" ? options(set) : [$0.replacing("ROOT", with: set.root)] })
    outcome.expectRefusal(status, message)
  }
}
