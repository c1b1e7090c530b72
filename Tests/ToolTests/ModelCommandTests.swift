// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import TestSupport
import Testing

@Suite struct ModelCommandTests {
  private let model = Fixture.path("diffusion/ssd-1b")
  private let astronaut = Fixture.path("images/astronaut.png")

  @Test func infoTellsWhatAModelIs() throws {
    let outcome = try BuiltTool.run(["model", "info", model])
    #expect(outcome.status == 0)
    #expect(outcome.text.contains("UNet: widths [16, 32, 64], transformers [[], [2, 2], [4, 4]]"))
    #expect(outcome.text.contains("features: 64 channels, one for 32 pixels"))
  }

  @Test(arguments: ["ssd-1b", "vega", "sd1.4"])
  func checkReadsEveryTensor(name: String) throws {
    let outcome = try BuiltTool.run(["model", "check", Fixture.path("diffusion/\(name)")])
    #expect(outcome.status == 0 && outcome.text.contains("ok: all "))
  }

  @Test func missingModelsAreExitCodeThree() throws {
    let folder = try TemporaryFolder()
    for arguments in [
      ["model", "check", folder.path], ["model", "info", "/nowhere"], ["model", "info", "no/such-model"],
    ] {
      let outcome = try BuiltTool.run(arguments, environment: ["HF_HUB_CACHE": folder.path])
      #expect(outcome.status == 3)
      #expect(outcome.error.hasPrefix("diffcut: error: ") && outcome.error.count { $0 == "\n" } == 1)
    }
    #expect(try BuiltTool.run(["model", "chekc", model]).error.contains("did you mean 'check'?"))
  }

  /// Only a model of the cache has revisions.
  @Test(arguments: ["--revision", "--cache-dir"])
  func optionsOfTheCacheHaveNoEffectOnAPath(option: String) throws {
    let path = Fixture.path("diffusion/ssd-1b")
    let outcome = try BuiltTool.run(["model", "info", path, option, "x"])
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(
      outcome.error == "diffcut: error: \(option) has no effect with the path '\(path)'; it applies to org/name\n")
  }

  /// Narrow features of the real binary, on every instruction set and any number of threads.
  @Test(arguments: InstructionSet.supported)
  func featuresAreThoseOfDiffusers(set: InstructionSet) throws {
    let folder = try TemporaryFolder()
    var results: [Data] = []
    for threads in 1...3 {
      let outcome = try BuiltTool.run(
        [
          "features", astronaut, "--model", model, "--size", "128", "-t", "\(threads)", "-o",
          folder.file("\(threads).npy"),
        ], environment: ["DIFFCUT_ISA": set.rawValue])
      #expect(outcome.status == 0 && outcome.error.isEmpty)
      results.append(try folder.contents("\(threads).npy"))
    }
    #expect(results[0] == results[1] && results[0] == results[2])
    let found = try NPY.parse([UInt8](results[0]))
    #expect(found.shape == [4, 4, 64] && found.type == .float32)
    let golden = try SafetensorsFile(path: Fixture.path("diffusion/goldens/ssd-1b-astronaut-128.safetensors"))
    // The error that design allows the features.
    expectEqual(
      Array(found.doubles()), Array(try golden.doubles("features")),
      within: .golden(relativeFrobenius: 1e-4, maximumAbsolute: 1), "features")
  }

  @Test(arguments: [("32", 4, 64), ("64", 8, 32), ("32+64", 8, 96)])
  func levelsSetGridAndChannels(level: String, side: Int, channels: Int) throws {
    let folder = try TemporaryFolder()
    let file = folder.file("f.npy")
    let options = ["--model", model, "--size", "128", "--level", level]
    #expect(try BuiltTool.run(["features", astronaut, "-o", file] + options).status == 0)
    #expect(try NPY.parse([UInt8](folder.contents("f.npy"))).shape == [side, side, channels])
    let outcome = try BuiltTool.run(["segment", astronaut, "--tau", "0.9", "-o", folder.path, "-v"] + options)
    #expect(outcome.status == 0 && outcome.text.contains("grid \(side)x\(side), "))
  }

  /// Beside the features or in the same file; what 'cut' makes of it does not depend on where it is.
  @Test func attentionIsWrittenBesideFeatures() throws {
    let folder = try TemporaryFolder()
    func run(_ arguments: [String]) throws -> BuiltTool.Outcome {
      try BuiltTool.run(["features", astronaut, "--model", model, "--size", "128"] + arguments)
    }
    let (array, both) = (folder.file("a.npy"), folder.file("both.safetensors"))
    #expect(try run(["-o", folder.file("plain.npy")]).status == 0)
    #expect(try run(["-o", folder.file("f.npy"), "--attention", array]).status == 0)
    #expect(try folder.contents("f.npy") == folder.contents("plain.npy"))
    let map = try NPY.parse([UInt8](folder.contents("a.npy")))
    #expect(map.shape == [16, 16] && map.type == .float32)
    let golden = try SafetensorsFile(path: Fixture.path("diffusion/goldens/ssd-1b-astronaut-128.safetensors"))
    #expect(golden.entries["attention"] == nil)
    #expect(try run(["-o", both, "--attention", both]).status == 0)
    let file = try SafetensorsFile(path: both)
    #expect(file.entries.keys.sorted() == ["attention", "features"])
    #expect(try file.doubles("attention") == map.doubles())
    let levels = folder.file("levels.safetensors")
    #expect(try run(["-o", "-", "--attention", levels, "--level", "32+64"]).status == 0)
    #expect(
      try SafetensorsFile(path: levels).entries.mapValues(\.shape)
        == ["attention.32": [16, 16], "attention.64": [64, 64]])
    let stream = try run(["-o", folder.file("g.npy"), "--attention", "-"])
    #expect(try stream.status == 0 && stream.output == folder.contents("a.npy"))
    #expect(stream.error.contains("4x4 nodes of 64 channels"))

    func labels(_ file: String) throws -> Data {
      let outcome = try BuiltTool.run(["cut", file, "--method", "diffseg", "--tau", "0.3", "-o", folder.file("l.npy")])
      #expect(outcome.status == 0, "\(outcome.error)")
      return try folder.contents("l.npy")
    }
    #expect(try labels(array) == labels(both))
    #expect(try labels(levels).count == labels(both).count)
    // The features beside it are taken by every other method.
    #expect(try BuiltTool.run(["cut", both, "--tau", "0.9", "-o", folder.file("l.npy")]).status == 0)
  }

  @Test(arguments: [
    (["-o", "x.npy", "--attention", "x.npy"], "-o and --attention both name 'x.npy'"),
    (["-o", "-", "--attention", "-"], "-o and --attention both name '-'"),
    (["-o", "x.npy", "--attention", "y.png"], "unknown format of 'y.png'"),
    (["-o", "x.npy", "--attention", "y.npy", "--level", "32+64"], "level 32+64 has two attention maps"),
    (["-o", "x.npy", "--attention", "y.npy", "--size", "4128"], "--attention: the attention map has 16641 cells"),
    (
      ["-o", "x.npy", "--attention", "y.npy", "-m", "built-in"],
      "--attention needs attention maps, which the built-in encoder lacks"
    ),
  ])
  func attentionThatCannotBeWrittenIsExitCodeTwo(options: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(["features", astronaut, "-m", model] + options, directory: folder.path)
    #expect(outcome.status == 2 && outcome.error.contains(message), "\(outcome.error)")
    #expect(try folder.names() == [])
  }

  @Test func residentThreadsReachTheNoise() throws {
    let folder = try TemporaryFolder()
    func features(_ name: String, _ options: [String]) throws -> Data {
      let arguments = ["features", astronaut, "--model", model, "--size", "128", "-o", folder.file(name)]
      #expect(try BuiltTool.run(arguments + options).status == 0)
      return try folder.contents(name)
    }
    let plain = try features("a.npy", [])
    #expect(try features("b.npy", ["--resident-threads", "256"]) != plain)
    #expect(try features("c.npy", ["--resident-threads", "1024"]) == plain)
  }

  @Test func featuresGoIntoCut() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("f.safetensors")
    #expect(try BuiltTool.run(["features", astronaut, "--model", model, "--size", "256", "-o", file]).status == 0)
    let outcome = try BuiltTool.run(["cut", file, "--tau", "0.9", "-o", folder.file("l.png")])
    #expect(outcome.status == 0 && outcome.text.contains("8x8 nodes"))
  }

  @Test func segmentRunsTheWholeSystem() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(
      ["segment", astronaut, "--model", model, "--size", "256", "--tau", "0.9", "-o", folder.path])
    #expect(outcome.status == 0 && outcome.text.contains("(diffusion encoder)"))
    #expect(try folder.names() == [".diffcut", "astronaut.labels.png", "astronaut.overlay.png"])
  }

  @Test(arguments: [
    (["--size", "100"], "image size 100 is not supported, expected a multiple of 32, at least 64"),
    (["--timestep", "1000"], "timestep 1000 is out of range, expected 0 to 999"),
    (["--noise", "cpu"], "--noise is 'cpu', expected one of cuda, none"),
    (["--level", "16"], "--level is '16', expected one of 32, 64, 32+64"),
    (["--resident-threads", "0"], "--resident-threads is '0', expected"),
  ])
  func settingsThatCannotBeAreExitCodeTwo(options: [String], message: String) throws {
    let outcome = try BuiltTool.run(["features", astronaut, "--model", model, "-o", "-"] + options)
    #expect(outcome.status == 2 && outcome.error.contains(message))
  }

  @Test(arguments: [
    ("--timestep", "10"), ("--seed", "1"), ("--noise", "none"), ("--level", "64"), ("--resident-threads", "256"),
    ("--revision", "main"), ("--cache-dir", "x"), ("--config", "x"),
  ])
  func builtInTakesNoSettingsOfDiffusionModels(option: String, value: String) throws {
    let outcome = try BuiltTool.run(["segment", astronaut, option, value, "-o", "-"])
    #expect(outcome.status == 2 && outcome.error.contains("\(option) has no effect with the built-in"))
  }

  @Test func featuresNeedAModel() throws {
    #expect(try BuiltTool.run(["features", astronaut, "-o", "-"]).error.contains("features needs --model"))
  }
}
