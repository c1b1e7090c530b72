// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import TestSupport
import Testing

@Suite struct VerifyCommandTests {
  private static let golden = Fixture.path("diffusion/goldens/ssd-1b-astronaut-128.safetensors")
  private let images = Fixture.path("images")

  /// A copy of a golden whose first element of one tensor is another number, 4 bytes long.
  private func corrupted(_ golden: String, _ tensor: String, in folder: TemporaryFolder) throws -> String {
    let entry = try #require(try SafetensorsFile(path: golden).entries[tensor])
    var data = try Data(contentsOf: URL(fileURLWithPath: golden))
    #expect(entry.range.count / entry.shape.reduce(1, *) == 4)
    data.replaceSubrange(entry.range.lowerBound..<entry.range.lowerBound + 4, with: [0, 0, 0x40, 0x40])  // 3.0
    try data.write(to: URL(fileURLWithPath: folder.file("golden.safetensors")))
    return folder.file("golden.safetensors")
  }

  @Test func everyGoldenOfTheRepositoryIsReproduced() throws {
    let outcome = try BuiltTool.run(["verify"], directory: Fixture.repository)
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(!outcome.text.contains("FAIL"))
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.last == "35 goldens, 7 skipped: 497 stages, all within their limits")
    #expect(
      lines.contains {
        $0.hasPrefix(
          "fixtures/diffusion/goldens/vega-full-chelsea-512.safetensors: skipped: the model 'vega-full' is not here;")
          && $0.contains("make it with 'diffcut model synthesize vega --widths full -o vega-full'")
      })
    #expect(lines.contains { $0.hasPrefix("  features ") && $0.contains("[4, 4, 64]") && $0.hasSuffix("ok") })
    #expect(lines.contains { $0.hasPrefix("  segments") && $0.hasSuffix("19 segments, expected 19") })
  }

  @Test(arguments: InstructionSet.supported)
  func goldensAreReproducedOnEveryInstructionSet(set: InstructionSet) throws {
    let outcome = try BuiltTool.run(
      ["verify", Self.golden, Fixture.path("ncut/rocket-32x1.safetensors"), "-q"],
      environment: ["DIFFCUT_ISA": set.rawValue])
    #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty)
  }

  @Test(arguments: [
    ("diffusion/goldens/ssd-1b-astronaut-128.safetensors", "latent", "latent"),
    ("diffusion/goldens/ssd-1b-astronaut-128.safetensors", "vae.conv_in.statistics", "vae.conv_in"),
    ("diffusion/goldens/ssd-1b-astronaut-128.safetensors", "features", "features"),
    ("encoder/astronaut-small.safetensors", "features", "features"),
  ])
  func aChangedNumberIsFoundInItsStage(golden: String, tensor: String, stage: String) throws {
    let folder = try TemporaryFolder()
    let path = try corrupted(Fixture.path(golden), tensor, in: folder)
    let options = ["--images", images, "--model", Fixture.path("diffusion/ssd-1b")]
    let outcome = try BuiltTool.run(["verify", path] + options)
    #expect(outcome.status == 1)
    let failed = outcome.text.split(separator: "\n").filter { $0.hasSuffix("FAIL") }
    #expect(failed.count == 1 && failed.first?.hasPrefix("  \(stage) ") == true)
    #expect(outcome.text.hasSuffix(" 1 failed\n"))
    #expect(outcome.error.hasPrefix("diffcut: error: 1 of "))
    #expect(outcome.error.hasSuffix(" stages failed, first '\(stage)' of \(path)\n"))

    let quiet = try BuiltTool.run(["verify", path, "-q"] + options)
    #expect(quiet.status == 1 && quiet.output.isEmpty && quiet.error == outcome.error)

    let machine = try BuiltTool.run(["verify", path, "--json"] + options)
    #expect(machine.status == 1)
    let records = try machine.text.split(separator: "\n").map { try JSON.parse(Array($0.utf8)[...]) }
    let failing = records.filter { $0["status"]?.string == "fail" }
    #expect(failing.count == 1 && failing.first?["stage"]?.string == stage)
    #expect(try #require(failing.first?["error"]?.double) > #require(failing.first?["limit"]?.double))
    #expect(records.last?["failed"] == .integer(1) && records.last?["stages"] == .integer(records.count - 1))
  }

  @Test func aChangedLabelIsFound() throws {
    let folder = try TemporaryFolder()
    let golden = Fixture.path("ncut/rocket-32x1.safetensors")
    let entry = try #require(try SafetensorsFile(path: golden).entries["pixels"])
    var data = try Data(contentsOf: URL(fileURLWithPath: golden))
    data[entry.range.lowerBound] ^= 1
    try folder.write(data, "golden.safetensors")
    let outcome = try BuiltTool.run(["verify", folder.path])
    #expect(outcome.status == 1 && outcome.text.contains("FAIL  1 of 360 differ"))
  }

  /// With another model only goldens of its structure are computed.
  @Test func goldensOfOtherModelsAreSkipped() throws {
    let outcome = try BuiltTool.run(
      ["verify", Fixture.path("diffusion/goldens"), "--model", Fixture.path("diffusion/vega")])
    #expect(outcome.status == 0)
    #expect(outcome.text.hasSuffix("4 goldens, 14 skipped: 115 stages, all within their limits\n"))
    #expect(outcome.text.contains("skipped: made from 'sd1.4', which has another structure than"))
  }

  @Test func nothingVerifiedIsNoSuccess() throws {
    let outcome = try BuiltTool.run(["verify", Fixture.path("diffusion/goldens/sd1.4-full-coffee-512.safetensors")])
    #expect(outcome.status == 3 && outcome.error.contains("nothing was verified"))
    #expect(
      outcome.error.contains(
        "; the model 'sd1.4-full' is not here; make it with 'diffcut model synthesize sd1.4 --widths full"))
  }

  @Test func withoutGoldensTheUsageSaysWhereTheyAre() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(["verify"], directory: folder.path)
    #expect(outcome.status == 2)
    #expect(
      outcome.error.contains("the folder 'fixtures' is not here")
        && outcome.error.contains("; run it in the source repository"))
    let empty = try BuiltTool.run(["verify", folder.path])
    #expect(empty.status == 4 && empty.error.contains("no .safetensors file in \(folder.path)"))
    let missing = try BuiltTool.run(["verify", folder.file("no.safetensors")])
    #expect(missing.status == 4 && missing.error.contains("no.safetensors"))
    let revision = try BuiltTool.run(["verify", Self.golden, "--revision", "main"])
    #expect(revision.status == 2 && revision.error.contains("--revision has no effect without --model"))
  }

  @Test func aMissingPhotographIsNamed() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(["verify", Self.golden, "--images", folder.path])
    #expect(outcome.status == 4)
    #expect(outcome.error.contains("no photograph 'astronaut.png' in \(folder.path)"))
    #expect(outcome.error.contains("; pass the folder of photographs with --images"))
  }

  @Test func brokenGoldensAreExitCodeThree() throws {
    let folder = try TemporaryFolder()
    let whole = try Data(contentsOf: URL(fileURLWithPath: Self.golden))
    let checkpoint = try Data(Fixture.bytes("diffusion/vega/text_encoder/model.safetensors"))
    for (data, message) in [
      (whole.prefix(1000), "requires"), (whole.dropLast(), "data_offsets are outside"), (Data(), "the file is empty"),
      (Data("no golden at all".utf8), "looks like text"), (checkpoint, "not a golden"),
    ] {
      try folder.write(data, "golden.safetensors")
      // A broken one among good ones is found before anything is computed.
      let outcome = try BuiltTool.run(["verify", Self.golden, folder.path])
      #expect(outcome.status == 3 && outcome.output.isEmpty)
      #expect(outcome.error.contains("golden.safetensors: ") && outcome.error.contains(message), "\(outcome.error)")
      #expect(outcome.error.count { $0 == "\n" } == 1)
    }
  }
}
