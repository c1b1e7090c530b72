// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import TestSupport
import Testing
import UNet

@Suite struct PackedModelTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func open(_ name: String) throws -> DiffusionCheckpoint {
    try DiffusionCheckpoint(opening: .resolve(directory.file(name)))
  }

  private func pack(_ checkpoint: DiffusionCheckpoint, to name: String) throws -> DiffusionCheckpoint {
    try PackedModel.Writer(checkpoint).write(to: directory.file(name))
    return try open(name)
  }

  /// Same configuration, prompt, types and numbers, bit for bit.
  private func expectSame(
    _ packed: DiffusionCheckpoint, _ original: DiffusionCheckpoint, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(packed.configuration == original.configuration, sourceLocation: sourceLocation)
    for (found, expected, needed) in [
      (packed.unet, original.unet, original.configuration.unet.requirements),
      (packed.vae, original.vae, original.configuration.vae.requirements),
    ] {
      #expect(Set(found.names) == Set(needed.map(\.name)), sourceLocation: sourceLocation)
      for tensor in needed {
        #expect(found.type(tensor.name) == expected.type(tensor.name), sourceLocation: sourceLocation)
        #expect(found.shape(tensor.name) == tensor.shape, sourceLocation: sourceLocation)
        expectIdentical(
          try found.tensor(tensor.name, shape: tensor.shape).values,
          try expected.tensor(tensor.name, shape: tensor.shape).values, tensor.name, sourceLocation: sourceLocation)
      }
    }
    let (prompt, expected) = (try packed.emptyPrompt(), try original.emptyPrompt())
    expectIdentical(prompt.hidden.values, expected.hidden.values, "hidden", sourceLocation: sourceLocation)
    #expect(prompt.hidden.shape == expected.hidden.shape, sourceLocation: sourceLocation)
    #expect((prompt.pooled == nil) == (expected.pooled == nil), sourceLocation: sourceLocation)
    expectIdentical(
      prompt.pooled?.values ?? [], expected.pooled?.values ?? [], "pooled", sourceLocation: sourceLocation)
    guard case .packed = packed.prompt else {
      Issue.record("a packed model with text encoders", sourceLocation: sourceLocation)
      return
    }
  }

  // What is written

  @Test(arguments: TestModel.plans) func folders(_ plan: TestModel.Plan) throws {
    let model = try TestModel.shared(plan)
    try model.write(to: directory, in: "plain")
    try expectSame(pack(open("plain"), to: "plain.safetensors"), open("plain"))
    // Every setting other than the family's, and numbers that end in no short decimal.
    var unusual = model
    unusual.addConfigurations()
    try unusual.write(to: directory, in: "unusual")
    try expectSame(pack(open("unusual"), to: "unusual.safetensors"), open("unusual"))
  }

  @Test(arguments: [SafetensorsFile.ElementType.float32, .brainFloat16, .float64])
  func elementTypesAreKept(_ type: SafetensorsFile.ElementType) throws {
    try TestModel.shared(.sd1).write(to: directory, in: "model", as: type)
    let packed = try pack(open("model"), to: "model.safetensors")
    try expectSame(packed, open("model"))
    let file = try SafetensorsFile(path: directory.file("model.safetensors"))
    let byType = Dictionary(grouping: file.entries) { $0.value.type }
    #expect(byType[.float32]?.count == (type == .float32 ? file.entries.count : 1))
    // Mapped numbers lie at multiples of their size.
    #expect(file.entries.values.allSatisfy { $0.range.lowerBound % $0.type.byteCount == 0 })
  }

  @Test(arguments: TestModel.plans) func singleFiles(_ plan: TestModel.Plan) throws {
    let model = try TestModel.shared(plan)
    for (name, style) in [("plain", TestModel.SingleFileStyle.plain), ("bare", .bare)] {
      _ = try directory.write(model.singleFile(style), to: "\(name).safetensors")
      try expectSame(pack(open("\(name).safetensors"), to: "\(name)-packed.safetensors"), open("\(name).safetensors"))
    }
  }

  @Test func legacyNamesBecomePresentOnes() throws {
    var model = try TestModel.shared(.sd1)
    let scope = "encoder.mid_block.attentions.0."
    for (new, old) in [("to_q", "query"), ("to_k", "key"), ("to_v", "value"), ("to_out.0", "proj_attn")] {
      for parameter in [".weight", ".bias"] {
        let tensor = model.tensors[.vae]?.removeValue(forKey: scope + new + parameter)
        model.tensors[.vae]?[scope + old + parameter] = tensor
      }
    }
    try model.write(to: directory, in: "legacy")
    try expectSame(pack(open("legacy"), to: "packed.safetensors"), open("legacy"))
    let names = try SafetensorsFile(path: directory.file("packed.safetensors")).entries.keys
    #expect(names.contains("vae.\(scope)to_q.weight") && !names.contains { $0.contains("query") })
  }

  @Test func originIsRecorded() throws {
    let snapshot = "models--org--name/snapshots/0123456789abcdef"
    try TestModel.shared(.sd1).write(to: directory, in: snapshot)
    let location = try CheckpointLocation.resolve("org/name", cacheDirectory: directory.path)
    let draft = try PackedModel.Writer(DiffusionCheckpoint(opening: location))
    #expect(draft.metadata["source"] == "org/name" && draft.metadata["commit"] == "0123456789abcdef")
    #expect(draft.metadata["format"] == "diffcut" && draft.metadata["version"] == "1")
    try draft.write(to: directory.file("packed.safetensors"))
    #expect(try MappedFile.contents(of: directory.file("packed.safetensors")).count == draft.byteCount)
    guard case .packed(_, let origin) = try open("packed.safetensors").prompt else {
      Issue.record("not packed")
      return
    }
    #expect(origin.name == "org/name" && origin.commit == "0123456789abcdef")
    // Of a path only the last part is told.
    let path = try DiffusionCheckpoint(opening: .resolve("\(directory.path)/\(snapshot)/"))
    let other = try PackedModel.Writer(path).metadata
    #expect(other["source"] == "0123456789abcdef" && other["commit"] == nil)
  }

  /// The tensors of text encoders too, which single files store packed and transposed.
  @Test func bytesOfEveryStoredFormAreThoseOfAFolder() throws {
    let model = try TestModel.shared(.vega)
    try model.write(to: directory, in: "folder")
    let path = try directory.write(model.singleFile(.bare), to: "bare.safetensors")
    for (single, folder) in zip(
      try DiffusionCheckpoint(opening: .resolve(path)).textEncoders, try open("folder").textEncoders)
    {
      for name in single.names where folder.type(name) == .float16 {
        func bytes(_ store: WeightStore) throws -> [UInt8] {
          let copy = directory.file("copy")
          try OutputFile.write(to: copy) { sink throws(FileError) in try store.copy(name, to: &sink) }
          return try MappedFile.contents(of: copy)
        }
        #expect(try bytes(single) == bytes(folder), "\(name)")
      }
    }
  }

  // What it gives

  /// On the narrow models whose stages the goldens hold.
  @Test(arguments: SyntheticArchitecture.allCases)
  func featuresAreTheSameToTheBit(_ architecture: SyntheticArchitecture) throws {
    let folder = Fixture.path("diffusion/\(architecture.rawValue)")
    let synthetic = SyntheticModel(architecture, isFull: false)
    try synthetic.write(synthetic.singleFile(), to: directory.file("single.safetensors"))
    let values = (0..<9216).map { (index: Int) -> Float in Float(index * 7919 % 256) / 255 }
    let image = Tensor([48, 64, 3], values: values)
    func features(_ checkpoint: DiffusionCheckpoint) throws -> [[Float]] {
      try DiffusionModel(checkpoint).features(of: image, size: 128).map(\.values)
    }
    let originals = [
      try DiffusionCheckpoint(opening: .resolve(folder)),
      try DiffusionCheckpoint(opening: .resolve(directory.file("single.safetensors")), configurationFolder: folder),
    ]
    for (index, original) in originals.enumerated() {
      let packed = try pack(original, to: "packed-\(index).safetensors")
      #expect(packed.configuration == original.configuration)
      let (found, expected) = (try features(packed), try features(original))
      try #require(found.count == expected.count && expected.count >= 2)
      for (a, b) in zip(found, expected) { expectIdentical(a, b, "features") }
    }
  }

  /// Only header and prompt are read: weights that are not finite go unnoticed until they are asked for.
  @Test func openingReadsNoWeights() throws {
    let checkpoint = try poisoned { tensors in
      for (name, tensor) in tensors where !name.hasPrefix("prompt.") {
        tensors[name] = Tensor(tensor.shape, values: repeatElement(Float.nan, count: tensor.count))
      }
    }
    let path = directory.file("changed.safetensors")
    let model = try DiffusionModel(checkpoint)
    #expect(model.prompt.hidden.isFinite)
    #expect(throws: CheckpointError.notFinite("unet.conv_in.weight", path: path, value: "nan", index: 0)) {
      try checkpoint.validate(readingValues: true)
    }
  }

  // What is wrong with it

  /// A packed model of an XL structure with some of its content changed.
  private func poisoned(
    metadata: [String: String?] = [:], _ change: (inout [String: Tensor]) -> Void = { _ in }
  ) throws -> DiffusionCheckpoint {
    let path = directory.file("whole.safetensors")
    if !FileManager.default.fileExists(atPath: path) {
      try TestModel.shared(.vega).write(to: directory, in: "model")
      _ = try pack(open("model"), to: "whole.safetensors")
    }
    let file = try SafetensorsFile(path: path)
    var tensors: [String: Tensor] = [:]
    for name in file.entries.keys { tensors[name] = try file.tensor(name) }
    change(&tensors)
    var settings = file.metadata
    for (key, value) in metadata { settings[key] = value }
    _ = try directory.write(
      SafetensorsFile.encode(tensors, metadata: settings, type: { $0.hasPrefix("prompt.") ? .float32 : .float16 }),
      to: "changed.safetensors")
    return try open("changed.safetensors")
  }

  @Test func otherVersionsAreRefused() throws {
    let path = directory.file("changed.safetensors")
    #expect(throws: CheckpointError.packedVersion(path: path, found: "2", supported: "1")) {
      try poisoned(metadata: ["version": "2"])
    }
    #expect(throws: CheckpointError.packedVersion(path: path, found: nil, supported: "1")) {
      try poisoned(metadata: ["version": nil])
    }
    let lost = CheckpointError.unsupportedFamily(
      path: path, found: "a packed model without its metadata; pack the original model again")
    #expect(throws: lost) { try poisoned(metadata: ["format": nil]) }
    #expect(throws: lost) { try poisoned(metadata: ["format": "pt"]) }
  }

  @Test func promptsAreChecked() throws {
    let path = directory.file("changed.safetensors")
    for (name, shape) in [("prompt.hidden", [77, 192]), ("prompt.pooled", [1, 128])] {
      #expect(throws: CheckpointError.missingTensor(name, path: path, expected: shape)) {
        try poisoned { $0[name] = nil }
      }
      let wrong = [shape[0], shape[1] - 1]
      #expect(throws: CheckpointError.wrongShape(name, path: path, found: wrong, expected: shape)) {
        try poisoned { $0[name] = Tensor(zeros: Tensor.Shape(wrong)) }
      }
      for (value, text) in [(Float.nan, "nan"), (.infinity, "inf")] {
        #expect(throws: CheckpointError.notFinite(name, path: path, value: text, index: 5)) {
          try poisoned { $0[name]?.withMutableSpan { $0[5] = value } }
        }
      }
    }
  }

  @Test func settingsAreChecked() throws {
    let path = directory.file("changed.safetensors")
    for name in [
      "unet/config.json", "vae/config.json", "text_encoder/config.json", "text_encoder_2/config.json",
      "tokenizer_2/special_tokens_map.json", "scheduler/scheduler_config.json",
    ] {
      #expect(
        throws: CheckpointError.badConfiguration(
          path: path, reason: "the packed model's metadata has no '\(name)'; pack the original model again")
      ) { try poisoned(metadata: [name: nil]) }
      #expect(throws: CheckpointError.badConfiguration(path: "\(path):\(name)", reason: "not a JSON object")) {
        try poisoned(metadata: [name: "[]"])
      }
    }
    #expect(
      throws: CheckpointError.badConfiguration(
        path: "\(path):text_encoder/config.json",
        reason: "vocab_size is missing, expected a whole number from 1 to 2147483647")
    ) { try poisoned(metadata: ["text_encoder/config.json": "{}"]) }
    #expect(
      throws: CheckpointError.unsupportedStructure(
        path: path, found: "a width of 64", expected: "a multiple of 3, the number of heads")
    ) { try poisoned(metadata: ["unet/config.json": #"{"num_attention_heads": 3}"#]) }
  }

  @Test func weightsAreChecked() throws {
    let (path, name) = (directory.file("changed.safetensors"), "down_blocks.2.resnets.0.conv1.bias")
    let checkpoint = try poisoned { $0["unet.\(name)"] = nil }
    #expect(throws: CheckpointError.missingTensor(name, path: path, expected: [128])) { try checkpoint.validate() }
  }

  @Test func aConfigurationFolderIsRefused() throws {
    _ = try poisoned()
    let path = directory.file("changed.safetensors")
    #expect(throws: CheckpointError.packedConfiguration(path: path, folder: "x")) {
      try DiffusionCheckpoint(opening: .resolve(path), configurationFolder: "x")
    }
  }

  // What cannot be packed

  @Test func damagedModelsAreNotPacked() throws {
    var model = try TestModel.shared(.sd1)
    var poisoned = try #require(model.tensors[.vae]?["quant_conv.weight"])
    poisoned.withMutableSpan { $0[13] = .nan }
    model.tensors[.vae]?["quant_conv.weight"] = poisoned
    try model.write(to: directory, in: "model")
    let path = directory.file("model/vae/diffusion_pytorch_model.safetensors")
    #expect(throws: CheckpointError.notFinite("quant_conv.weight", path: path, value: "nan", index: 13)) {
      try PackedModel.Writer(open("model"))
    }
  }

  @Test func textEncodersOfUnequalLengthAreRefused() throws {
    var model = try TestModel.shared(.vega)
    model.tensors[.secondTextEncoder]?["text_model.embeddings.position_embedding.weight"] = Tensor(zeros: [76, 128])
    try model.write(to: directory, in: "model")
    #expect(
      throws: CheckpointError.unsupportedStructure(
        path: directory.file("model/unet/diffusion_pytorch_model.safetensors"),
        found: "text encoders with [77, 76] positions", expected: "equal numbers")
    ) { try open("model") }
  }
}
