// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import UNet

/// The smallest model that is accepted: one block everywhere, two channels, all weights zero.
enum MinimalModel {
  private static let unet = UNetConfiguration(
    inputChannels: 1, blocks: [.init(width: 2, resnetCount: 1, transformerDepths: [2], headCount: 1)],
    timeSinusoidWidth: 2, timeEmbeddingWidth: 2, contextWidth: 2, addedConditioning: nil, usesLinearProjection: true,
    groupCount: 1)
  private static let vae = VAEConfiguration(
    inputChannels: 3, widths: [2], resnetsPerBlock: 1, latentChannels: 1, groupCount: 1, scalingFactor: 1)
  private static let text = TextEncoderConfiguration(
    vocabularySize: 3, positionCount: 3, width: 2, layerCount: 1, headCount: 1, feedForwardWidth: 2, activation: .gelu,
    output: .final, projectionWidth: nil, paddingToken: 2)

  /// Paths in the folder and their texts.
  static let configurations = [
    ("unet/config.json", #"{"norm_num_groups":1,"attention_head_dim":[1],"block_out_channels":[2],"in_channels":1}"#),
    ("vae/config.json", #"{"norm_num_groups":1,"scaling_factor":1.0,"block_out_channels":[2],"layers_per_block":1}"#),
    (
      "text_encoder/config.json",
      #"{"vocab_size":3,"num_hidden_layers":1,"max_position_embeddings":3,"hidden_size":2,"num_attention_heads":1,"#
        + #""intermediate_size":2,"hidden_act":"gelu","layer_norm_eps":1e-5}"#
    ),
    ("tokenizer/special_tokens_map.json", #"{"pad_token":{"content":"<|endoftext|>"}}"#),
    (
      "scheduler/scheduler_config.json",
      #"{"beta_start":0.00085,"beta_end":0.012,"beta_schedule":"scaled_linear","num_train_timesteps":1000}"#
    ),
  ]

  /// Those of a vision transformer.
  static let transformerConfigurations = [
    (
      "vit/config.json",
      #"{"model_type":"dinov2","hidden_size":2,"num_attention_heads":1,"num_hidden_layers":1,"patch_size":1,"#
        + #""layer_norm_eps":1e-6,"hidden_act":"gelu","model_args":{"num_heads":1}}"#
    ),
    ("vit/preprocessor_config.json", #"{"do_normalize":true,"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5]}"#),
  ]

  static let indexPath = "unet/diffusion_pytorch_model.safetensors.index.json"
  static let shard = "a.safetensors"

  /// What `file(header:)` has zeros for.
  private static let dataByteCount = 1 << 14

  /// A safetensors file of a header and zeros.
  static func file(header: [UInt8]) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header
      + Array(repeating: 0, count: dataByteCount)
  }

  private static func header(_ tensors: [(name: String, shape: [Int])], metadata: [(String, String)] = []) -> String {
    var offset = 0
    let entries = tensors.map { name, shape in
      let start = offset
      offset += 2 * shape.reduce(1, *)
      return "\(jsonString(name)):{\"dtype\":\"F16\",\"shape\":\(shape),\"data_offsets\":[\(start),\(offset)]}"
    }
    let pairs = metadata.map { "\(jsonString($0.0)):\(jsonString($0.1))" }.joined(separator: ",")
    return "{\((metadata.isEmpty ? [] : ["\"__metadata__\":{\(pairs)}"] + []).joined())"
      + (metadata.isEmpty ? "" : ",") + entries.joined(separator: ",") + "}"
  }

  private static func tensors(_ requirements: [TensorRequirement], prefix: String = "") -> [(String, [Int])] {
    requirements.map { (prefix + $0.name, $0.shape) }
  }

  /// As `diffcut model pack` has it.
  static let packedHeader = header(
    tensors(unet.requirements, prefix: "unet.") + tensors(vae.requirements, prefix: "vae.")
      + [("prompt.hidden", [3, 2])],
    metadata: [("format", "diffcut"), ("version", "1")] + configurations)

  private static let transformerTensors: [(name: String, shape: [Int])] = [
    ("patch_embed.proj.weight", [2, 3, 1, 1]), ("patch_embed.proj.bias", [2]), ("cls_token", [1, 1, 2]),
    ("pos_embed", [1, 2, 2]), ("norm.weight", [2]), ("norm.bias", [2]), ("blocks.0.attn.qkv.weight", [6, 2]),
    ("blocks.0.attn.qkv.bias", [6]), ("blocks.0.attn.proj.weight", [2, 2]), ("blocks.0.attn.proj.bias", [2]),
    ("blocks.0.mlp.fc1.weight", [4, 2]), ("blocks.0.mlp.fc1.bias", [4]), ("blocks.0.mlp.fc2.weight", [2, 4]),
    ("blocks.0.mlp.fc2.bias", [2]), ("blocks.0.norm1.weight", [2]), ("blocks.0.norm1.bias", [2]),
    ("blocks.0.norm2.weight", [2]), ("blocks.0.norm2.bias", [2]), ("blocks.0.ls1.gamma", [2]),
    ("blocks.0.ls2.gamma", [2]),
  ]

  /// The smallest vision transformer, in timm's layout.
  static let transformerHeader = header(transformerTensors)

  static func writeFolder(_ directory: TemporaryDirectory) throws {
    for folder in ["unet", "vae", "text_encoder", "tokenizer", "scheduler", "vit"] {
      try OutputFile.createDirectory(directory.file(folder))
    }
    for (path, text) in configurations + transformerConfigurations {
      _ = try directory.write(Array(text.utf8), to: path)
    }
    let weights = [
      ("unet/diffusion_pytorch_model", unet.requirements), ("vae/diffusion_pytorch_model", vae.requirements),
      ("text_encoder/model", text.requirements),
    ]
    _ = try directory.write(file(header: Array(transformerHeader.utf8)), to: "vit/model.safetensors")
    for (name, requirements) in weights {
      _ = try directory.write(
        file(header: Array(header(tensors(requirements)).utf8)), to: "\(name).safetensors")
    }
  }

  /// The same with an index in the place of the UNet's file.
  static func writeShard(_ directory: TemporaryDirectory) throws {
    try writeFolder(directory)
    try Directory.removeFile(directory.file("unet/diffusion_pytorch_model.safetensors"))
    _ = try directory.write(file(header: Array(header(tensors(unet.requirements)).utf8)), to: "unet/\(shard)")
  }

  static let index =
    "{\"metadata\":{\"total_size\":1},\"weight_map\":{"
    + unet.requirements.prefix(3).map { "\(jsonString($0.name)):\"\(shard)\"" }.joined(separator: ",") + "}}"
}
