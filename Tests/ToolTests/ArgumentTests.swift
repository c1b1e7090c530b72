// SPDX-License-Identifier: Apache-2.0
import Segment
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

  @Test(arguments: [
    (["--taus", "1", "a"], "unknown option '--taus' for segment", "did you mean '--tau'?"),
    (["--frobnicate", "a"], "unknown option '--frobnicate' for segment", "see 'diffcut help segment'"),
    (["-z", "a"], "unknown option '-z' for segment", "see 'diffcut help segment'"),
    (["a", "--tau"], "--tau needs a value: T", nil),
    (["--quiet=yes", "a"], "--quiet takes no value", "write --quiet alone"),
  ])
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

  @Test func everyFlagIsDocumentedOnceAndParses() throws {
    for command in CommandTable.commands {
      #expect(Set(command.flags.map(\.name)).count == command.flags.count)
      let letters = command.flags.compactMap(\.short)
      #expect(Set(letters).count == letters.count)
      let page = HelpText.page(for: command)
      for flag in command.flags {
        #expect(!flag.summary.isEmpty && page.contains("--\(flag.name)") && page.contains(flag.summary))
        let operands = Array(repeating: "x", count: command.operandCount.lowerBound)
        let parsed = try ParsedArguments(
          ["--\(flag.name)"] + (flag.value == nil ? [] : ["value"]) + operands, for: command)
        #expect(parsed.has(flag.name))
        #expect(parsed.operands == operands)
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
  }
}
