// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import TestSupport
import UNet

extension TestModel {
  typealias ElementType = SafetensorsFile.ElementType

  /// Numbers that no setting of a known family has, so that a test sees that the files are read.
  mutating func addConfigurations() {
    let isXL = plan.isXL
    configurations["unet/config.json"] = """
      {"_class_name": "UNet2DConditionModel", "act_fn": "silu", "in_channels": 4, "layers_per_block": 2,
       "block_out_channels": \(plan.widths), "cross_attention_dim": \(plan.textWidths.reduce(0, +)),
       "attention_head_dim": \(isXL ? "[1, 2, 4]" : "2"), "norm_num_groups": 16, "norm_eps": 2e-5, "freq_shift": 0,
       "transformer_layers_per_block": \(isXL ? "[[0], [\(plan.depths[1]), \(plan.depths[1]), 9], \(plan.depths[2])]" : "1"),
       "addition_embed_type": \(isXL ? "\"text_time\"" : "null"), "class_embed_type": null,
       "down_block_types": [\(plan.depths.map { $0 > 0 ? "\"CrossAttnDownBlock2D\"" : "\"DownBlock2D\"" }.joined(separator: ","))]}
      """
    configurations["vae/config.json"] = """
      {"block_out_channels": \(Self.vaeWidths), "latent_channels": 4, "norm_num_groups": 8, "scaling_factor": 0.5}
      """
    for (index, width) in plan.textWidths.enumerated() {
      configurations["text_encoder\(index == 0 ? "" : "_2")/config.json"] = """
        {"hidden_size": \(width), "num_hidden_layers": \(plan.textLayers[index]), "intermediate_size": \(4 * width),
         "num_attention_heads": 16, "hidden_act": "gelu", "layer_norm_eps": 3e-5}
        """
      configurations["tokenizer\(index == 0 ? "" : "_2")/special_tokens_map.json"] =
        index == 0 ? #"{"pad_token": "!"}"# : #"{"pad_token": {"content": "<|endoftext|>", "lstrip": false}}"#
    }
  }

  func encoded(_ component: ModelComponent, as type: ElementType = .float16) -> [UInt8] {
    SafetensorsFile.encode(tensors[component] ?? [:], metadata: ["format": "pt"]) { name in
      name.hasSuffix("position_ids") ? .int64 : type
    }
  }

  /// Writes the folder of a published model.
  func write(
    to directory: TemporaryDirectory, in folder: String = "", variant: String = "", as type: ElementType = .float16
  )
    throws
  {
    let root = folder.isEmpty ? directory.path : directory.file(folder)
    for component in tensors.keys {
      try Self.write(
        encoded(component, as: type), to: "\(root)/\(component.rawValue)/\(component.weightStem)\(variant).safetensors")
    }
    for (path, text) in configurations { try Self.write(Array(text.utf8), to: "\(root)/\(path)") }
  }

  static func write(_ bytes: [UInt8], to path: String) throws {
    let url = URL(fileURLWithPath: path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  // Single files

  enum SingleFileStyle {
    /// SSD-1B.safetensors: position_ids, `text_projection.weight`.
    case plain
    /// SSD-1B-A1111.safetensors: `logit_scale` and a transposed `text_projection`.
    case bare
  }

  /// One file under the names of the original code.
  func singleFile(_ style: SingleFileStyle = .plain, metadata: [String: String]? = nil, as type: ElementType = .float16)
    -> [UInt8]
  {
    var result: [String: Tensor] = [:]
    for (name, tensor) in tensors[.unet] ?? [:] { result["model.diffusion_model." + unetName(name)] = tensor }
    for (name, tensor) in tensors[.vae] ?? [:] {
      let isAttention = name.contains("attentions.0") && tensor.shape.rank == 2
      let shape = isAttention ? tensor.shape.extents + [1, 1] : tensor.shape.extents
      result["first_stage_model." + vaeName(name)] = tensor.reshaped(Tensor.Shape(shape))
    }
    let first = plan.isXL ? "conditioner.embedders.0.transformer." : "cond_stage_model.transformer."
    for (name, tensor) in tensors[.textEncoder] ?? [:] { result[first + name] = tensor }
    let second = "conditioner.embedders.1.model."
    for (name, tensor) in openCLIP(isBare: style == .bare) { result[second + name] = tensor }
    if style == .plain {
      result[first + "text_model.embeddings.position_ids"] = Tensor(zeros: [1, 77])
      if plan.isXL { result[second + "text_model.embeddings.position_ids"] = Tensor(zeros: [1, 77]) }
    } else {
      result[second + "logit_scale"] = Tensor(zeros: [])
    }
    return SafetensorsFile.encode(result, metadata: metadata) { name in
      name == first + "text_model.embeddings.position_ids" && !plan.isXL ? .int64 : type
    }
  }

  private static let unetLayers = [
    ("time_embedding.linear_1", "time_embed.0"), ("time_embedding.linear_2", "time_embed.2"),
    ("add_embedding.linear_1", "label_emb.0.0"), ("add_embedding.linear_2", "label_emb.0.2"),
    ("conv_in", "input_blocks.0.0"), ("mid_block.resnets.0", "middle_block.0"),
  ]
  private static let resnetLayers = [
    ("norm1", "in_layers.0"), ("conv1", "in_layers.2"), ("time_emb_proj", "emb_layers.1"), ("norm2", "out_layers.0"),
    ("conv2", "out_layers.3"), ("conv_shortcut", "skip_connection"),
  ]

  private func unetName(_ name: String) -> String {
    var name = name
    for (old, new) in Self.unetLayers where name.hasPrefix(old) { name = new + name.dropFirst(old.count) }
    for block in 0..<4 {
      for place in 0..<2 {
        let index = 1 + 3 * block + place
        name = name.replacingOccurrences(of: "down_blocks.\(block).resnets.\(place)", with: "input_blocks.\(index).0")
        name = name.replacingOccurrences(
          of: "down_blocks.\(block).attentions.\(place)", with: "input_blocks.\(index).1")
      }
      name = name.replacingOccurrences(
        of: "down_blocks.\(block).downsamplers.0.conv", with: "input_blocks.\(3 * block + 3).0.op")
    }
    guard !name.contains(".1.") || name.contains(".0.") else { return name }
    for (old, new) in Self.resnetLayers where !name.contains("transformer_blocks") {
      name = name.replacingOccurrences(of: ".0.\(old).", with: ".0.\(new).")
    }
    return name
  }

  private func vaeName(_ name: String) -> String {
    var name = name.replacingOccurrences(of: "conv_norm_out", with: "norm_out")
      .replacingOccurrences(of: "conv_shortcut", with: "nin_shortcut")
      .replacingOccurrences(of: "mid_block.resnets.0", with: "mid.block_1")
      .replacingOccurrences(of: "mid_block.resnets.1", with: "mid.block_2")
    if name.contains("attentions.0") {
      for (old, new) in [("group_norm", "norm"), ("to_q", "q"), ("to_k", "k"), ("to_v", "v"), ("to_out.0", "proj_out")]
      {
        name = name.replacingOccurrences(of: "mid_block.attentions.0.\(old).", with: "mid.attn_1.\(new).")
      }
    }
    for block in 0..<4 {
      name = name.replacingOccurrences(of: "down_blocks.\(block).resnets", with: "down.\(block).block")
      name = name.replacingOccurrences(of: "down_blocks.\(block).downsamplers.0", with: "down.\(block).downsample")
    }
    return name
  }

  private func openCLIP(isBare: Bool) -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    let source = tensors[.secondTextEncoder] ?? [:]
    for (name, tensor) in source {
      var new = name.replacingOccurrences(of: "text_model.encoder.layers", with: "transformer.resblocks")
      for (old, replacement) in [
        ("text_model.embeddings.token_embedding", "token_embedding"),
        ("text_model.embeddings.position_embedding.weight", "positional_embedding"),
        ("text_model.final_layer_norm", "ln_final"), ("layer_norm", "ln_"), ("mlp.fc1", "mlp.c_fc"),
        ("mlp.fc2", "mlp.c_proj"), ("self_attn.out_proj", "attn.out_proj"),
      ] { new = new.replacingOccurrences(of: old, with: replacement) }
      if name == "text_projection.weight" && isBare {
        let (rows, columns) = (tensor.shape[0], tensor.shape[1])
        let values = (0..<rows * columns).map { tensor[$0 % rows, $0 / rows] }
        result["text_projection"] = Tensor([columns, rows], values: values)
      } else if new.contains("self_attn.q_proj") {
        let parts = ["q_proj", "k_proj", "v_proj"].compactMap {
          source[name.replacingOccurrences(of: "q_proj", with: $0)]
        }
        let shape = [3 * tensor.shape[0]] + tensor.shape.extents.dropFirst()
        new = new.replacingOccurrences(of: "self_attn.q_proj.", with: "attn.in_proj_")
        result[new] = Tensor(Tensor.Shape(shape), values: parts.flatMap(\.values))
      } else if !new.contains("self_attn") {
        result[new] = tensor
      }
    }
    return result
  }
}
