// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Tool

@Suite struct BatchArgumentTests {
  @Test(arguments: [
    ["-f", "labels,overlay", "a"], ["-f", "labels", "-f", "overlay", "a"], ["--format=labels,overlay", "a"],
    ["-flabels", "a", "--format", "overlay"],
  ])
  func listsAreCommasOrRepetition(arguments: [String]) throws {
    let parsed = try ParsedArguments(arguments, for: CommandTable.segment)
    #expect(parsed.list("format") == ["labels", "overlay"])
    #expect(parsed.operands == ["a"])
    #expect(parsed.list("name") == nil)
  }

  @Test(
    arguments: [
      ("8G", 8 << 30), ("8g", 8 << 30), ("8GiB", 8 << 30), ("8GB", 8_000_000_000), ("1.5K", 1536), ("512M", 512 << 20),
      ("1T", 1 << 40), ("2kb", 2000),
    ] as [(String, Int)])
  func memoryIsWrittenAsUsual(text: String, bytes: Int) { #expect(ByteCount.parse(text) == bytes) }

  @Test(arguments: ["", "8", "G", "0G", "-1G", "8X", "8Gb!", "8 G", "1e3G", "nanG", "99999999999T"])
  func otherSizesAreRefused(text: String) throws {
    #expect(ByteCount.parse(text) == nil)
    let outcome = try BuiltTool.run(["segment", "a.png", "--memory", text, "-o", "/nowhere"])
    #expect(outcome.status == 2)
    #expect(outcome.error == "diffcut: error: --memory is '\(text)', expected a size, such as 8G\n")
  }

  /// Arguments, and what is said about them.
  @Test(
    arguments: [
      ([], "segment needs IMAGE, FOLDER or --manifest"),
      (["a", "-f", "labls"], "--format has 'labls', expected some of labels, overlay"),
      (["a", "-f", "labels,"], "--format has '', expected some of"),
      (["a", "-0"], "--null has no effect without --manifest FILE"), (["-", "-"], "standard input is given twice"),
      (["-", "--manifest", "-"], "standard input is given twice"),
      (["a", "b", "-o", "-"], "-o - takes one image; 2 were given"),
      (["a", "-o", "-", "-f", "labels,overlay"], "-o - takes one format; 2 were given"),
      (["a", "-o", "-", "-n"], "--dry-run has no effect with --output -"),
      (["a", "--report", "-"], "--report is '-', expected a file"),
      (["a", "--progress", "often"], "--progress is 'often', expected one of auto, always, never"),
      (["a", "--shard", "4/4"], "--shard is '4/4', expected I/N with I from 0 to N-1, or auto"),
      (["a", "--name", "{dir}/{nmae}.png"], "--name is '{dir}/{nmae}.png': unknown {nmae}"),
      (["a", "--name", "{dir"], "--name is '{dir': a closing brace is missing"),
      (["a", "--name", "../{stem}"], "--name is '../{stem}', expected a path inside the folder of results"),
      (["a", "--name", "/x/{stem}"], "--name is '/x/{stem}', expected a path inside the folder of results"),
      (
        ["a", "--name", ".diffcut/{stem}"], "--name is '.diffcut/{stem}', expected a path inside the folder of results"
      ),
      (["a", "--name", "{stem}/"], "--name is '{stem}/', expected a path inside the folder of results"),
    ] as [([String], String)])
  func mistakesAreNamedBeforeAnyWork(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(["segment"] + arguments, directory: folder.path)
    #expect(outcome.status == 2)
    #expect(outcome.error.hasPrefix("diffcut: error: \(message)"), "\(outcome.error)")
    #expect(try folder.names() == [])
  }
}

@Suite struct ShardTests {
  private func parse(_ text: String?, count: String? = nil, _ environment: [String: String] = [:]) throws -> Shard? {
    try Shard.parse(text, count: count) { environment[$0] }
  }

  @Test func sharesAreNumberedFromZero() throws {
    #expect(try parse("0/1") == Shard(index: 0, count: 1))
    #expect(try parse("2/8") == Shard(index: 2, count: 8))
    #expect(try parse(nil) == nil)
  }

  @Test func clustersTellTheShare() throws {
    let slurm = ["SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_COUNT": "4", "SLURM_ARRAY_TASK_MIN": "1"]
    #expect(throws: ToolError.self) { try parse("auto", slurm) }
    #expect(try parse("auto", slurm.merging(["SLURM_ARRAY_TASK_ID": "3"]) { $1 }) == Shard(index: 2, count: 4))
    #expect(
      try parse("auto", slurm.merging(["SLURM_ARRAY_TASK_STEP": "2"]) { $1 }) == Shard(index: 3, count: 4))
    // A part of an array that is submitted again has another count: --shards says the first one.
    #expect(try parse("auto", count: "16", slurm) == Shard(index: 7, count: 16))
    #expect(try parse("auto", count: "3", ["JOB_COMPLETION_INDEX": "0"]) == Shard(index: 0, count: 3))
  }

  /// Text, count and the position that a cluster tells.
  @Test(
    arguments: [
      ("x", nil, nil), ("1", nil, nil), ("-1/3", nil, nil), ("3/3", nil, nil), ("0/0", nil, nil), ("0/3/4", nil, nil),
      ("auto", nil, nil), ("auto", "3", nil), ("auto", "3", "3"),
      ("auto", "0", "0"), ("auto", nil, "0"), ("auto", "3", "x"),
    ] as [(String?, String?, String?)])
  func otherSharesAreRefused(text: String?, count: String?, position: String?) {
    #expect(throws: ToolError.self) {
      try parse(text, count: count, position.map { ["JOB_COMPLETION_INDEX": $0] } ?? [:])
    }
  }

  @Test func joinedFilesCarryTheShare() {
    #expect(Shard(index: 2, count: 8).name("coco.json") == "coco.2-of-8.json")
    #expect(Shard(index: 2, count: 8).name("a.b/list") == "a.b/list.2-of-8")
    #expect(Shard.whole.name("coco.json") == "coco.json")
  }
}
