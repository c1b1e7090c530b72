// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import Testing
import UNet

extension CheckpointErrorTests {
  // Settings

  @Test(arguments: [
    (#""freq_shift": 0"#, #""freq_shift": 1"#, "freq_shift", "1", "0"),
    (#""act_fn": "silu""#, #""act_fn": "relu""#, "act_fn", "\"relu\"", "\"silu\" or \"swish\""),
    (#""class_embed_type": null"#, #""class_embed_type": "timestep""#, "class_embed_type", "\"timestep\"", "null"),
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
  func configurationMismatches(_ old: String, _ new: String, _ key: String, _ found: String, _ weights: String) throws {
    var model = model
    model.configurations["unet/config.json"] =
      model.configurations["unet/config.json"]?.replacingOccurrences(of: old, with: new)
    try model.write(to: directory)
    let path = directory.file("unet/config.json")
    expect(.configurationMismatch(path: path, key: key, found: found, weights: weights))
  }

  @Test func mistypedSettings() throws {
    var model = model
    for (text, reason) in [
      (#"{"attention_head_dim": "8"}"#, #"attention_head_dim is "8", expected a whole number above 0"#),
      (#"{"attention_head_dim": [0]}"#, "attention_head_dim is a list, expected whole numbers above 0"),
      (#"{"norm_eps": -1}"#, "norm_eps is -1, expected a number above 0"), ("[]", "not a JSON object"),
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

  @Test func configurationsWithoutEnd() throws {
    try model.write(to: directory)
    let path = try directory.writeSparse([UInt8(ascii: "{")], byteCount: 1 << 26 + 1, to: "unet/config.json")
    expect(.system(.tooLarge(path: path, limit: 1 << 26)))
  }

  // Other models

  @Test mutating func inpainting() throws {
    model.tensors[.unet]?["conv_in.weight"] = Tensor(zeros: [32, 9, 3, 3])
    model.configurations["unet/config.json"] = nil
    try model.write(to: directory)
    expect(
      .unsupportedFamily(
        path: unetPath,
        found: "an inpainting or editing model: its UNet has 9 input channels, its VAE has 4"))
  }

  @Test mutating func otherSingleFiles() throws {
    let path = directory.file("model.safetensors")
    for (name, found) in [
      ("double_blocks.0.img_attn.norm.key_norm.scale", "a Flux model"),
      ("model.diffusion_model.joint_blocks.0.x_block.attn.proj.bias", "a Stable Diffusion 3 model"),
      ("lora_unet_down_blocks_0.alpha", "a LoRA, not a complete model"),
      ("cond_stage_model.model.ln_final.bias", "a Stable Diffusion 2.x single file"),
      ("conv_in.weight down_blocks", "nothing"),
      ("down_blocks.0.resnets.0.conv1.weight", "a UNet without its VAE and text encoders; pass the model's folder"),
    ] where found != "nothing" {
      try TestModel.write(SafetensorsFile.encode([name: Tensor(zeros: [1])]), to: path)
      #expect(throws: CheckpointError.unsupportedFamily(path: path, found: found)) {
        try DiffusionCheckpoint(opening: .resolve(path))
      }
    }
    model.tensors[.vae] = nil
    try TestModel.write(model.singleFile(), to: path)
    #expect(
      throws: CheckpointError.unsupportedStructure(
        path: path, found: "no vae tensors", expected: "UNet, VAE and text encoders in one file")
    ) { try DiffusionCheckpoint(opening: .resolve(path)) }
  }

  /// Linear projections without added conditioning are neither family: a configuration has to say how many heads there are.
  @Test mutating func unknownFamilies() throws {
    for (name, tensor) in model.tensors[.unet] ?? [:] where name.contains(".proj_") && tensor.shape.rank == 4 {
      model.tensors[.unet]?[name] = tensor.reshaped([tensor.shape[0], tensor.shape[1]])
    }
    try TestModel.write(model.singleFile(), to: directory.file("file/model.safetensors"))
    try model.write(to: directory, in: "folder")
    let path = directory.file("file/model.safetensors")
    let location = try CheckpointLocation.resolve(path)
    #expect(
      throws: CheckpointError.needsConfiguration(
        path: path,
        reason: "attention in down blocks 0, 1, 2, no added conditioning, linear projections, 1 text encoder")
    ) { try DiffusionCheckpoint(opening: location) }
    let checkpoint = try DiffusionCheckpoint(opening: location, configurationFolder: directory.file("folder"))
    #expect(checkpoint.configuration.unet.blocks.map(\.headCount) == [2, 2, 2])
    try checkpoint.validate()
  }
}
