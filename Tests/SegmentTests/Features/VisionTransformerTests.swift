// SPDX-License-Identifier: Apache-2.0
import Experiments
import Foundation
import Segment
import Tensor
import TestSupport
import Testing
import UNet

/// Vision transformers against transformers and timm.
@Suite struct VisionTransformerTests {
  static let goldens = [
    "dino-coffee-6x9", "dino-coffee-7x7", "dinov2-astronaut-8x8", "dinov2-chelsea-9x13", "dinov2-giant-coffee-5x7",
    "dinov2-registers-coffee-7x10", "timm-dino-astronaut-9x6", "timm-dinov2-coffee-8x11", "timm-registers-chelsea-7x10",
  ]

  private static func golden(_ name: String) throws -> VisionTransformerGolden {
    try VisionTransformerGolden(SafetensorsFile(path: Fixture.path("vit/goldens/\(name).safetensors")))
  }

  private static func checkpoint(_ name: String) throws -> VisionTransformerCheckpoint {
    try VisionTransformerCheckpoint(opening: .resolve(Fixture.path("vit/\(name)")))
  }

  private static func photograph(_ name: String) throws -> Image {
    try Image.decode(Fixture.bytes("images/\(name)"))
  }

  @Test(arguments: goldens)
  func everyStageIsThatOfTheReference(_ name: String) throws {
    let golden = try Self.golden(name)
    let checkpoint = try Self.checkpoint(golden.modelName)
    #expect(golden.fits(checkpoint.configuration))
    let comparisons = try golden.replay(checkpoint, photograph: Self.photograph(golden.imageName))
    for comparison in comparisons { #expect(comparison.isWithinLimit, "\(comparison)") }
    #expect(
      comparisons.map(\.stage) == [
        "image", "vit.embeddings", "vit.layer.0", "vit.layer.1", "attention", "features", "keys", "queries", "values",
      ])
    // The network's input is Pillow's picture, pixel by pixel.
    #expect(comparisons[0].error == 0)
  }

  @Test func integersStayWithinTheNoiseOfHalfPrecision() throws {
    let golden = try Self.golden("dinov2-chelsea-9x13")
    let checkpoint = try Self.checkpoint("dinov2")
    let photograph = try Self.photograph(golden.imageName)
    for comparison in try golden.replay(checkpoint, photograph: photograph, precision: .fast) {
      #expect(comparison.isWithinLimit && comparison.limit == 1.1e-3, "\(comparison)")
    }
  }

  @Test func aModelOfAnotherStructureDoesNotFit() throws {
    let golden = try Self.golden("dinov2-chelsea-9x13")
    let real = SyntheticVisionTransformer(.dinov2Small, isFull: false)
    let folder = try TemporaryDirectory()
    try real.writeFolder(folder.path)
    var configuration = try VisionTransformerCheckpoint(opening: .resolve(folder.path)).configuration
    #expect(golden.fits(configuration))
    configuration.depth = 3
    #expect(!golden.fits(configuration))
  }

  /// Sides at the proportions of the photograph, rounded to whole patches.
  @Test(arguments: [
    (512, 512, 8, 8), (400, 600, 7, 10), (600, 400, 10, 7), (300, 451, 7, 10), (1, 1, 8, 8), (10, 640, 1, 64),
    (100_000, 1, 64, 1), (1, 3000, 1, 64),
  ])
  func anAreaKeepsTheProportions(_ height: Int, _ width: Int, _ rows: Int, _ columns: Int) throws {
    let encoder = try VisionTransformerEncoder(model: Fixture.path("vit/dinov2"), size: .area(112))
    let pixels = ContiguousArray(repeating: UInt8(90), count: 3 * height * width)
    let encoded = try encoder.encode(Image(width: width, height: height, pixels: pixels))
    #expect(encoded.nodes.grid == Grid(height: rows, width: columns))
  }

  @Test func sizesOfTheEncoder() throws {
    let model = Fixture.path("vit/dinov2")
    #expect(try VisionTransformerEncoder(model: model).size == .area(518))
    #expect(try VisionTransformerEncoder(model: Fixture.path("vit/dino")).size == .area(592))
    let exact = try VisionTransformerEncoder(model: model, size: .exact(height: 28, width: 70))
    #expect(try exact.encode(Self.photograph("coffee.png")).nodes.grid == Grid(height: 2, width: 5))
    #expect(throws: EncoderError.badPatchSize(height: 100, width: 70, patch: 14)) {
      try VisionTransformerEncoder(model: model, size: .exact(height: 100, width: 70))
    }
    #expect(
      EncoderError.badPatchSize(height: 100, width: 3, patch: 14).description
        == "image size 100x3 is not supported, expected multiples of the patch, 14; the nearest is 98x14")
    #expect(throws: EncoderError.tooManyPatches(.area(4000), patches: 81796, limit: 32768)) {
      try VisionTransformerEncoder(model: model, size: .area(4000))
    }
    for layer in [0, 3] {
      #expect(throws: EncoderError.badLayer(layer, count: 2)) {
        try VisionTransformerEncoder(model: model, layer: layer)
      }
    }
    #expect(EncoderError.badLayer(3, count: 2).description == "layer 3 is out of range, expected 1 to 2")
  }

  /// Keys need no more of the network than they depend on; the tokens of an earlier block go through the last normalization.
  @Test func layersAndFeatures() throws {
    let model = Fixture.path("vit/dinov2")
    let photograph = try Self.photograph("coffee.png")
    func values(_ feature: TokenFeature, _ layer: Int?) throws -> ContiguousArray<Double> {
      let encoder = try VisionTransformerEncoder(model: model, size: .area(56), feature: feature, layer: layer)
      return try encoder.encode(photograph).nodes.values
    }
    let last = try TokenFeature.allCases.map { try values($0, nil) }
    #expect(Set(last).count == 4)
    for (feature, expected) in zip(TokenFeature.allCases, last) {
      #expect(try values(feature, 2) == expected)
      #expect(try values(feature, 1) != expected)
    }
  }

  /// The weights of the patches among each other, at the grid of the features.
  @Test(arguments: ["dino", "dinov2-registers"], [TokenFeature.tokens, .keys])
  func attentionIsADistributionOverPatches(_ model: String, _ feature: TokenFeature) throws {
    let encoder = try VisionTransformerEncoder(model: Fixture.path("vit/\(model)"), size: .area(80), feature: feature)
    let photograph = try Self.photograph("coffee.png")
    let encoded = try encoder.encode(photograph, EncodingRequest(attention: true))
    let map = try #require(encoded.attention.first)
    #expect(encoded.attention.count == 1 && map.grid == encoded.nodes.grid && map.grid.height < map.grid.width)
    for row in 0..<map.grid.count {
      let sum = map.values[row * map.grid.count..<(row + 1) * map.grid.count].reduce(0, +)
      #expect(abs(sum - 1) < 1e-5)
    }
    #expect(try encoder.encode(photograph).nodes.values == encoded.nodes.values)
    #expect(try encoder.encode(photograph).attention.isEmpty)
    let partition = try DiffSeg().partition(encoded)
    #expect(partition.grid == map.grid)
  }

  /// The position table of a grid is kept for the next image; another grid gets its own.
  @Test func imagesOfOneEncoderDoNotDependOnEachOther() throws {
    let encoder = try VisionTransformerEncoder(model: Fixture.path("vit/dinov2"), size: .area(84))
    let (coffee, chelsea) = (try Self.photograph("coffee.png"), try Self.photograph("astronaut.png"))
    let first = try encoder.encode(coffee).nodes.values
    let other = try encoder.encode(chelsea).nodes.values
    #expect(try encoder.encode(coffee).nodes.values == first)
    #expect(try encoder.encode(chelsea).nodes.values == other)
  }

  @Test func stagesListTheWork() throws {
    let encoder = try VisionTransformerEncoder(
      model: Fixture.path("vit/dinov2"), size: .exact(height: 28, width: 42), feature: .tokens)
    #expect(encoder.stages.map(\.stage) == ["vit.embeddings", "vit.layer.0", "vit.layer.1"])
    #expect(encoder.stages[0].total == 6 * 588 * 64)
    // Four projections and two layers of 256 channels for seven tokens, scores and weighted sums.
    #expect(encoder.stages[1].total == 7 * (4 * 64 * 64 + 2 * 64 * 256) + 2 * 7 * 7 * 64)
    let keys = try VisionTransformerEncoder(
      model: Fixture.path("vit/dinov2"), size: .exact(height: 28, width: 42), feature: .keys)
    #expect(keys.stages[2].total == 7 * 64 * 64)
    #expect(encoder.name == "DINOv2" && encoder.defaultTau == 0.45 && encoder.graph == GraphOptions(alpha: 5))
    #expect(keys.defaultTau == 0.3 && keys.graph == GraphOptions(alpha: 10))
    #expect(try VisionTransformerEncoder(model: Fixture.path("vit/dinov2")).feature == .keys)
  }
}
