// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import TestSupport
import Testing
import UNet

/// Opening vision transformers of every layout.
@Suite struct VisionTransformerCheckpointTests {
  static let models = [
    "dino", "dinov2", "dinov2-giant", "dinov2-registers", "timm-dino", "timm-dinov2", "timm-registers",
  ]

  private let copy: TransformerCopy

  init() throws { copy = try TransformerCopy() }

  private func open(_ name: String) throws -> VisionTransformerCheckpoint {
    try TransformerCopy.open(Fixture.path("vit/\(name)"))
  }

  /// The features of a small image.
  private func values(_ checkpoint: VisionTransformerCheckpoint) throws -> [Float] {
    let patch = checkpoint.configuration.patchSize
    let image = Tensor([2 * patch, 3 * patch, 3]) { pixels in
      for index in pixels.indices { pixels[index] = Float(index % 97) / 97 }
    }
    let network = try VisionTransformer(WeightReader(checkpoint.weights), checkpoint.configuration, layerCount: 2)
    return network(image).features.values
  }

  @Test(arguments: models)
  func everyLayoutIsWhole(_ name: String) throws {
    let checkpoint = try open(name)
    try checkpoint.validate(readingValues: true)
    let configuration = checkpoint.configuration
    #expect(configuration.width == 64 && configuration.depth == 2 && configuration.headCount == 2)
    #expect(configuration.patchSize == (name.hasSuffix("dino") ? 16 : 14))
    #expect(configuration.registerCount == (name.hasSuffix("registers") ? 4 : 0))
    #expect(configuration.isGated == (name == "dinov2-giant"))
    #expect(configuration.positionSide == (name == "timm-dino" ? 14 : name == "dino" ? 7 : 8))
    #expect(configuration.hasClassPosition == (name != "timm-registers"))
    #expect(configuration.antialiasesPositions == (name.hasPrefix("timm") || name == "dinov2-registers"))
    #expect(configuration.epsilon == 1e-6)
    #expect(configuration.mean == [0.485, 0.456, 0.406] && configuration.deviation == [0.229, 0.224, 0.225])
    // Every block has twelve weights and biases more than its scales.
    let scales = name.hasSuffix("dino") ? 0 : 2
    let tokens = 4 + (configuration.registerCount > 0 ? 1 : 0)
    #expect(checkpoint.requirements[0].tensors.count == tokens + 2 + 2 * (16 + scales))
  }

  /// A prefix of a surrounding model, a head of a classifier, and tensors that serve training alone.
  @Test(arguments: models)
  func aClassifierLoadsWithoutItsHead(_ name: String) throws {
    try copy.write(name) { tensors in
      tensors = Dictionary(uniqueKeysWithValues: tensors.map { ("backbone.\($0.key)", $0.value) })
      tensors["classifier.weight"] = Tensor(zeros: [10, 64])
      tensors["head.bias"] = Tensor(zeros: [10])
      tensors["backbone.pooler.dense.weight"] = Tensor(zeros: [64, 64])
    }
    let found = try copy.open()
    try found.validate(readingValues: true)
    #expect(found.configuration == (try open(name)).configuration)
    #expect(try values(found) == values(open(name)))
  }

  @Test func everyElementTypeGivesTheSameNetwork() throws {
    try copy.write("dinov2", as: .float32)
    let wide = try copy.open()
    #expect(wide.summaries[0].types == ["F32"])
    let exact = try values(wide)
    #expect(try exact == values(open("dinov2")))
    // Rounded to eight bits of precision, and back: the same file in another type.
    try copy.write("dinov2", as: .brainFloat16)
    let rounded = try values(copy.open())
    try copy.write("dinov2", as: .float32) { tensors in
      for (name, tensor) in tensors {
        let values = tensor.values.map {
          Float(bitPattern: ($0.bitPattern + 0x7FFF + $0.bitPattern >> 16 & 1) & 0xFFFF_0000)
        }
        tensors[name] = Tensor(tensor.shape, values: values)
      }
    }
    #expect(try rounded == values(copy.open()) && rounded != exact)
  }

  @Test func shardsAreOneModel() throws {
    let tensors = try TransformerCopy.tensors("dinov2")
    let names = tensors.keys.sorted()
    var map: [String: String] = [:]
    for (index, part) in [names.prefix(20), names.dropFirst(20)].enumerated() {
      let shard = "model-0000\(index + 1)-of-00002.safetensors"
      try copy.write(tensors.filter { part.contains($0.key) }, to: shard)
      for name in part { map[name] = shard }
    }
    let json = try JSONSerialization.data(withJSONObject: ["weight_map": map])
    try json.write(to: URL(fileURLWithPath: copy.directory.file("model.safetensors.index.json")))
    try copy.writeSettings("dinov2")
    #expect(try values(copy.open()) == values(open("dinov2")))
    try FileManager.default.removeItem(atPath: copy.directory.file("model-00002-of-00002.safetensors"))
    #expect(
      throws: CheckpointError.missingShard(
        index: copy.directory.file("model.safetensors.index.json"), file: "model-00002-of-00002.safetensors")
    ) { try copy.open() }
  }

  /// Beside a file, in the folder that the caller names, or for timm's layout nowhere.
  @Test func aSingleFileTakesItsConfiguration() throws {
    let file = Fixture.path("vit/dinov2/model.safetensors")
    let location = try CheckpointLocation.resolve(file)
    let beside = try #require(try location.open() as? VisionTransformerCheckpoint)
    #expect(beside.configuration == (try open("dinov2")).configuration)

    let alone = copy.directory.file("alone.safetensors")
    try FileManager.default.copyItem(atPath: file, toPath: alone)
    let reason = "a vision transformer in the layout of transformers"
    #expect(throws: CheckpointError.needsConfiguration(path: alone, reason: reason)) {
      try CheckpointLocation.resolve(alone).open()
    }
    let named = try CheckpointLocation.resolve(alone).open(configurationFolder: Fixture.path("vit/dinov2"))
    #expect((named as? VisionTransformerCheckpoint)?.configuration == beside.configuration)

    let timm = copy.directory.file("timm.safetensors")
    try FileManager.default.copyItem(atPath: Fixture.path("vit/timm-registers/model.safetensors"), toPath: timm)
    let found = try #require(try CheckpointLocation.resolve(timm).open() as? VisionTransformerCheckpoint)
    // Heads have the published width of 64 channels unless a file states another number.
    #expect(found.configuration.headCount == 1 && found.configuration.family == .dinov2WithRegisters)
  }

  /// The original releases: other names, and numbers of groups before those of blocks.
  @Test func theOriginalReleasesLoad() throws {
    try copy.write("timm-registers") { tensors in
      tensors = Dictionary(
        uniqueKeysWithValues: tensors.map { name, tensor in
          (
            name.replacingOccurrences(of: "reg_token", with: "register_tokens").replacingOccurrences(
              of: "blocks.", with: "blocks.0."), tensor
          )
        })
    }
    #expect(try values(copy.open()) == values(open("timm-registers")))
  }

  @Test(arguments: models)
  func aPackedModelHasTheSameFeatures(_ name: String) throws {
    let original = try open(name)
    let writer = try PackedModel.Writer(original)
    try writer.write(to: copy.directory.file("packed.safetensors"))
    let packed = try #require(
      try CheckpointLocation.resolve(copy.directory.file("packed.safetensors")).open() as? VisionTransformerCheckpoint)
    #expect(packed.origin?.name == name)
    #expect(try values(packed) == values(original))
    #expect(throws: CheckpointError.packedConfiguration(path: copy.directory.file("packed.safetensors"), folder: "x")) {
      try CheckpointLocation.resolve(copy.directory.file("packed.safetensors")).open(configurationFolder: "x")
    }
  }

  @Test(arguments: SyntheticVisionTransformer.Architecture.allCases)
  func aSyntheticModelIsWhole(_ architecture: SyntheticVisionTransformer.Architecture) throws {
    let model = SyntheticVisionTransformer(architecture, isFull: false)
    try model.writeFolder(copy.directory.path)
    let found = try copy.open()
    try found.validate(readingValues: true)
    #expect(found.configuration.width == 64 && found.configuration.isGated == (architecture == .dinov2Giant))
    let bytes = try Data(contentsOf: URL(fileURLWithPath: copy.directory.file("model.safetensors")))
    try SyntheticVisionTransformer(architecture, isFull: false).writeFolder(copy.directory.path)
    #expect(try Data(contentsOf: URL(fileURLWithPath: copy.directory.file("model.safetensors"))) == bytes)
    try SyntheticVisionTransformer(architecture, isFull: false, seed: 43).writeFolder(copy.directory.path)
    #expect(try Data(contentsOf: URL(fileURLWithPath: copy.directory.file("model.safetensors"))) != bytes)
  }

  /// The numbers of parameters that the models were published with.
  @Test func fullWidthsAreThePublishedOnes() throws {
    let counts = SyntheticVisionTransformer.Architecture.allCases.map { architecture in
      SyntheticVisionTransformer(architecture, isFull: true).folderFiles[0].elementCount
    }
    #expect(counts == [21_665_664, 85_807_872, 22_056_576, 86_580_480, 304_368_640, 1_136_480_768, 22_058_112])
  }
}
