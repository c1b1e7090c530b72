// SPDX-License-Identifier: Apache-2.0
import Tensor

/// From the names of folders to those of single files: the other direction of `SingleFileNaming`, for whole models.
///
/// - Source: the key maps of published loaders, as `single_names` of `fixtures/generate/diffusion.py`.
struct SingleFileNames {
  let isXL: Bool
  let upDepths: [[Int]]
  let style: SyntheticModel.SingleFileStyle

  func translate(_ tensors: [SyntheticFile.Stored], of component: ModelComponent) -> [SyntheticFile.Stored] {
    tensors.compactMap { stored in
      guard case .weights(_, let parts) = stored.content, let tensor = parts.first,
        let dot = tensor.name.lastIndex(of: ".")
      else { return renamed(stored, "cond_stage_model.transformer.\(stored.planned.name)") }
      let (layer, parameter) = (String(tensor.name[..<dot]), String(tensor.name[dot...]))
      switch component {
      case .unet: return renamed(stored, "model.diffusion_model.\(unet(layer))\(parameter)")
      case .vae:
        // The linear layers of the attention are stored as 1×1 convolutions.
        let shape = tensor.shape.count == 2 ? tensor.shape + [1, 1] : tensor.shape
        return renamed(stored, "first_stage_model.\(vae(layer))\(parameter)", shape)
      case .textEncoder:
        return renamed(stored, (isXL ? "conditioner.embedders.0" : "cond_stage_model") + ".transformer.\(tensor.name)")
      case .secondTextEncoder:
        return openCLIP(stored, tensor, layer, parameter)
      case .visionTransformer: return nil
      }
    }
  }

  private func renamed(
    _ stored: SyntheticFile.Stored, _ name: String, _ shape: [Int]? = nil
  ) -> SyntheticFile.Stored {
    SyntheticFile.Stored(
      planned: SafetensorsFile.Planned(name, stored.planned.type, shape ?? stored.planned.shape),
      content: stored.content)
  }

  // UNet

  private static let unetBoundaryLayers = [
    "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
    "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
  ]
  private static let resnetLayers = [
    "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
    "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
  ]

  private func unet(_ layer: String) -> String {
    if let known = Self.unetBoundaryLayers[layer] { return known }
    let parts = layer.split(separator: ".").map(String.init)
    let isMiddle = parts[0] == "mid_block"
    let block = isMiddle ? 0 : Int(parts[1]) ?? 0
    let (kind, index) = (parts[isMiddle ? 1 : 2], Int(parts[isMiddle ? 2 : 3]) ?? 0)
    let inner = parts.dropFirst(isMiddle ? 3 : 4).joined(separator: ".")
    if kind == "downsamplers" { return "input_blocks.\(3 * block + 3).0.op" }
    if kind == "upsamplers" { return "output_blocks.\(3 * block + 2).\(upDepths[block].isEmpty ? 1 : 2).conv" }
    let isResnet = kind == "resnets"
    let name = isResnet ? Self.resnetLayers[inner] ?? inner : inner
    if isMiddle { return "middle_block.\(isResnet ? 2 * index : 1).\(name)" }
    let place = 3 * block + index
    return (parts[0] == "down_blocks" ? "input_blocks.\(1 + place)" : "output_blocks.\(place)")
      + ".\(isResnet ? 0 : 1).\(name)"
  }

  // VAE

  private static let vaeAttention = [
    "group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out",
  ]

  private func vae(_ layer: String) -> String {
    let parts = layer.split(separator: ".").map(String.init)
    guard parts.count > 1 else { return layer }
    let half = parts[0]
    let inner = parts.dropFirst(4).joined(separator: ".")
    switch parts[1] {
    case "conv_norm_out": return "\(half).norm_out"
    case "mid_block":
      return parts[2] == "attentions"
        ? "\(half).mid.attn_1.\(Self.vaeAttention[inner] ?? inner)"
        : "\(half).mid.block_\((Int(parts[3]) ?? 0) + 1).\(inner)"
    case "down_blocks", "up_blocks":
      let (isDown, block) = (parts[1] == "down_blocks", Int(parts[2]) ?? 0)
      let stage = isDown ? "\(half).down.\(block)" : "\(half).up.\(3 - block)"
      guard parts[3] == "resnets" else { return "\(stage).\(isDown ? "downsample" : "upsample").conv" }
      return "\(stage).block.\(parts[4]).\(parts[5] == "conv_shortcut" ? "nin_shortcut" : parts[5])"
    default: return layer
    }
  }

  // OpenCLIP

  private static let openCLIPBoundaryTensors = [
    "text_model.embeddings.token_embedding.weight": "token_embedding.weight",
    "text_model.embeddings.position_embedding.weight": "positional_embedding",
    "text_model.final_layer_norm.weight": "ln_final.weight", "text_model.final_layer_norm.bias": "ln_final.bias",
    "text_projection.weight": "text_projection.weight",
  ]
  private static let openCLIPLayers = [
    "layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
  ]

  /// Queries, keys and values are one tensor, made where the queries are; nil for keys and values.
  private func openCLIP(
    _ stored: SyntheticFile.Stored, _ tensor: TensorRequirement, _ layer: String, _ parameter: String
  ) -> SyntheticFile.Stored? {
    let scope = "conditioner.embedders.1.model."
    if style == .a1111 && layer == "text_projection" {
      return SyntheticFile.Stored(
        planned: SafetensorsFile.Planned("\(scope)\(layer)", stored.planned.type, tensor.shape.reversed()),
        content: .transposed(.secondTextEncoder, tensor))
    }
    if let known = Self.openCLIPBoundaryTensors[tensor.name] { return renamed(stored, scope + known) }
    let parts = layer.split(separator: ".", maxSplits: 4).map(String.init)
    let (block, inner) = ("\(scope)transformer.resblocks.\(parts[3])", parts[4])
    if let known = Self.openCLIPLayers[inner] { return renamed(stored, "\(block).\(known)\(parameter)") }
    guard inner == "self_attn.q_proj" else { return nil }
    let stem = layer.dropLast("q_proj".count)
    let packed = ["q", "k", "v"].map { TensorRequirement("\(stem)\($0)_proj\(parameter)", tensor.shape) }
    let shape = [3 * tensor.shape[0]] + tensor.shape.dropFirst()
    return SyntheticFile.Stored(
      planned: SafetensorsFile.Planned("\(block).attn.in_proj_\(parameter.dropFirst())", stored.planned.type, shape),
      content: .weights(.secondTextEncoder, packed))
  }
}
