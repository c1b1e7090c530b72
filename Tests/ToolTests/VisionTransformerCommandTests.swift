// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment
import Tensor
import TestSupport
import Testing

/// Vision transformers through the real binary.
@Suite struct VisionTransformerCommandTests {
  private let model = Fixture.path("vit/dinov2")
  private let coffee = Fixture.path("images/coffee.png")

  @Test(arguments: ["dino", "dinov2", "dinov2-giant", "dinov2-registers", "timm-dino", "timm-registers"])
  func everyLayoutSegments(name: String) throws {
    let folder = try TemporaryFolder()
    let model = Fixture.path("vit/\(name)")
    let check = try BuiltTool.run(["model", "check", model])
    #expect(check.status == 0 && check.text.contains("ok: all "), "\(check.error)")
    let outcome = try BuiltTool.run(["segment", coffee, "-m", model, "--size", "112", "-o", folder.path, "-v"])
    let grid = name.hasSuffix("dino") ? "6x9" : "7x10"
    #expect(outcome.status == 0 && outcome.text.contains("grid \(grid), "), "\(outcome.error)")
    #expect(outcome.text.contains(name.contains("dino-") || name.hasSuffix("dino") ? "(DINO" : "(DINOv2"))
  }

  /// The features of the real binary, on every instruction set and any number of threads.
  @Test(arguments: InstructionSet.supported)
  func featuresAreThoseOfTransformers(set: InstructionSet) throws {
    let folder = try TemporaryFolder()
    let photograph = Fixture.path("images/chelsea.png")
    var results: [Data] = []
    for threads in 1...3 {
      let outcome = try BuiltTool.run(
        [
          "features", photograph, "-m", model, "--size", "126x182", "--feature", "tokens", "-t", "\(threads)", "-o",
          folder.file("f.npy"),
        ],
        environment: ["DIFFCUT_ISA": set.rawValue])
      #expect(outcome.status == 0 && outcome.error.isEmpty)
      results.append(try folder.contents("f.npy"))
    }
    #expect(results[0] == results[1] && results[0] == results[2])
    let found = try NPY.parse([UInt8](results[0]))
    #expect(found.shape == [9, 13, 64])
    let golden = try SafetensorsFile(path: Fixture.path("vit/goldens/dinov2-chelsea-9x13.safetensors"))
    expectEqual(
      Array(found.doubles()), Array(try golden.doubles("features")),
      within: .golden(relativeFrobenius: 2e-5, maximumAbsolute: 1), "features")
  }

  /// Features that are stored have the segments of the photograph, as their file states the graph.
  @Test func featuresGoIntoCut() throws {
    let folder = try TemporaryFolder()
    for feature in ["tokens", "keys", "queries", "values"] {
      let file = folder.file("\(feature).safetensors")
      let options = ["-m", model, "--size", "112", "--feature", feature]
      #expect(try BuiltTool.run(["features", coffee, "-o", file] + options).status == 0)
      let stored = try SafetensorsFile(path: file)
      #expect(stored.metadata["grid"] == "7x10" && stored.metadata["encoder"] == "DINOv2")
      #expect(
        try BuiltTool.run(["cut", file, "--mask-size", "400x600", "-o", folder.file("\(feature).png")]).status == 0)
      #expect(try BuiltTool.run(["segment", coffee, "-o", folder.file(feature), "-f", "labels"] + options).status == 0)
      #expect(
        try segments(folder.contents("\(feature).png")) == segments(folder.contents("\(feature)/coffee.labels.png")))
    }
  }

  /// The map has the rows and columns of the patches, whose grid is not square.
  @Test func attentionGoesIntoDiffSeg() throws {
    let folder = try TemporaryFolder()
    let options = ["-m", model, "--size", "112"]
    let (both, map) = (folder.file("both.safetensors"), folder.file("map.npy"))
    #expect(try BuiltTool.run(["features", coffee, "-o", both, "--attention", both] + options).status == 0)
    #expect(
      try BuiltTool.run(["features", coffee, "-o", folder.file("f.npy"), "--attention", map] + options).status == 0)
    let found = try NPY.parse([UInt8](folder.contents("map.npy")))
    #expect(found.shape == [70, 70])
    let sums = stride(from: 0, to: 70 * 70, by: 70).map { found.doubles()[$0..<$0 + 70].reduce(0, +) }
    #expect(sums.allSatisfy { abs($0 - 1) < 1e-5 })
    let cut = try BuiltTool.run(["cut", both, "--method", "diffseg", "-o", folder.file("a.npy")])
    #expect(cut.status == 0, "\(cut.error)")
    let given = try BuiltTool.run(["cut", map, "--grid", "7x10", "--method", "diffseg", "-o", folder.file("b.npy")])
    #expect(given.status == 0, "\(given.error)")
    #expect(try folder.contents("a.npy") == folder.contents("b.npy"))
    let segment = try BuiltTool.run(["segment", coffee, "--method", "diffseg", "-o", folder.path] + options)
    #expect(segment.status == 0, "\(segment.error)")
  }

  @Test(arguments: [
    (
      ["--size", "100x70"],
      "image size 100x70 is not supported, expected multiples of the patch, 14; the nearest is 98x70"
    ),
    (["--size", "4000"], "image size 4000 gives 81796 patches; the limit is 32768"),
    (["--size", "70x"], "--size is '70x', expected HEIGHTxWIDTH, such as 32x32"),
    (["--layer", "3"], "layer 3 is out of range, expected 1 to 2"),
    (["--layer", "0"], "--layer is '0', expected a whole number from 1 to 1000000"),
    (["--feature", "key"], "--feature is 'key', expected one of tokens, keys, queries, values; did you mean 'keys'?"),
    (["--level", "64"], "--level has no effect with vision transformers; it applies to diffusion models"),
    (["--timestep", "50"], "--timestep has no effect with vision transformers; it applies to diffusion models"),
  ])
  func settingsThatDoNotFitAreExitCodeTwo(options: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(["segment", coffee, "-m", model, "-o", folder.path] + options)
    #expect(outcome.status == 2 && outcome.error == "diffcut: error: \(message)\n", "\(outcome.error)")
  }

  @Test func optionsOfVisionTransformersHaveNoEffectOnOthers() throws {
    let folder = try TemporaryFolder()
    for (other, family) in [("built-in", "the built-in encoder"), (Fixture.path("diffusion/vega"), "diffusion models")]
    {
      let outcome = try BuiltTool.run(["segment", coffee, "-m", other, "--feature", "keys", "-o", folder.path])
      #expect(outcome.status == 2)
      #expect(
        outcome.error
          == "diffcut: error: --feature has no effect with \(family); it applies to vision transformers\n")
    }
  }

  @Test func aHeightAndAWidthAreForVisionTransformers() throws {
    let folder = try TemporaryFolder()
    for (other, family, range) in [
      ("built-in", "the built-in encoder", "16 to 1024"),
      (Fixture.path("diffusion/vega"), "diffusion models", "1 to 8192"),
    ] {
      let outcome = try BuiltTool.run(["segment", coffee, "-m", other, "--size", "128x128", "-o", folder.path])
      #expect(outcome.status == 2)
      #expect(
        outcome.error
          == "diffcut: error: --size is '128x128', which does not apply to \(family); pass a whole number from \(range); "
          + "HEIGHTxWIDTH applies to vision transformers\n")
    }
  }

  /// The earlier block's features differ; the last one by its number is the default.
  @Test func layersAreCountedFromOne() throws {
    let folder = try TemporaryFolder()
    func features(_ layer: String) throws -> Data {
      let file = folder.file("\(layer).npy")
      let outcome = try BuiltTool.run(["features", coffee, "-m", model, "--size", "56", "--layer", layer, "-o", file])
      #expect(outcome.status == 0, "\(outcome.error)")
      return try folder.contents("\(layer).npy")
    }
    #expect(try features("2") == features("last"))
    #expect(try features("1") != features("last"))
  }

  @Test func packedAndSyntheticModels() throws {
    let folder = try TemporaryFolder()
    let (synthetic, packed) = (folder.file("synthetic"), folder.file("packed.safetensors"))
    let made = try BuiltTool.run(["model", "synthesize", "dinov2-with-registers-small", "-o", synthetic])
    #expect(made.status == 0 && made.text.contains("model.safetensors: 44 tensors"), "\(made.error)")
    #expect(try BuiltTool.run(["model", "pack", synthetic, "-o", packed]).status == 0)
    let info = try BuiltTool.run(["model", "info", packed])
    #expect(info.text.contains("packed from synthetic\n  model: DINOv2 with registers\n"), "\(info.text)")
    func features(_ model: String) throws -> Data {
      let outcome = try BuiltTool.run(["features", coffee, "-m", model, "--size", "56", "-o", folder.file("f.npy")])
      #expect(outcome.status == 0, "\(outcome.error)")
      return try folder.contents("f.npy")
    }
    #expect(try features(packed) == features(synthetic))
    #expect(
      try BuiltTool.run(["model", "pack", packed, "-o", folder.file("again.safetensors")]).error
        == "diffcut: error: '\(packed)' is packed already; copy the file instead\n")
    let wrong = try BuiltTool.run(["model", "synthesize", "dinov2-small", "-o", folder.file("x.safetensors")])
    #expect(wrong.status == 2 && wrong.error == "diffcut: error: dinov2-small is written as a folder; use -o FOLDER\n")
    let style = try BuiltTool.run(["model", "synthesize", "dinov2-small", "--vocabulary", "9", "-o", synthetic])
    #expect(
      style.error == "diffcut: error: --vocabulary has no effect with dinov2-small; it applies to diffusion models\n")
  }

  /// Every command that takes a model.
  @Test func reportSweepAndBench() throws {
    let folder = try TemporaryFolder()
    let options = ["-m", model, "--size", "56"]
    for arguments in [
      ["report", coffee, "-o", folder.file("r.html")], ["sweep", coffee, "--tau", "0.5,0.9"],
      ["bench", "encoder", "--repeat", "1"],
      ["coherence", "heatmap", coffee, "--point", "320,200", "-o", folder.file("map.png")],
    ] {
      let outcome = try BuiltTool.run(arguments + options)
      #expect(outcome.status == 0, "\(arguments) \(outcome.error)")
    }
    let lines = try BuiltTool.run(["bench", "encoder", "--json", "-m", model, "--size", "28x70"]).text.split(
      separator: "\n")
    #expect(lines.count { $0.contains(#""size":28,"width":70"#) } == lines.count)
    #expect(lines.contains { $0.contains(#""stage":"vit.layer.1""#) })
  }
}

/// The segments of a label picture, numbered in the order of their first pixels.
private func segments(_ data: Data) throws -> [Int] {
  var numbers: [Int32: Int] = [:]
  return try LabelMap(decoding: [UInt8](data)).labels.map { label in
    let number = numbers[label] ?? numbers.count
    numbers[label] = number
    return number
  }
}
