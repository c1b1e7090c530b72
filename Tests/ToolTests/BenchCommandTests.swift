// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import TestSupport
import Testing

/// What is printed, not how fast anything is.
@Suite struct BenchCommandTests {
  private static let features = Fixture.path("ncut/coffee-tau0.3.safetensors")
  private static let model = Fixture.path("diffusion/ssd-1b")

  private func objects(_ arguments: [String]) throws -> [[String: Any]] {
    let outcome = try BuiltTool.run(["bench"] + arguments + ["--json", "--repeat", "1"])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    return try outcome.text.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  /// Errors of sums of products in single precision, as a share of the sum of magnitudes: far below these limits, and
  /// about 1 where a reference is not that of the kernel.
  @Test(arguments: [
    (["gemm", "--size", "65"], 1, 1e-6), (["conv", "--size", "32", "--stage", "unet.down_blocks.0"], 3, 1e-5),
    (["conv", "--size", "32", "--stage", "downsampler"], 2, 1e-6), (["attention", "--size", "64"], 5, 1e-5),
    (["norm", "--size", "32"], 8, 1e-5),
  ])
  func kernelsHaveALineEachWithTheirError(arguments: [String], count: Int, limit: Double) throws {
    for set in InstructionSet.supported {
      let lines = try objects(arguments + ["--isa", set.rawValue])
      #expect(lines.count == count)
      for line in lines {
        #expect(line["kernel"] as? String == arguments[0] && line["isa"] as? String == set.rawValue)
        #expect(line["stage"] as? String != nil && line["shape"] as? [Int] != nil && line["runs"] as? Int == 1)
        #expect(line["seconds"] as? Double ?? -1 > 0)
        let speed = line["gflops"] ?? line["gigabytesPerSecond"]
        #expect(speed as? Double ?? -1 > 0)
        #expect(line["error"] as? Double ?? .infinity < limit, "\(line)")
      }
    }
  }

  /// With 4×4 tiles 36 products stand for 144, with 6×6 tiles 64 for 324; 12×12 pixels are whole tiles of both.
  @Test func executedProductsAreThoseOfTheTiles() throws {
    let lines = try objects(["conv", "--size", "96", "--stage", "unet.down_blocks.0"])
    let ratios = lines.map {
      (($0["gflops"] as? Double ?? 0) / ($0["executedGflops"] as? Double ?? 1) * 10000).rounded()
    }
    #expect(lines.map { $0["variant"] as? String } == ["direct", "winograd4", "winograd6"])
    #expect(lines.map { $0["shape"] as? [Int] } == Array(repeating: [12, 12, 320, 320], count: 3))
    #expect(ratios == [10000, 40000, 50625])
  }

  @Test func theEncoderHasALineForEveryStage() throws {
    let lines = try objects(["encoder", "--model", Self.model, "--size", "64"])
    let names = lines.compactMap { $0["stage"] as? String }
    #expect(names.first == "model" && names.suffix(3) == ["vae", "unet", "all"])
    #expect(names.contains("vae.down_blocks.0.resnets.0") && names.contains("unet.down_blocks.2.attentions.1"))
    #expect(lines.allSatisfy { $0["firstSeconds"] as? Double ?? -1 >= 0 && $0["size"] as? Int == 64 })
    // Weights are read once; every other stage comes again.
    #expect(
      lines.filter { $0["seconds"] == nil }.compactMap { $0["stage"] as? String } == [
        "model", "vae.weights", "unet.weights",
      ])
    let counted = lines.filter { $0["boundSeconds"] != nil }
    #expect(counted.count == 16 + 14 + 3 && counted.allSatisfy { $0["share"] as? Double ?? -1 > 0 })
    let some = try objects(["encoder", "--model", Self.model, "--size", "64", "--stage", "vae.mid_block"])
    #expect(some.count == 1 + 3 + 2)
  }

  @Test func textHasOneLineAMeasurement() throws {
    let text = try BuiltTool.run(["bench", "attention", "--size", "32", "--stage", "unet.down_blocks.1"]).text
    let lines = text.split(separator: "\n")
    #expect(lines.count == 4 && lines[1].split(separator: " ").first == "stage")
    #expect(lines[0].contains("instructions"))
    let table = try BuiltTool.run(["bench", "encoder", "--model", Self.model, "--size", "64", "--stage", "unet"]).text
    #expect(table.contains("second") && table.contains("reached") && table.contains("unet.down_blocks.0.resnets.0"))
    #expect(!table.contains("vae"))
  }

  @Test func theClusteringStageHasItsLine() throws {
    let lines = try objects([Self.features, "--tau", "0.3"])
    #expect(lines.count == 1 && lines[0]["kernel"] as? String == "cut" && lines[0]["segments"] as? Int == 8)
  }

  @Test(arguments: [
    (["gemm", "--tau", "1"], "--tau has no effect with 'bench gemm'; it applies to 'bench FEATURES'"),
    (["conv", "--grid", "2x2"], "--grid has no effect with 'bench conv'; it applies to 'bench FEATURES'"),
    (["attention", "--model", "x"], "--model has no effect with 'bench attention'; it applies to 'bench encoder'"),
    ([features, "--size", "64"], "--size has no effect with 'bench FEATURES'"),
    ([features, "--stage", "vae"], "--stage has no effect with 'bench FEATURES'"),
    (["conv", "--size", "31"], "--size is '31', expected a whole number from 32 to 4096"),
    (["norm", "--isa", "avx1024"], "--isa is 'avx1024', expected one of portable, avx2, avx512"),
    (["norm", "--repeat", "0"], "--repeat is '0', expected a whole number from 1 to 1000"),
    (["norm", "--stage", "text"], "no stage of norm has 'text' in its name"),
    (["gem"], "no file 'gem' to bench"), (["encoder"], "bench needs --model"),
    (["encoder", "--model", model, "--size", "64", "--stage", "x"], "no stage of the encoder has 'x' in its name"),
    (
      ["encoder", "--model", model, "--size", "65"],
      "image size 65 is not supported, expected a multiple of 32, at least 64; the nearest is 64"
    ),
  ])
  func mistakesAreWrongUsage(arguments: [String], message: String) throws {
    let outcome = try BuiltTool.run(["bench"] + arguments + ["--json"])
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.error.hasPrefix("diffcut: error: \(message)"), "\(outcome.error)")
  }
}
