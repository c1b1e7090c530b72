// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Reports and COCO files of shares, joined.
@Suite struct MergeTests {
  private let names = ["b.ppm", "a/2.ppm", "a/10.ppm", "é.ppm", "c.ppm", "d/1.ppm", "e.ppm"]
  private let joined = ["annotations.coco", "panoptic"]

  /// Three shares in folders of their own, with an image that cannot be decoded, and the run over all.
  private func shares(_ source: [String], list: String? = nil) throws -> Photographs {
    let photographs = try Photographs(names.map { "in/\($0)" })
    try photographs.write(Data("P6\n9 9\n255\nshort".utf8), "in/c.ppm")
    if let list { try photographs.write(Data(list.utf8), "list") }
    let common = ["segment", "-q", "-f", "coco,panoptic"] + source
    for index in 0..<3 {
      let outcome = try BuiltTool.run(
        common + ["--shard", "\(index)/3", "-o", "out\(index)", "--report", "report\(index).jsonl"],
        directory: photographs.path)
      #expect([0, 1].contains(outcome.status))
    }
    let whole = try BuiltTool.run(common + ["-o", "whole", "--report", "whole.jsonl"], directory: photographs.path)
    #expect(whole.status == 1)
    return photographs
  }

  private func merge(_ photographs: Photographs, _ arguments: [String]) throws -> BuiltTool.Outcome {
    try BuiltTool.run(["merge"] + arguments, directory: photographs.path)
  }

  private func parts(_ name: String) -> [String] { (0..<3).map { "out\($0)/\(name).\($0)-of-3.json" } }

  @Test func filesOfSharesAreThatOfOneRun() throws {
    let photographs = try shares(["-r", "in"])
    for name in joined {
      let whole = try photographs.folder.contents("whole/\(name).json")
      let outcome = try merge(photographs, parts(name).reversed())
      #expect(outcome.status == 0 && outcome.output == whole, "\(name)")
      #expect(outcome.error == "6 images of 3 files\n")
      // What was joined can be joined again.
      #expect(try merge(photographs, ["-q", "-o", "again.json", "whole/\(name).json"]).error.isEmpty)
      #expect(try photographs.folder.contents("again.json") == whole)
    }
    let reports = (0..<3).map { "report\($0).jsonl" }
    let outcome = try merge(photographs, reports)
    let whole = BuiltTool.Outcome(status: 0, output: try photographs.folder.contents("whole.jsonl"), error: "")
    #expect(outcome.status == 0 && outcome.error == "7 images: 6 segmented, 1 failed\n")
    for member in ["id", "status", "config_hash", "code"] {
      #expect(try outcome.all(member) == whole.all(member), "\(member)")
    }
  }

  @Test func aListTellsTheOrder() throws {
    let list = names.map { "in/\($0)\n" }.joined()
    let photographs = try shares(["--manifest", "list"], list: list)
    for name in joined {
      let outcome = try merge(photographs, ["--manifest", "list"] + parts(name))
      #expect(try outcome.output == photographs.folder.contents("whole/\(name).json"))
      #expect(try merge(photographs, parts(name)).output != outcome.output)
    }
    let reports = try merge(
      photographs, ["--manifest", "list", "-q", "report2.jsonl", "report0.jsonl", "report1.jsonl"])
    #expect(try reports.all("id") == names.map { "in/\($0)" } && reports.error.isEmpty)
    try photographs.write(Data("in/b.ppm\n".utf8), "short")
    let stranger = try merge(photographs, ["--manifest", "short"] + parts("panoptic"))
    #expect(stranger.status == 2 && stranger.error.contains("' is not in the list of --manifest"))
    #expect(stranger.output.isEmpty)
  }

  /// An attempt that was killed and the one that took it up.
  @Test func ofSeveralLinesOfAnImageTheBestIsTaken() throws {
    func line(_ id: String, _ status: String, _ tail: String = "") -> String {
      "{\"v\":1,\"id\":\"\(id)\",\"status\":\"\(status)\"\(tail)}\n"
    }
    let photographs = try Photographs([])
    try photographs.write(
      Data((line("a", "ok", ",\"n\":1") + line("b", "error") + line("c", "ok") + "{\"v\":1,\"id\":\"d").utf8), "1")
    try photographs.write(Data((line("a", "skipped", ",\"n\":2") + line("b", "ok") + line("c", "error")).utf8), "2")
    try photographs.write(Data(), "3")
    let outcome = try merge(photographs, ["3", "1", "2"])
    #expect(outcome.text == line("a", "skipped", ",\"n\":2") + line("b", "ok") + line("c", "ok"))
    #expect(
      outcome.error == "diffcut: warning: 1: dropped the unfinished last line\n"
        + "3 images: 2 segmented, 1 already done\n")
  }

  @Test func filesThatDoNotFitAreRefused() throws {
    let photographs = try shares(["-r", "in"])
    let coco = parts("annotations.coco")
    let good = String(decoding: try photographs.folder.contents(coco[0]), as: UTF8.self)
    func refused(_ arguments: [String], _ status: Int32, _ message: String) throws {
      let outcome = try merge(photographs, arguments + ["-o", "merged"])
      #expect(outcome.status == status && outcome.error.contains(message), "\(outcome.error)")
      #expect(outcome.output.isEmpty && !FileManager.default.fileExists(atPath: photographs.folder.file("merged")))
    }
    try refused([coco[0], coco[1], coco[0]], 2, "is in \(coco[0]) too")
    try refused([coco[0], parts("panoptic")[1]], 2, "the format is panoptic, but coco in the first file")
    try refused([coco[0], "report0.jsonl"], 3, "report0.jsonl: line 1 is not in diffcut's format")
    try refused(["report0.jsonl", coco[0]], 3, "not a line of a report")
    try refused([coco[0], "none"], 3, "none")
    try refused([coco[0], "--csv", "x"], 2, "--csv has no effect with reports and COCO files")
    for (damaged, line) in [
      (good.replacing("{\"id\":2,\"width\"", with: "{\"id\":3,\"width\""), 3),
      (good.replacing("\"file_name\"", with: "\"name\""), 2),
      (good.replacing("\"id\":1,\"image_id\"", with: "\"id\":7,\"image_id\""), 5),
      (good.replacing("]}\n", with: "]}\n\n"), good.split(separator: "\n").count),
      (String(good.prefix(130)), 2),
    ] {
      try photographs.write(Data(damaged.utf8), "damaged")
      try refused(["damaged"], 3, "damaged: line \(line) is not in diffcut's format")
    }
    let other = try BuiltTool.run(
      ["segment", "-q", "in/b.ppm", "--tau", "0.9", "-o", "other", "--report", "other.jsonl"],
      directory: photographs.path)
    #expect(other.status == 0)
    try refused(["report0.jsonl", "other.jsonl"], 2, "other.jsonl, line 1: config_hash is '")
    try photographs.write(Data("{\"kind\":\"diffcut evaluation sums\"}".utf8), "sums")
    try refused(["sums"], 2, "--output has no effect with sums")
  }
}
