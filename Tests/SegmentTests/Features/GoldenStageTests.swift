// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor
import TestSupport
import Testing
import UNet

/// Goldens on narrow checkpoints with the topology of the published models.
struct StageGolden: Sendable, CustomTestStringConvertible {
  let name: String
  let model: String
  let testDescription: String

  init(_ name: String, model: String) {
    self.name = name
    self.model = model
    testDescription = name
  }

  static let all = [
    StageGolden("ssd-1b-astronaut-128", model: "ssd-1b"), StageGolden("ssd-1b-chelsea-160", model: "ssd-1b"),
    StageGolden("ssd-1b-coffee-256", model: "ssd-1b"), StageGolden("ssd-1b-astronaut-512", model: "ssd-1b"),
    StageGolden("vega-astronaut-128", model: "vega"), StageGolden("vega-chelsea-224", model: "vega"),
    StageGolden("vega-coffee-512", model: "vega"), StageGolden("sd1.4-astronaut-128", model: "sd1.4"),
    StageGolden("sd1.4-coffee-192", model: "sd1.4"), StageGolden("sd1.4-chelsea-512", model: "sd1.4"),
  ]

  var checkpoint: String { Fixture.path("diffusion/\(model)") }

  func golden() throws -> DiffusionGolden { try DiffusionGolden.fixture(name) }
}

extension DiffusionGolden {
  static func fixture(_ name: String) throws -> DiffusionGolden {
    try DiffusionGolden(SafetensorsFile(path: Fixture.path("diffusion/goldens/\(name).safetensors")))
  }

  /// The photograph among the fixtures.
  var photograph: Image { get throws { try Image.decode(Fixture.bytes("images/\(imageName)")) } }
}

/// Stages that must have been seen, or the test would pass on nothing.
private let minimumStages = 30

@Suite struct GoldenStageTests {
  @Test(arguments: StageGolden.all)
  func everyStageIsThatOfDiffusers(stage: StageGolden) throws {
    let golden = try stage.golden()
    let checkpoint = try DiffusionCheckpoint(opening: CheckpointLocation.resolve(stage.checkpoint))
    try checkpoint.validate(readingValues: true)
    #expect(golden.modelName == stage.model && golden.fits(checkpoint.configuration))
    let comparisons = try golden.replay(checkpoint, photograph: golden.photograph)
    for comparison in comparisons { #expect(comparison.isWithinLimit, "\(comparison)") }
    #expect(comparisons.count >= minimumStages)
    #expect(comparisons.suffix(2).map(\.stage) == ["features", "features.64"])
  }

  /// The share of a result of diffusers that the authors' half precision is off by, at every stage.
  @Test(arguments: StageGolden.all)
  func integersStayWithinTheNoiseOfHalfPrecision(stage: StageGolden) throws {
    let golden = try stage.golden()
    let checkpoint = try DiffusionCheckpoint(opening: CheckpointLocation.resolve(stage.checkpoint))
    let single = try golden.replay(checkpoint, photograph: golden.photograph)
    let fast = try golden.replay(checkpoint, photograph: golden.photograph, precision: .fast)
    #expect(fast.map(\.stage) == single.map(\.stage))
    for (comparison, other) in zip(fast, single) {
      #expect(comparison.error <= 1.1e-3 && comparison.isWithinLimit, "\(comparison)")
      #expect(other.limit == 1e-4 && other.isWithinLimit)
    }
    // Text and the first convolution stay in single precision; features do where integers are not faster.
    #expect(fast.first?.error == single.first?.error)
    if InstructionSet.active == .portable {
      #expect(fast.last?.error == single.last?.error)
    } else {
      #expect(fast.last?.error ?? 0 > 2 * (single.last?.error ?? .infinity))
    }
  }

  @Test func aSecondImageNeedsNoNewWeights() throws {
    let golden = StageGolden.all[0]
    let model = try DiffusionModel(DiffusionCheckpoint(opening: CheckpointLocation.resolve(golden.checkpoint)))
    let photograph = try Image.decode(Fixture.bytes("images/astronaut.png")).tensor
    let first = try model.features(of: photograph, size: 128)
    let second = try model.features(of: photograph, size: 128)
    #expect(first.map(\.values) == second.map(\.values))
  }

  @Test func noiseAndTimestepChangeTheFeatures() throws {
    let model = try DiffusionModel(
      DiffusionCheckpoint(opening: CheckpointLocation.resolve(StageGolden.all[0].checkpoint)))
    let photograph = try Image.decode(Fixture.bytes("images/astronaut.png")).tensor
    func features(_ change: (inout NoiseOptions) -> Void) throws -> [Float] {
      var options = NoiseOptions()
      change(&options)
      return try model.features(of: photograph, size: 128, noise: options).last?.values ?? []
    }
    let plain = try features { _ in }
    #expect(try features { $0.timestep = 51 } != plain)
    #expect(try features { $0.seed = 43 } != plain)
    #expect(try features { $0.isNoisy = false } != plain)
    #expect(try features { $0.residentThreads = 256 } != plain)
    #expect(try features { $0.residentThreads = 1 << 20 } == plain)
  }

  @Test func encoderRefusesSizesThatDoNotDivide() {
    let model = StageGolden.all[0].checkpoint
    #expect(throws: EncoderError.badSize(100, multipleOf: 32)) { try DiffusionEncoder(model: model, size: 100) }
    #expect(throws: EncoderError.badSize(32, multipleOf: 32)) { try DiffusionEncoder(model: model, size: 32) }
    var noise = NoiseOptions()
    noise.timestep = 1000
    #expect(throws: EncoderError.badTimestep(1000, count: 1000)) {
      try DiffusionEncoder(model: model, size: 128, noise: noise)
    }
  }

  @Test func theWholeSystemSegmentsAPhotograph() throws {
    let encoder = try DiffusionEncoder(model: StageGolden.all[0].checkpoint, size: 256)
    #expect(encoder.defaultTau == 0.5 && encoder.graph == GraphOptions(alpha: 10, floor: 0, nodeStride: 1))
    let photograph = try Image.decode(Fixture.bytes("images/coffee.png"))
    let result = try Segmenter(encoder: encoder, options: SegmentationOptions(tau: 0.9)).segment(photograph)
    #expect(result.grid == Grid(height: 8, width: 8))
    #expect(result.labelMap.width == 600 && result.segmentCount >= 2)
  }
}
