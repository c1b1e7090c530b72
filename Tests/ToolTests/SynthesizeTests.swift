// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@Suite struct SynthesizeTests {
  @Test(arguments: ["ssd-1b", "vega", "sd1.4"])
  func aNarrowModelIsWhole(architecture: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(["model", "synthesize", architecture, "-o", folder.file("model")])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.text.contains("tensors") && outcome.text.contains("bytes"))
    let check = try BuiltTool.run(["model", "check", folder.file("model")])
    #expect(check.status == 0 && check.text.contains("ok: all"))
    let index = "model/model_index.json"
    #expect(
      try folder.contents(index) == Data(Fixture.bytes("diffusion/\(architecture)/model_index.json")))
  }

  @Test func optionsReachTheFile() throws {
    let folder = try TemporaryFolder()
    func synthesize(_ name: String, _ options: [String]) throws -> Data {
      let arguments = ["model", "synthesize", "vega", "-q", "-o", folder.file(name)] + options
      let outcome = try BuiltTool.run(arguments)
      #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty)
      return try folder.contents(name)
    }
    let plain = try synthesize("a.safetensors", ["--threads", "1"])
    #expect(try synthesize("b.safetensors", ["--threads", "3", "--seed", "42", "--form", "trimmed"]) == plain)
    #expect(try synthesize("c.safetensors", ["--seed", "7"]) != plain)
    // One row of both token tables in half precision; the header's offsets have as many digits.
    let taller = try synthesize("d.safetensors", ["--vocabulary", "64"])
    #expect(abs(taller.count - plain.count - 16 * 2 * (24 + 32)) < 1024)
    #expect(try synthesize("e.safetensors", ["--form", "complete"]).count > plain.count)
    #expect(try folder.names().count == 5)
    let styled = ["model", "synthesize", "ssd-1b", "--style", "a1111", "-o", folder.file("f.safetensors")]
    #expect(try BuiltTool.run(styled).status == 0)
    #expect(try folder.contents("f.safetensors").range(of: Data("logit_scale".utf8)) != nil)
  }

  /// Arguments after `model`, the exit code, and what the message says.
  @Test(arguments: [
    (["synthesize", "vegas", "-o", "x"], "did you mean 'vega'?"),
    (["synthesize", "vega"], "needs -o"),
    (["synthesize", "vega", "-o", "x", "--widths", "wide"], "narrow, full"),
    (["synthesize", "vega", "-o", "x", "--revision", "main"], "--revision"),
    (["synthesize", "vega", "-o", "x", "--vocabulary", "2"], "--vocabulary"),
    (["synthesize", "vega", "-o", "x.safetensors", "--style", "a1111"], "it applies to a single file of ssd-1b"),
    (["synthesize", "ssd-1b", "-o", "x", "--style", "a1111"], "it applies to a single file of ssd-1b"),
    (["info", "x", "--seed", "1"], "--seed has no effect with 'model info'"),
    (["synthesze", "vega"], "did you mean 'synthesize'?"),
  ])
  func wrongArgumentsAreExplained(arguments: [String], message: String) throws {
    let outcome = try BuiltTool.run(["model"] + arguments)
    #expect(outcome.status == 2 && outcome.error.contains(message), "\(outcome.error)")
  }

  @Test func aFolderThatCannotBeMadeIsAnErrorOfTheOutput() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(), "file")
    let outcome = try BuiltTool.run(["model", "synthesize", "vega", "-o", folder.file("file")])
    #expect(outcome.status == 5 && outcome.error.contains("cannot create directory"))
  }
}
