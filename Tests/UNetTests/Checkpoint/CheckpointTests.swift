// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import TestSupport
import Testing
import UNet

@Suite struct CheckpointTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func open(_ name: String = "") throws -> DiffusionCheckpoint {
    let path = name.isEmpty ? directory.path : directory.file(name)
    return try DiffusionCheckpoint(opening: .resolve(path))
  }

  /// Every tensor that is needed reads as the very numbers that were written.
  private func expectSameWeights(
    _ checkpoint: DiffusionCheckpoint, _ model: TestModel, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for (store, requirements) in checkpoint.requirements {
      for requirement in requirements {
        let tensor = try store.tensor(requirement.name, shape: requirement.shape)
        let expected = try #require(model.tensors[store.component]?[requirement.name], sourceLocation: sourceLocation)
        #expect(tensor.shape == expected.shape, "\(requirement.name)", sourceLocation: sourceLocation)
        expectIdentical(tensor.values, expected.values, requirement.name, sourceLocation: sourceLocation)
      }
    }
  }

  // Layouts

  @Test(arguments: TestModel.plans) func folderWithoutConfigurations(_ plan: TestModel.Plan) throws {
    let model = try TestModel.shared(plan)
    try model.write(to: directory)
    let checkpoint = try open()
    #expect(checkpoint.configuration == model.expected)
    #expect(checkpoint.configuration.pixelsPerFeature == 32)
    try checkpoint.validate(readingValues: true)
    try expectSameWeights(checkpoint, model)
  }

  @Test(arguments: TestModel.plans) func configurationFilesAreRead(_ plan: TestModel.Plan) throws {
    var model = try TestModel.shared(plan)
    model.addConfigurations()
    try model.write(to: directory, variant: ".fp16")
    var expected = model.expected
    expected.unet.groupCount = 16
    expected.unet.resnetEpsilon = 2e-5
    expected.vae.groupCount = 8
    expected.vae.scalingFactor = 0.5
    for index in expected.unet.blocks.indices where !expected.unet.blocks[index].transformerDepths.isEmpty {
      expected.unet.blocks[index].headCount = plan.isXL ? [1, 2, 4][index] : 2
    }
    for index in expected.textEncoders.indices {
      expected.textEncoders[index].headCount = 16
      expected.textEncoders[index].activation = .gelu
      expected.textEncoders[index].epsilon = 3e-5
      expected.textEncoders[index].paddingToken = index == 0 ? 0 : TestModel.vocabulary - 1
    }
    #expect(try open().configuration == expected)
  }

  @Test(arguments: TestModel.plans) func singleFiles(_ plan: TestModel.Plan) throws {
    let model = try TestModel.shared(plan)
    let path = try directory.write(model.singleFile(), to: "model.safetensors")
    let checkpoint = try DiffusionCheckpoint(opening: .resolve(path))
    #expect(checkpoint.configuration == model.expected)
    try checkpoint.validate()
    try expectSameWeights(checkpoint, model)
    // A folder with nothing else in it stands for the file.
    #expect(try open().configuration == model.expected)
  }

  @Test func singleFileWithBareParameters() throws {
    let model = try TestModel.shared(.vega)
    let path = try directory.write(model.singleFile(.bare, metadata: [:]), to: "model.safetensors")
    let checkpoint = try DiffusionCheckpoint(opening: .resolve(path))
    #expect(checkpoint.configuration == model.expected)
    try expectSameWeights(checkpoint, model)
  }

  @Test func singleFileWithAConfigurationFolder() throws {
    var model = try TestModel.shared(.vega)
    _ = try directory.write(model.singleFile(), to: "model.safetensors")
    model.tensors = [:]
    model.addConfigurations()
    try model.write(to: directory, in: "settings")
    let location = try CheckpointLocation.resolve(directory.file("model.safetensors"))
    let checkpoint = try DiffusionCheckpoint(opening: location, configurationFolder: directory.file("settings"))
    #expect(checkpoint.configuration.vae.scalingFactor == 0.5)
    #expect(checkpoint.configuration.unet.blocks.map(\.headCount) == [1, 2, 4])
  }

  @Test(arguments: [SafetensorsFile.ElementType.float32, .brainFloat16, .float64])
  func elementTypes(_ type: SafetensorsFile.ElementType) throws {
    let model = try TestModel.shared(.sd1)
    try model.write(to: directory, as: type)
    try expectSameWeights(try open(), model)
  }

  @Test func legacyNamesAndStrayTensors() throws {
    let original = try TestModel.shared(.sd1)
    var model = original
    let scope = "encoder.mid_block.attentions.0."
    for (new, old) in [("to_q", "query"), ("to_k", "key"), ("to_v", "value"), ("to_out.0", "proj_attn")] {
      for parameter in [".weight", ".bias"] {
        let tensor = try #require(model.tensors[.vae]?[scope + new + parameter])
        model.tensors[.vae]?[scope + new + parameter] = nil
        let isConvolution = old == "query" && tensor.shape.rank == 2
        model.tensors[.vae]?[scope + old + parameter] =
          isConvolution ? tensor.reshaped(Tensor.Shape(tensor.shape.extents + [1, 1])) : tensor
      }
    }
    // transformers 5.6 leaves "text_model." out.
    let bare = (model.tensors[.textEncoder] ?? [:]).map { ($0.replacingOccurrences(of: "text_model.", with: ""), $1) }
    model.tensors[.textEncoder] = Dictionary(uniqueKeysWithValues: bare)
    model.tensors[.textEncoder]?["embeddings.position_ids"] = Tensor(zeros: [1, 77])
    model.tensors[.textEncoder]?["logit_scale"] = Tensor(zeros: [])
    try model.write(to: directory)
    let checkpoint = try open()
    #expect(checkpoint.configuration == original.expected)
    try expectSameWeights(checkpoint, original)
  }

  @Test func shards() throws {
    let model = try TestModel.shared(.vega)
    try model.write(to: directory)
    try FileManager.default.removeItem(atPath: directory.file("unet/diffusion_pytorch_model.safetensors"))
    for (variant, index) in [
      ("", "diffusion_pytorch_model.safetensors.index.json"),
      (".fp16", "diffusion_pytorch_model.safetensors.index.fp16.json"),
    ] {
      try writeShards(of: model, variant: variant, index: index)
      let checkpoint = try open()
      #expect(
        checkpoint.unet.paths.count == 2 && checkpoint.unet.paths.allSatisfy { $0.contains("model\(variant)-0000") })
      try expectSameWeights(checkpoint, model)
    }
  }

  private func writeShards(of model: TestModel, variant: String, index: String) throws {
    let tensors = (model.tensors[.unet] ?? [:]).sorted { $0.key < $1.key }
    let names = (1...2).map { "diffusion_pytorch_model\(variant)-0000\($0)-of-00002.safetensors" }
    let half = tensors.count / 2
    for (name, part) in zip(names, [tensors[..<half], tensors[half...]]) {
      let bytes = SafetensorsFile.encode(Dictionary(uniqueKeysWithValues: part.map { ($0.key, $0.value) }))
      try TestModel.write(bytes, to: directory.file("unet/\(name)"))
    }
    let map = tensors.indices.map { "\"\(tensors[$0].key)\": \"\(names[$0 < half ? 0 : 1])\"" }.joined(separator: ",")
    try TestModel.write(
      Array("{\"metadata\": {\"total_size\": 1}, \"weight_map\": {\(map)}}".utf8), to: directory.file("unet/\(index)"))
  }

  /// As `hf download` leaves a model: links into a folder of blobs.
  @Test func throughTheCache() throws {
    let model = try TestModel.shared(.sd1)
    let repository = directory.file("models--org--model")
    let snapshot = "\(repository)/snapshots/60987f37e94cd59c36b1cba832b9f97b57395a10"
    for component in model.tensors.keys {
      try TestModel.write(model.encoded(component), to: "\(repository)/blobs/\(component.rawValue)")
      let folder = "\(snapshot)/\(component.rawValue)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/\(component.weightStem).fp16.safetensors",
        withDestinationPath: "../../../blobs/\(component.rawValue)")
    }
    let location = try CheckpointLocation.resolve("org/model", cacheDirectory: directory.path)
    let checkpoint = try DiffusionCheckpoint(opening: location)
    #expect(checkpoint.configuration == model.expected)
    try expectSameWeights(checkpoint, model)

    try FileManager.default.removeItem(atPath: "\(snapshot)/vae")
    try TestModel.write([], to: "\(repository)/blobs/00.incomplete")
    #expect(throws: CheckpointError.incompleteDownload(folder: snapshot, file: "../../blobs/00.incomplete")) {
      try DiffusionCheckpoint(opening: location)
    }
  }

  @Test func summaries() throws {
    let model = try TestModel.shared(.vega)
    try model.write(to: directory, as: .brainFloat16)
    let checkpoint = try open()
    let summaries = checkpoint.summaries
    #expect(summaries.map(\.component) == [.unet, .vae, .textEncoder, .secondTextEncoder])
    for (summary, (store, needed)) in zip(summaries, checkpoint.requirements) {
      #expect(summary.types == ["BF16"] && summary.neededTensorCount == needed.count)
      #expect(summary.tensorCount == model.tensors[summary.component]?.count && summary.paths == store.paths)
      #expect(summary.byteCount == 2 * summary.parameterCount)
    }
    // Needed of the projection, pooled: all; of the first text encoder: all but its last layer and the normalization.
    #expect(summaries[3].neededTensorCount == summaries[3].tensorCount)
    #expect(summaries[2].neededTensorCount == summaries[2].tensorCount - 18)
  }

  @Test func variants() throws {
    let model = try TestModel.shared(.sd1)
    try model.write(to: directory)
    try TestModel.write(
      model.encoded(.unet), to: directory.file("unet/diffusion_pytorch_model.fp16.safetensors"))
    try TestModel.write([1], to: directory.file("unet/diffusion_pytorch_model.non_ema.safetensors"))
    #expect(try open().unet.paths == [directory.file("unet/diffusion_pytorch_model.fp16.safetensors")])
    #expect(try open().vae.paths == [directory.file("vae/diffusion_pytorch_model.safetensors")])
    let location = try CheckpointLocation.resolve(directory.path)
    let plain = try DiffusionCheckpoint(opening: location, variant: "")
    #expect(plain.unet.paths == [directory.file("unet/diffusion_pytorch_model.safetensors")])
  }

  /// A file that holds what the features depend on and nothing else will do.
  @Test(arguments: TestModel.plans) func nothingElseIsNeeded(_ plan: TestModel.Plan) throws {
    var model = try TestModel.shared(plan)
    model.addConfigurations()
    try model.write(to: directory)
    let full = try open()
    for (store, requirements) in full.requirements {
      let needed = Set(requirements.map(\.name))
      model.tensors[store.component]?.keys.filter { !needed.contains($0) }
        .forEach { model.tensors[store.component]?[$0] = nil }
    }
    try model.write(to: directory)
    let reduced = try open()
    #expect(reduced.configuration == full.configuration)
    try reduced.validate()
  }
}
