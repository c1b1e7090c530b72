// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor
import TestSupport
import Testing
import UNet

/// Goldens with something wrong.
@Suite struct GoldenErrorTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  /// A golden of the fixtures with other metadata or tensors.
  private func altered(
    _ name: String, _ change: (inout [String: String], inout [String: Tensor]) -> Void
  ) throws -> String {
    let file = try SafetensorsFile(path: Fixture.path(name))
    var metadata = file.metadata
    var tensors: [String: Tensor] = [:]
    for (name, entry) in file.entries {
      tensors[name] = Tensor(Tensor.Shape(entry.shape), values: try file.doubles(name).map { Float($0) })
    }
    change(&metadata, &tensors)
    return try folder.write(SafetensorsFile.encode(tensors, metadata: metadata), to: "golden.safetensors")
  }

  private static let diffusion = "diffusion/goldens/vega-astronaut-128.safetensors"
  private static let cut = "ncut/rocket-32x1.safetensors"
  private static let encoder = "encoder/astronaut-small.safetensors"

  @Test func everyKindIsToldByItsMetadata() throws {
    guard case .diffusion = try Golden(path: Fixture.path(Self.diffusion)) else { throw GoldenError.nothingToCompare }
    guard case .cut = try Golden(path: Fixture.path(Self.cut)) else { throw GoldenError.nothingToCompare }
    guard case .encoder = try Golden(path: Fixture.path(Self.encoder)) else { throw GoldenError.nothingToCompare }
  }

  @Test func otherFilesAreNoGoldens() throws {
    #expect(throws: GoldenError.unknownKind(tensors: ["bfloat16", "float16"])) {
      try Golden(
        path: try folder.write(
          SafetensorsFile.encode(["float16": Tensor(zeros: [1]), "bfloat16": Tensor(zeros: [1])]), to: "other"))
    }
    // Features as `diffcut features` writes them.
    #expect(throws: GoldenError.unknownKind(tensors: ["features"])) {
      try Golden(
        path: try folder.write(
          SafetensorsFile.encode(["features": Tensor(zeros: [4, 2])], metadata: ["grid": "2x2"]), to: "features"))
    }
  }

  @Test func truncatedFilesAreNamed() throws {
    let bytes = try Fixture.bytes(Self.cut)
    let path = try folder.write(Array(bytes.prefix(7)), to: "short")
    #expect(throws: GoldenError.badFile(.truncated(expected: 8, found: 7))) { try Golden(path: path) }
    for length in [8, 100, bytes.count - 1] {
      let path = try folder.write(Array(bytes.prefix(length)), to: "short")
      do {
        _ = try Golden(path: path)
        Issue.record("\(length) bytes were read")
      } catch GoldenError.badFile(let error) {
        #expect(error.suggestsTruncation)
      }
    }
  }

  @Test(arguments: [
    (diffusion, "model", nil), (diffusion, "model", "../vega"), (diffusion, "image", ""), (diffusion, "size", "0"),
    (diffusion, "size", "x"), (diffusion, "timestep", "-1"), (diffusion, "seed", nil),
    (diffusion, "features.shape", nil), (diffusion, "features.shape", "4;4;48"), (cut, "tau", "3"),
    (cut, "tau", "nan"), (cut, "alpha", nil), (cut, "alpha", "0"), (cut, "grid", "32"), (cut, "grid", "0x32"),
    (cut, "mask", "axb"), (cut, "cuts", "many"), (encoder, "image", nil), (encoder, "crop", "1,2,3"),
    (encoder, "crop", "0,0,0,5"), (encoder, "grid", nil),
  ])
  func badMetadataAreNamed(golden: String, key: String, value: String?) throws {
    let path = try altered(golden) { metadata, _ in metadata[key] = value }
    #expect(throws: GoldenError.badMetadata(key, value)) { try Golden(path: path) }
  }

  @Test func tensorsThatDoNotFitAreNamed() throws {
    let stray = try altered(Self.diffusion) { _, tensors in tensors["latnet"] = tensors.removeValue(forKey: "latent") }
    #expect(throws: GoldenError.badStage("latnet", "is not in metadata 'stages'")) { try Golden(path: stray) }
    let short = try altered(Self.cut) { _, tensors in tensors["nodes"] = Tensor(zeros: [31]) }
    #expect(throws: GoldenError.badStage("nodes", "has shape [31], expected [32]")) { try Golden(path: short) }
    let missing = try altered(Self.cut) { _, tensors in tensors["pixels"] = nil }
    #expect(throws: GoldenError.badFile(.missingTensor("pixels", names: ["features", "nodes"]))) {
      try Golden(path: missing)
    }
    let fraction = try altered(Self.cut) { _, tensors in
      tensors["nodes"] = Tensor([32], values: [Float](repeating: 0.5, count: 32))
    }
    #expect(throws: GoldenError.badStage("nodes", "contains values that are not class numbers")) {
      try Golden(path: fraction)
    }
    let grid = try altered(Self.encoder) { metadata, _ in metadata["grid"] = "3x3" }
    #expect(throws: GoldenError.self) { try Golden(path: grid) }
  }

  @Test func tensorsThatAreTooLargeAreNamed() throws {
    let path = try folder.writeSafetensors(
      metadata: ["image": "a.png", "crop": "", "grid": "4096x4096"], zeros: "features", shape: [1 << 24, 17],
      to: "large")
    #expect(throws: GoldenError.badStage("features", "has 285212672 numbers, the limit is 268435456")) {
      try Golden(path: path)
    }
  }

  @Test func aCropOutsideThePhotographIsNamed() throws {
    let path = try altered(Self.encoder) { metadata, _ in metadata["crop"] = "500,0,20,20" }
    guard case .encoder(let golden) = try Golden(path: path) else { throw GoldenError.nothingToCompare }
    let photograph = try Image.decode(Fixture.bytes("images/astronaut.png"))
    #expect(throws: GoldenError.badMetadata("crop", "500,0,20,20")) { try golden.replay(photograph: photograph) }
  }

  @Test func goldensOfOtherStructuresDoNotFit() throws {
    func configuration(_ name: String) throws -> ModelConfiguration {
      try DiffusionCheckpoint(opening: CheckpointLocation.resolve(Fixture.path("diffusion/\(name)"))).configuration
    }
    for stage in StageGolden.all {
      for model in ["ssd-1b", "vega", "sd1.4"] {
        #expect(try stage.golden().fits(configuration(model)) == (model == stage.model))
      }
    }
    #expect(try !DiffusionGolden.fixture("ssd-1b-full-chelsea-128").fits(configuration("ssd-1b")))
  }

  @Test func stagesThatNobodyComputesAreNoPass() throws {
    let path = try altered(Self.diffusion) { _, tensors in tensors = tensors.filter { $0.key == "vae.conv_norm_out" } }
    guard case .diffusion(let golden) = try Golden(path: path) else { throw GoldenError.nothingToCompare }
    let model = try DiffusionCheckpoint(opening: CheckpointLocation.resolve(Fixture.path("diffusion/vega")))
    #expect(throws: GoldenError.nothingToCompare) { try golden.replay(model, photograph: golden.photograph) }
  }

  @Test func labelsThatDifferAreCounted() throws {
    let path = try altered(Self.cut) { _, tensors in
      var labels = tensors["nodes"]?.values ?? []
      labels[3] = labels[3] == 0 ? 1 : 0
      tensors["nodes"] = Tensor([32], values: labels)
    }
    guard case .cut(let golden) = try Golden(path: path) else { throw GoldenError.nothingToCompare }
    let comparisons = try golden.replay()
    #expect(comparisons.map(\.stage) == ["nodes", "segments", "pixels"])
    #expect(comparisons.map(\.isWithinLimit) == [false, true, true])
    #expect(comparisons[0].error == 1.0 / 32 && comparisons[0].remark == "1 of 32 differ")
  }
}
