// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import TestSupport
import Testing
import UNet

/// Damaged and foreign models: the error names the file, the tensor, what was found and what to do.
@Suite struct CheckpointErrorTests {
  private let directory: TemporaryDirectory
  private static let original: SyntheticModel = {
    var model = SyntheticModel(.sd1)
    model.addConfigurations()
    return model
  }()
  private var model = CheckpointErrorTests.original

  private static let unetName = "unet/diffusion_pytorch_model.safetensors"
  private var unetPath: String { directory.file(Self.unetName) }
  private var vaePath: String { directory.file("vae/diffusion_pytorch_model.safetensors") }
  private static let query = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q.weight"

  init() throws { directory = try TemporaryDirectory() }

  private func expect(
    _ error: CheckpointError, reading: Bool = false, _ sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: sourceLocation) {
      try Checkpoint(opening: .resolve(directory.path)).validate(readingValues: reading)
    }
  }

  private func write(_ text: String, to name: String) throws {
    try SyntheticModel.write(Array(text.utf8), to: directory.file(name))
  }

  private func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: directory.file(name)) }

  // Tensors

  @Test mutating func missingTensors() throws {
    for (name, shape) in [
      (Self.query, [32, 32]), ("down_blocks.2.resnets.1.conv2.bias", [64]), ("conv_in.bias", [32]),
      ("down_blocks.2.attentions.1.transformer_blocks.0.norm1.bias", [64]),
    ] {
      model = Self.original
      model.tensors[.unet]?[name] = nil
      try model.write(to: directory)
      expect(.missingTensor(name, path: unetPath, expected: shape))
    }
    // Without these nothing can be derived.
    for name in ["conv_in.weight", "time_embedding.linear_1.weight", "down_blocks.1.resnets.0.conv1.weight"] {
      model = Self.original
      model.tensors[.unet]?[name] = nil
      try model.write(to: directory)
      expect(.missingTensor(name, path: unetPath, expected: nil))
    }
  }

  @Test mutating func shapesTypesAndValues() throws {
    model.tensors[.unet]?[Self.query] = Tensor(zeros: [32, 16])
    try model.write(to: directory)
    expect(.wrongShape(Self.query, path: unetPath, found: [32, 16], expected: [32, 32]))

    model = Self.original
    let name = "down_blocks.0.resnets.0.norm1.position_ids"
    model.tensors[.vae]?["encoder.\(name)"] = Tensor(zeros: [32])
    try model.write(to: directory)
    #expect(throws: Never.self) { try Checkpoint(opening: .resolve(directory.path)).validate() }

    let bytes = SafetensorsFile.encode(model.tensors[.unet] ?? [:], metadata: nil) {
      $0 == Self.query ? .int8 : .float16
    }
    try SyntheticModel.write(bytes, to: unetPath)
    expect(.wrongType(Self.query, path: unetPath, found: "I8"))

    let foreign = SafetensorsFile.encode([Self.query: Tensor(zeros: [4])])
    let text = String(decoding: foreign, as: UTF8.self).replacingOccurrences(of: "\"F32\"", with: "\"F8_\"")
    try SyntheticModel.write(Array(text.utf8), to: unetPath)
    expect(.wrongType(Self.query, path: unetPath, found: "F8_"))

    for (value, text) in [(Float.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf")] {
      model = Self.original
      var poisoned = try #require(model.tensors[.vae]?["quant_conv.weight"])
      poisoned.withMutableSpan { $0[13] = value }
      model.tensors[.vae]?["quant_conv.weight"] = poisoned
      try model.write(to: directory)
      expect(.notFinite("quant_conv.weight", path: vaePath, value: text, index: 13), reading: true)
    }
  }

  /// Halves overflow at 65520: a bad conversion shows as an infinity.
  @Test mutating func overflowingConversion() throws {
    model.tensors[.vae]?["encoder.conv_in.bias"] = Tensor([32], values: (0..<32).map { $0 == 31 ? 70_000 : 0 })
    try model.write(to: directory)
    expect(.notFinite("encoder.conv_in.bias", path: vaePath, value: "inf", index: 31), reading: true)
  }

  @Test mutating func duplicates() throws {
    let scope = "encoder.mid_block.attentions.0."
    model.tensors[.vae]?["\(scope)query.bias"] = Tensor(zeros: [64])
    try model.write(to: directory)
    expect(.duplicate("\(scope)to_q.bias", path: vaePath, other: "\(scope)query.bias"))
  }

  // Files

  @Test func foreignFiles() throws {
    try model.write(to: directory)
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
    let contents: [([UInt8], ForeignFile)] = [
      ([], .empty), (Array(pointer.utf8), .gitLFSPointer(byteCount: pointer.utf8.count)),
      (Array("GGUF\u{3}\0\0\0\0\0\0\0".utf8), .gguf), (Array("<!DOCTYPE html><html>".utf8), .webPage),
      (Array("{\"error\":\"Invalid username or password.\"}".utf8), .webPage),
      ([0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0, 0], .pickle), ([0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9], .pickle),
    ]
    for (bytes, kind) in contents {
      try SyntheticModel.write(bytes, to: unetPath)
      expect(.notSafetensors(path: unetPath, kind: kind))
      #expect(throws: CheckpointError.notSafetensors(path: unetPath, kind: kind)) {
        try Checkpoint(opening: .resolve(unetPath))
      }
    }
    let error = CheckpointError.notSafetensors(path: unetPath, kind: .gitLFSPointer(byteCount: 135))
    #expect(
      "\(error)"
        == "'\(unetPath)' is a Git LFS pointer of 135 bytes and not the weights; run 'git lfs pull' in that folder")
  }

  @Test func truncatedFiles() throws {
    try model.write(to: directory)
    let bytes = model.encoded(.unet)
    let header = 8 + (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    for count in [4, 5000, header, header + 100, bytes.count - 2] {
      try SyntheticModel.write(Array(bytes[..<count]), to: unetPath)
      let error = #expect(throws: CheckpointError.self) { try Checkpoint(opening: .resolve(directory.path)) }
      guard case .truncated(let path, _) = error else {
        Issue.record("\(count) bytes: \(String(describing: error))")
        continue
      }
      #expect(path == unetPath)
    }
    try SyntheticModel.write([UInt8](repeating: 9, count: 100), to: unetPath)
    expect(.safetensors(path: unetPath, .badHeader("length \(0x0909_0909_0909_0909)")))
  }

  @Test func componentsWithoutWeights() throws {
    try model.write(to: directory)
    try remove("vae/diffusion_pytorch_model.safetensors")
    expect(.noComponent(.vae, folder: directory.path, found: ["vae/config.json"]))
    try write("", to: "vae/diffusion_pytorch_model.bin")
    expect(.onlyPickles(folder: directory.file("vae"), files: ["diffusion_pytorch_model.bin"]))
    try write("", to: ".cache/huggingface/download/vae/x.incomplete")
    expect(.incompleteDownload(folder: directory.path, file: ".cache/huggingface/download/vae/x.incomplete"))
    try remove("vae")
    try remove(".cache")
    expect(
      .noComponent(.vae, folder: directory.path, found: ["scheduler", "text_encoder", "tokenizer", "unet"]))
    try FileManager.default.createSymbolicLink(
      atPath: directory.file("text_encoder/model.fp16.safetensors"), withDestinationPath: "../../blobs/gone")
    try model.write(to: directory)
    expect(.incompleteDownload(folder: directory.file("text_encoder"), file: "model.fp16.safetensors"))
  }

  @Test func foldersWithoutAModel() throws {
    expect(.noModel(folder: directory.path, found: []))
    try write("", to: "README.md")
    expect(.noModel(folder: directory.path, found: ["README.md"]))
    try write("", to: "v1-5.ckpt")
    expect(.onlyPickles(folder: directory.path, files: ["v1-5.ckpt"]))
    try write("", to: "a.safetensors")
    expect(.notSafetensors(path: directory.file("a.safetensors"), kind: .empty))
    try write("", to: "b.safetensors")
    expect(.ambiguousFile(folder: directory.path, files: ["a.safetensors", "b.safetensors"]))
    try write("{}", to: "transformer/config.json")
    let error = #expect(throws: CheckpointError.self) { try Checkpoint(opening: .resolve(directory.path)) }
    #expect("\(try #require(error))".contains("is a diffusion transformer"))
  }

  @Test func indices() throws {
    try model.write(to: directory)
    try remove(Self.unetName)
    let index = "unet/diffusion_pytorch_model.safetensors.index.json"
    let path = directory.file(index)
    try write(#"{"weight_map": {"conv_in.weight": "part-1-of-2.safetensors"}}"#, to: index)
    expect(.missingShard(index: path, file: "part-1-of-2.safetensors"))
    try SyntheticModel.write(SafetensorsFile.encode([:]), to: directory.file("unet/part-1-of-2.safetensors"))
    expect(.badIndex(path: path, reason: "tensor 'conv_in.weight' is not in 'part-1-of-2.safetensors'"))
    try write(#"{"weight_map": {"conv_in.weight": "../part"}}"#, to: index)
    expect(.badIndex(path: path, reason: "the file of tensor 'conv_in.weight' is no name"))
    try write(#"{"weight_map": {}}"#, to: index)
    expect(.badIndex(path: path, reason: "weight_map is empty"))
    try write("{}", to: index)
    expect(.badIndex(path: path, reason: "no weight_map"))
    try write("{", to: index)
    expect(.badConfiguration(path: path, reason: "json: expected '\"' at byte 1"))
  }

  @Test mutating func gapsInTheNumbers() throws {
    for (name, gap) in [
      (
        "down_blocks.2.attentions.1.transformer_blocks.9223372036854775807.norm1.weight",
        "down_blocks.2.attentions.1.transformer_blocks.1"
      ),
      ("down_blocks.1.resnets.3.norm1.weight", "down_blocks.1.resnets.2"),
    ] {
      model = Self.original
      model.tensors[.unet]?[name] = Tensor(zeros: [64])
      try model.write(to: directory)
      expect(.unsupportedStructure(path: unetPath, found: "no tensors '\(gap).…'", expected: "numbers without gaps"))
    }
  }

  /// Nothing in a file may stop the process.
  @Test func damagedHeaders() throws {
    try model.write(to: directory)
    var generator = SeededGenerator(seed: 82)
    let path = "text_encoder/model.safetensors"
    let original = model.encoded(.textEncoder)
    let header = Int(original[0]) | Int(original[1]) << 8
    for _ in 0..<100 {
      var damaged = original
      for _ in 0..<2 {
        let digits = "{}[]\",:0123456789-eE\\x.".utf8
        damaged[8 + Int(generator.next() % UInt64(header))] = digits.randomElement(using: &generator) ?? 0
      }
      try SyntheticModel.write(damaged, to: directory.file(path))
      _ = try? Checkpoint(opening: .resolve(directory.path)).validate()
    }
  }

  // Settings

  @Test(arguments: [
    (#""freq_shift": 0"#, #""freq_shift": 1"#, "freq_shift", "1", "0"),
    (#""act_fn": "silu""#, #""act_fn": "relu""#, "act_fn", "\"relu\"", "\"silu\" or \"swish\""),
    (#""class_embed_type": null"#, #""class_embed_type": "timestep""#, "class_embed_type", "\"timestep\"", "none"),
  ])
  func unsupportedSettings(_ old: String, _ new: String, _ key: String, _ found: String, _ expected: String) throws {
    var model = model
    model.configurations["unet/config.json"] =
      model.configurations["unet/config.json"]?.replacingOccurrences(of: old, with: new)
    try model.write(to: directory)
    let path = directory.file("unet/config.json")
    expect(.unsupportedSetting(path: path, key: key, found: found, expected: expected))
  }

  @Test(arguments: [
    ("[32, 32, 64, 64]", "[32, 48, 64, 64]", "block_out_channels[1]", "48", "32"),
    (#""cross_attention_dim": 64"#, #""cross_attention_dim": 768"#, "cross_attention_dim", "768", "64"),
    (
      #""transformer_layers_per_block": 1"#, #""transformer_layers_per_block": [1, [1, 3], 1]"#,
      "transformer_layers_per_block[1]", "[1, 3]", "[1, 1]"
    ),
    (
      #""CrossAttnDownBlock2D","DownBlock2D""#, #""CrossAttnDownBlock2D","CrossAttnDownBlock2D""#,
      "down_block_types with attention", "[0, 1, 2, 3]", "[0, 1, 2]"
    ),
  ])
  func contradictions(_ old: String, _ new: String, _ key: String, _ found: String, _ weights: String) throws {
    var model = model
    model.configurations["unet/config.json"] =
      model.configurations["unet/config.json"]?.replacingOccurrences(of: old, with: new)
    try model.write(to: directory)
    let path = directory.file("unet/config.json")
    expect(.contradiction(path: path, key: key, found: found, weights: weights))
  }

  @Test func mistypedSettings() throws {
    var model = model
    for (text, reason) in [
      (#"{"attention_head_dim": "8"}"#, #"attention_head_dim is "8", expected a whole number above 0"#),
      (#"{"attention_head_dim": [0]}"#, "attention_head_dim is a list, expected whole numbers above 0"),
      (#"{"norm_eps": -1}"#, "norm_eps is -1, expected a number above 0"), ("[]", "json: not an object"),
    ] {
      model.configurations["unet/config.json"] = text
      try model.write(to: directory)
      expect(.badConfiguration(path: directory.file("unet/config.json"), reason: reason))
    }
    model.configurations["unet/config.json"] = #"{"attention_head_dim": 7}"#
    try model.write(to: directory)
    expect(
      .unsupportedStructure(path: unetPath, found: "a width of 32", expected: "a multiple of 7, the number of heads"))
  }

  // Other models

  @Test mutating func inpainting() throws {
    model.tensors[.unet]?["conv_in.weight"] = Tensor(zeros: [32, 9, 3, 3])
    model.configurations["unet/config.json"] = nil
    try model.write(to: directory)
    expect(
      .otherFamily(
        path: unetPath,
        found: "an inpainting or editing model: its UNet takes 9 channels, the VAE gives 4"))
  }

  @Test mutating func otherSingleFiles() throws {
    let path = directory.file("model.safetensors")
    for (name, found) in [
      ("double_blocks.0.img_attn.norm.key_norm.scale", "a Flux model"),
      ("model.diffusion_model.joint_blocks.0.x_block.attn.proj.bias", "a Stable Diffusion 3 model"),
      ("lora_unet_down_blocks_0.alpha", "a LoRA and not a whole model"),
      ("cond_stage_model.model.ln_final.bias", "a Stable Diffusion 2.x single file"),
      ("conv_in.weight down_blocks", "nothing"),
      ("down_blocks.0.resnets.0.conv1.weight", "the UNet alone; give the model's folder instead"),
    ] where found != "nothing" {
      try SyntheticModel.write(SafetensorsFile.encode([name: Tensor(zeros: [1])]), to: path)
      #expect(throws: CheckpointError.otherFamily(path: path, found: found)) {
        try Checkpoint(opening: .resolve(path))
      }
    }
    model.tensors[.vae] = nil
    try SyntheticModel.write(model.singleFile(), to: path)
    #expect(
      throws: CheckpointError.unsupportedStructure(
        path: path, found: "no tensors of vae", expected: "a whole model: UNet, VAE and text encoders in one file")
    ) { try Checkpoint(opening: .resolve(path)) }
  }

  /// Linear projections without added conditioning are neither family: a configuration has to say how many heads there are.
  @Test mutating func unknownFamilies() throws {
    for (name, tensor) in model.tensors[.unet] ?? [:] where name.contains(".proj_") && tensor.shape.rank == 4 {
      model.tensors[.unet]?[name] = tensor.reshaped([tensor.shape[0], tensor.shape[1]])
    }
    try SyntheticModel.write(model.singleFile(), to: directory.file("file/model.safetensors"))
    try model.write(to: directory, in: "folder")
    let path = directory.file("file/model.safetensors")
    let location = try CheckpointLocation.resolve(path)
    #expect(
      throws: CheckpointError.needsConfiguration(
        path: path,
        reason: "attention in down blocks 0, 1, 2, no added conditioning, linear projections, 1 text encoder")
    ) { try Checkpoint(opening: location) }
    let checkpoint = try Checkpoint(opening: location, configurationFolder: directory.file("folder"))
    #expect(checkpoint.configuration.unet.blocks.map(\.headCount) == [2, 2, 2])
    try checkpoint.validate()
  }
}
