// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport
import Testing
import UNet

/// Activations of diffusers, stage by stage, on narrow checkpoints with the topology of the published models.
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
    StageGolden("ssd-1b-coffee-256", model: "ssd-1b"), StageGolden("vega-astronaut-128", model: "vega"),
    StageGolden("sd1.4-astronaut-128", model: "sd1.4"),
  ]

  func file() throws -> SafetensorsFile {
    try SafetensorsFile(path: Fixture.path("diffusion/goldens/\(name).safetensors"))
  }
  var checkpoint: String { Fixture.path("diffusion/\(model)") }
}

/// The relative Frobenius error that design allows every stage; fp16 autocast, which the authors run, makes 1.1e-3.
private let allowedError = 1e-4

/// Stages that must have been seen, or the test would pass on nothing.
private let minimumStages = 30

@Suite struct GoldenStageTests {
  @Test(arguments: StageGolden.all)
  func everyStageIsThatOfDiffusers(golden: StageGolden) throws {
    let file = try golden.file()
    var compared = 0
    func compare(_ stage: String, _ value: Tensor) {
      guard let expected = try? file.tensor(stage) else { return }
      let found = Self.sampled(value, like: expected.shape)
      guard found.count == expected.count else {
        Issue.record("\(stage): \(value.shape) against \(expected.shape)")
        return
      }
      compared += 1
      let error = Self.relativeError(found, expected)
      #expect(error <= allowedError, "\(stage)")
    }
    let checkpoint = try Checkpoint(opening: CheckpointLocation.resolve(golden.checkpoint))
    try checkpoint.validate(readingValues: true)
    let model = try DiffusionModel(checkpoint, observer: compare)
    let photograph = try Image.decode(Fixture.bytes("images/\(#require(file.metadata["image"]))"))
    let size = try #require(file.metadata["size"].flatMap { Int($0) })
    let features = try model.features(of: photograph.tensor, size: size, observer: compare)
    if let finer = features.dropLast().last { compare("features.64", finer) }
    #expect(compared >= minimumStages)
  }

  @Test func aSecondImageNeedsNoNewWeights() throws {
    let golden = StageGolden.all[0]
    let model = try DiffusionModel(Checkpoint(opening: CheckpointLocation.resolve(golden.checkpoint)))
    let photograph = try Image.decode(Fixture.bytes("images/astronaut.png")).tensor
    let first = try model.features(of: photograph, size: 128)
    let second = try model.features(of: photograph, size: 128)
    #expect(first.map(\.values) == second.map(\.values))
  }

  @Test func noiseAndTimestepChangeTheFeatures() throws {
    let model = try DiffusionModel(Checkpoint(opening: CheckpointLocation.resolve(StageGolden.all[0].checkpoint)))
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
    #expect(encoder.defaultTau == 0.5 && encoder.defaultAlpha == 10)
    let photograph = try Image.decode(Fixture.bytes("images/coffee.png"))
    let result = try Segmenter(encoder: encoder, options: SegmentationOptions(tau: 0.9)).segment(photograph)
    #expect(result.grid == Grid(height: 8, width: 8))
    #expect(result.labelMap.width == 600 && result.segmentCount >= 2)
  }

  /// A golden larger than its limit holds a grid of positions: row i·(h − 1) div (m − 1), columns likewise.
  private static func sampled(_ value: Tensor, like shape: Tensor.Shape) -> [Float] {
    guard value.shape.rank == 3, shape.rank == 3, value.shape != shape else { return value.values }
    let (h, w, c, m, n) = (value.shape[0], value.shape[1], value.shape[2], shape[0], shape[1])
    let all = value.values
    return (0..<m).flatMap { i in
      (0..<n).flatMap { j in
        let position = (i * (h - 1) / (m - 1) * w + j * (w - 1) / (n - 1)) * c
        return all[position..<position + c]
      }
    }
  }

  private static func relativeError(_ found: [Float], _ expected: Tensor) -> Double {
    var (difference, magnitude) = (0.0, 0.0)
    for (a, b) in zip(found, expected.values) {
      difference += (Double(a) - Double(b)) * (Double(a) - Double(b))
      magnitude += Double(b) * Double(b)
    }
    return (difference / magnitude).squareRoot()
  }
}
