// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import TestSupport
import Testing
import UNet

/// Damaged and unsupported vision transformers: the error names the file, the tensor, the value found and the remedy.
@Suite struct VisionTransformerErrorTests {
  private let copy: TransformerCopy

  init() throws { copy = try TransformerCopy() }

  private func expect(_ error: CheckpointError, _ sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(throws: error, sourceLocation: sourceLocation) { try copy.open().validate(readingValues: true) }
  }

  /// By the name that the tensor has in files of the layout.
  @Test(arguments: [
    ("dino", "encoder.layer.1.layernorm_before.weight", [64]),
    ("dino", "encoder.layer.1.output.dense.weight", [64, 256]), ("dinov2", "encoder.layer.1.norm2.bias", [64]),
    ("dinov2", "encoder.layer.1.layer_scale2.lambda1", [64]), ("dinov2", "embeddings.cls_token", [1, 1, 64]),
    ("dinov2-giant", "encoder.layer.1.mlp.weights_in.weight", [352, 64]),
    ("timm-dinov2", "blocks.1.attn.proj.bias", [64]), ("timm-dinov2", "norm.weight", [64]),
    ("timm-registers", "blocks.1.ls1.gamma", [64]),
  ])
  func missingTensors(_ name: String, _ tensor: String, _ shape: [Int]) throws {
    try copy.write(name) { $0[tensor] = nil }
    expect(.missingTensor(tensor, path: copy.weightPath, expected: shape))
  }

  /// One tensor of queries, keys and values; the position table, from which the grid is derived.
  @Test func missingTensorsThatOthersAreDerivedFrom() throws {
    try copy.write("timm-dinov2") { $0["blocks.1.attn.qkv.weight"] = nil }
    expect(.missingTensor("blocks.1.attn.qkv.weight", path: copy.weightPath, expected: [64, 64]))
    try copy.write("dinov2") { $0["embeddings.position_embeddings"] = nil }
    expect(.missingTensor("embeddings.position_embeddings", path: copy.weightPath, expected: nil))
    try copy.write("timm-dino") { $0["pos_embed"] = nil }
    expect(.missingTensor("pos_embed", path: copy.weightPath, expected: nil))
  }

  @Test func tensorsOfAnotherShape() throws {
    try copy.write("dinov2") { $0["encoder.layer.1.norm1.weight"] = Tensor(zeros: [63]) }
    expect(.wrongShape("encoder.layer.1.norm1.weight", path: copy.weightPath, found: [63], expected: [64]))
    try copy.write("dinov2") { $0["embeddings.position_embeddings"] = Tensor(zeros: [1, 60, 64]) }
    expect(
      .unsupportedStructure(
        path: copy.weightPath, found: "a position table of 60 entries", expected: "a square grid"))
    try copy.write("dinov2") { $0["embeddings.patch_embeddings.projection.weight"] = Tensor(zeros: [64, 4, 14, 14]) }
    expect(
      .unsupportedStructure(
        path: copy.weightPath, found: "patches of 4 channels and 14x14 pixels", expected: "3 channels and a square"))
    try copy.write("dinov2") { $0["embeddings.patch_embeddings.projection.weight"] = Tensor(zeros: [64, 3, 70, 70]) }
    expect(.unsupportedStructure(path: copy.weightPath, found: "patches of 70x70 pixels", expected: "at most 64"))
  }

  @Test func valuesThatAreNotFinite() throws {
    try copy.write("dinov2", as: .float32) { tensors in
      tensors["encoder.layer.0.mlp.fc1.bias"]?.withMutableSpan { $0[5] = .nan }
    }
    expect(.notFinite("encoder.layer.0.mlp.fc1.bias", path: copy.weightPath, value: "nan", index: 5))
  }

  /// Networks with other layers are rejected: normalized queries, position biases, a norm before the blocks.
  @Test(arguments: [
    ("timm-dino", "blocks.0.attn.q_norm.weight"), ("timm-dino", "norm_pre.weight"),
    ("dinov2", "encoder.layer.0.attention.attention.relative_position_bias.table"),
  ])
  func layersOfOtherNetworks(_ name: String, _ tensor: String) throws {
    try copy.write(name) { $0[tensor] = Tensor(zeros: [64]) }
    expect(
      .unsupportedStructure(
        path: copy.weightPath, found: "tensor '\(tensor)'", expected: "only layers of the supported vision transformers"
      ))
  }

  @Test(
    arguments: [
      ("model_type", "dinov2_with_registers", "\"dinov2_with_registers\"", "dinov2"),
      ("hidden_size", 96, "96", "64"), ("num_hidden_layers", 3, "3", "2"), ("patch_size", 16, "16", "14"),
    ] as [(String, any Sendable, String, String)])
  func settingsThatDisagreeWithTheWeights(
    _ key: String, _ value: any Sendable, _ found: String, _ weights: String
  ) throws {
    try copy.write("dinov2")
    try copy.writeSettings("dinov2", changing: [key: value])
    expect(.configurationMismatch(path: copy.configurationPath, key: key, found: found, weights: weights))
  }

  @Test func settingsThatAreNotSupported() throws {
    try copy.write("dinov2")
    try copy.writeSettings("dinov2", changing: ["hidden_act": "relu"])
    expect(
      .unsupportedSetting(path: copy.configurationPath, key: "hidden_act", found: "\"relu\"", expected: "\"gelu\""))
    try copy.writeSettings("dinov2", changing: ["num_attention_heads": 5])
    expect(
      .unsupportedStructure(path: copy.weightPath, found: "5 heads for a width of 64", expected: "a divisor"))
    try copy.writeSettings("dinov2")
    let preprocessor = copy.directory.file("preprocessor_config.json")
    try copy.write(Array(#"{"image_std": [0.2, 0, 0.2]}"#.utf8), to: "preprocessor_config.json")
    expect(.badConfiguration(path: preprocessor, reason: "image_std is a list, expected a list of three numbers"))
    try copy.write(Array(#"{"image_mean": [0.2, 0.1]}"#.utf8), to: "preprocessor_config.json")
    expect(.badConfiguration(path: preprocessor, reason: "image_mean is a list, expected a list of three numbers"))
  }

  /// A text model, a detector, timm's other networks.
  @Test(arguments: [
    (#"{"model_type": "bert", "hidden_size": 64}"#, #"the configuration of a "bert" model"#),
    (#"{"model_type": "detr"}"#, #"the configuration of a "detr" model"#),
    (#"{"model_type": "clip"}"#, #"the configuration of a "clip" model"#),
    (#"{"architecture": "resnet50", "num_classes": 1000}"#, #"the configuration of timm's "resnet50""#),
    (#"{"architecture": "vit_base_patch16_clip_224"}"#, #"the configuration of timm's "vit_base_patch16_clip_224""#),
  ])
  func otherModels(_ text: String, _ found: String) throws {
    try copy.write("dinov2")
    try copy.write(Array(text.utf8), to: "config.json")
    expect(.unsupportedFamily(path: copy.configurationPath, found: found))
  }

  @Test func weightsOfAnotherModel() throws {
    try copy.write("dinov2") { $0 = ["bert.embeddings.word_embeddings.weight": Tensor(zeros: [10, 64])] }
    expect(
      .unsupportedStructure(
        path: copy.weightPath, found: "no patch embedding", expected: "that of a vision transformer"))
  }

  @Test func weightsThatAreNotThere() throws {
    try copy.writeSettings("dinov2")
    expect(
      .noComponent(
        .visionTransformer, folder: copy.directory.path, found: ["config.json", "preprocessor_config.json"]))
    try copy.write(Array("x".utf8), to: "pytorch_model.bin")
    expect(.onlyPickles(folder: copy.directory.path, files: ["pytorch_model.bin"]))
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 88249960\n"
    try copy.write(Array(pointer.utf8), to: "model.safetensors")
    expect(.notSafetensors(path: copy.weightPath, kind: .gitLFSPointer(byteCount: pointer.utf8.count)))
    try copy.write([], to: "model.safetensors")
    expect(.notSafetensors(path: copy.weightPath, kind: .empty))
  }

  /// Registers without layer scales, which no published model has.
  @Test func aMixtureOfFamilies() throws {
    try copy.write("timm-dino") { $0["reg_token"] = Tensor(zeros: [1, 4, 64]) }
    expect(
      .unsupportedStructure(
        path: copy.weightPath, found: "register tokens without layer scales", expected: "both, or no register tokens"))
  }
}
