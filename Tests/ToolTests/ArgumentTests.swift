// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment
import TestSupport
import Testing
import Tool

@Suite struct ArgumentTests {
  @Test(arguments: [
    ["--tau", "0.3", "a.png"], ["--tau=0.3", "a.png"], ["a.png", "--tau", "0.3"],
    ["--tau", "9", "--tau", "0.3", "a.png"],
  ])
  func longOptionsTakeTheirValueEitherWay(arguments: [String]) throws {
    let parsed = try ParsedArguments(arguments, for: CommandTable.segment)
    #expect(parsed.operands == ["a.png"])
    #expect(try parsed.double("tau", in: 0...2) == 0.3)
  }

  @Test(arguments: [
    ["-o", "out", "-qv", "a"], ["-oout", "-q", "-v", "a"], ["-qvo", "out", "a"], ["-o=out", "-vq", "a"],
  ])
  func shortOptionsBundle(arguments: [String]) throws {
    let parsed = try ParsedArguments(arguments, for: CommandTable.segment)
    #expect(parsed.string("output") == "out" && parsed.has("quiet") && parsed.has("verbose"))
    #expect(parsed.operands == ["a"])
  }

  @Test func dashesAloneAreOperandsAndAfterTwoEverythingIs() throws {
    let parsed = try ParsedArguments(["-", "--", "-q", "--tau"], for: CommandTable.segment)
    #expect(parsed.operands == ["-", "-q", "--tau"])
    #expect(!parsed.has("quiet"))
  }

  @Test(
    arguments: [
      (["--taus", "1", "a"], "unknown option '--taus' for segment", "did you mean '--tau'?"),
      (["--out", "x", "a"], "unknown option '--out' for segment", "did you mean '--output'?"),
      (
        ["--pamr", "a"], "unknown option '--pamr' for segment",
        "did you mean '--pamr-iterations', '--pamr-dilations' or '--pamr-size'?"
      ),
      (["--frobnicate", "a"], "unknown option '--frobnicate' for segment", "see 'diffcut help segment'"),
      (["-z", "a"], "unknown option '-z' for segment", "see 'diffcut help segment'"),
      (["a", "--tau"], "--tau needs a value: T", nil),
      (["--quiet=yes", "a"], "--quiet takes no value", "write --quiet alone"),
    ] as [([String], String, String?)])
  func mistakesAreNamed(arguments: [String], message: String, hint: String?) {
    #expect(throws: ToolError(.usage, message, hint: hint)) {
      try ParsedArguments(arguments, for: CommandTable.segment)
    }
  }

  @Test func missingOperandsAreNamed() {
    let error = ToolError(
      .usage, "cut needs FEATURES|ATTENTION...", hint: "see 'diffcut help cut'")
    #expect(throws: error) { try ParsedArguments([], for: CommandTable.cut) }
  }

  @Test func surplusOperandsAreNamed() {
    #expect(throws: ToolError(.usage, "unexpected argument 'b' for features", hint: "see 'diffcut help features'")) {
      try ParsedArguments(["a", "b"], for: CommandTable.features)
    }
  }

  @Test(arguments: ["x", "-1", "2.5", "nan", "inf", ""])
  func numbersOutOfRangeAreRefused(text: String) throws {
    let parsed = try ParsedArguments(["--tau", text, "a"], for: CommandTable.segment)
    #expect(throws: ToolError(.usage, "--tau is '\(text)', expected a number from 0.0 to 2.0")) {
      try parsed.double("tau", in: 0...2)
    }
  }

  @Test(arguments: ["32", "0x4", "4x", "x", "4x-1", "4x4x4", "99999999x1", "ax4"])
  func sizesAreTwoPositiveNumbers(text: String) throws {
    let parsed = try ParsedArguments(["--grid", text, "a"], for: CommandTable.cut)
    #expect(throws: ToolError(.usage, "--grid is '\(text)', expected HEIGHTxWIDTH, such as 32x32")) {
      try parsed.size("grid")
    }
  }

  @Test func choicesSuggestTheNearestWord() throws {
    let parsed = try ParsedArguments(["--upsample", "concpet", "a"], for: CommandTable.cut)
    let error = ToolError(
      .usage, "--upsample is 'concpet', expected one of concept, nearest, corner, bilinear",
      hint: "did you mean 'concept'?")
    #expect(throws: error) { try parsed.choice("upsample", of: Upsampling.self) }
  }

  /// Options without effect, and the hint at their conditions.
  @Test(
    arguments: [
      ("segment", ["a", "--k", "3"], "k", "without --method kmeans or maskcut", nil),
      (
        "segment", ["a", "--method", "kmeans", "--tau", "0.3"], "tau", "with --method kmeans",
        "it applies to --method diffcut, maskcut or diffseg"
      ),
      ("segment", ["a", "--pamr-size", "64"], "pamr-size", "without --refine pamr", nil),
      (
        "segment", ["a", "--refine", "none", "--pamr-size", "64"], "pamr-size", "with --refine none",
        "it applies to --refine pamr"
      ),
      (
        "segment", ["a", "-f", "labels,coco", "--tolerance", "1"], "tolerance", "with --format labels,coco",
        "it applies to --format geojson or yolo"
      ),
      ("segment", ["a", "-0"], "null", "without --manifest FILE", nil),
      ("segment", ["a", "-o", "-", "--overwrite"], "overwrite", "with --output -", "leave out one of the two"),
      ("segment", ["a", "--shards", "3"], "shards", "without --shard auto", nil),
      ("segment", ["a", "--noise", "none", "--seed", "3"], "seed", "with --noise none", "leave out one of the two"),
      ("sweep", ["--tune-seed", "3", "--dataset", "voc"], "tune-seed", "without --tune N", nil),
      ("sweep", ["a", "--plot-x", "tau"], "plot-x", "without --plot FILE", nil),
      ("eval", ["--predictions", "p", "--model", "m"], "model", "with --predictions", "leave out one of the two"),
      ("eval", ["--covering", "--dataset", "voc"], "covering", "with --dataset voc", "it applies to --dataset folder"),
      ("model", ["info", "m", "--seed", "3"], "seed", "with 'model info'", "it applies to 'model synthesize'"),
      ("bench", ["gemm", "--tau", "1"], "tau", "with 'bench gemm'", "it applies to 'bench FEATURES'"),
      (
        "bench", ["x.npy", "--stage", "vae"], "stage", "with 'bench FEATURES'",
        "it applies to 'bench gemm', 'bench conv', 'bench attention', 'bench norm', 'bench pamr' and 'bench encoder'"
      ),
    ] as [(String, [String], String, String, String?)])
  func optionsWithoutEffectAreRejected(
    name: String, arguments: [String], option: String, place: String, hint: String?
  ) throws {
    let command = try #require(CommandTable.commands.first { $0.name == name })
    #expect(throws: ToolError(.usage, "--\(option) has no effect \(place)", hint: hint)) {
      try ParsedArguments(arguments, for: command)
    }
  }

  @Test func optionsWithEffectPass() throws {
    for arguments in [
      ["a", "--tau", "0.3", "--alpha", "8"], ["a", "--method", "maskcut", "--tau", "0.3", "--k", "2"],
      ["a", "-f", "labels,yolo", "--tolerance", "1"], ["a", "--shard", "auto", "--shards", "3"],
      ["a", "--refine", "pamr", "--pamr-size", "64"],
    ] {
      #expect(throws: Never.self) { try ParsedArguments(arguments, for: CommandTable.segment) }
    }
  }

  /// The command reports an unknown value of the other option; a hint at the condition would mislead.
  @Test func unknownValuesHideConditions() throws {
    let outcome = try BuiltTool.run(["segment", "a", "--method", "kmean", "--k", "3"])
    #expect(outcome.status == 2 && outcome.error.hasPrefix("diffcut: error: --method is 'kmean', expected one of"))
  }

  @Test func everyFlagIsDocumentedOnceAndParses() throws {
    for command in CommandTable.commands {
      #expect(Set(command.flags.map(\.name)).count == command.flags.count)
      let letters = command.flags.compactMap(\.short)
      #expect(Set(letters).count == letters.count)
      let page = HelpText.page(for: command, isComplete: true)
      let words = page.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      for flag in command.flags {
        #expect(!flag.summary.isEmpty && words.contains("--\(flag.name)") && words.contains(flag.explanation))
        let operands = Array(repeating: "x", count: command.operandCount.lowerBound)
        let parsed = try? ParsedArguments(
          ["--\(flag.name)"] + (flag.value == nil ? [] : ["value"]) + operands, for: command)
        // An option with a condition may have no effect by itself.
        #expect(parsed.map { $0.has(flag.name) && $0.operands == operands } ?? !flag.conditions.isEmpty)
      }
      #expect(HelpText.overview.contains(command.summary))
    }
  }

  @Test(arguments: [
    ("tau", "tau", 0), ("tua", "tau", 1), ("", "abc", 3), ("segmnt", "segment", 1), ("cut", "segment", 6),
  ])
  func editDistanceCountsKeystrokes(a: String, b: String, distance: Int) {
    #expect(editDistance(a, b) == distance)
    #expect(editDistance(b, a) == distance)
    for limit in 0...7 { #expect(editDistance(a, b, limit: limit) == (distance <= limit ? distance : nil)) }
  }

  /// Names that cannot win are skipped; the result is that of all distances.
  @Test func theClosestNameIsThatOfAllDistances() {
    func closest(to typed: String, among names: [String]) -> [String] {
      let longer = names.filter { $0.lowercased().hasPrefix(typed.lowercased()) }
      if typed.count > 1, (1...3).contains(longer.count) { return longer }
      let distances = names.map { (name: $0, distance: editDistance(typed.lowercased(), $0.lowercased()) ?? .max) }
      guard let best = distances.min(by: { $0.distance < $1.distance }) else { return [] }
      return best.distance <= max(1, best.name.count / 3) ? [best.name] : []
    }
    var generator = SeededGenerator(seed: 5)
    func word() -> String {
      String((0..<Int.random(in: 0...9, using: &generator)).map { _ in "abcA".randomElement(using: &generator) ?? "a" })
    }
    var found = 0
    for _ in 0..<2000 {
      let names = (0..<Int.random(in: 0...6, using: &generator)).map { _ in word() }
      let typed = word()
      let result = Suggestion.closest(to: typed, among: names)
      #expect(result == closest(to: typed, among: names), "\(typed) among \(names)")
      found += result.count
    }
    #expect(found > 500)
  }

  @Test func pathsInLargeFoldersAreNotCorrected() throws {
    let folder = try TemporaryFolder()
    for index in 0..<Suggestion.folderLimit { try folder.write(Data(), "\(index).png") }
    #expect(Suggestion.path(closeTo: folder.file("999.pgn")) == folder.file("999.png"))
    try folder.write(Data(), "one-more.png")
    #expect(Suggestion.path(closeTo: folder.file("999.pgn")) == nil)
  }
}
