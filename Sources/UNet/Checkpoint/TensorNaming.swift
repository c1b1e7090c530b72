// SPDX-License-Identifier: Apache-2.0

/// What a tensor of a file stands for: a component's tensor under the name that a published folder gives it.
struct TensorNaming: Equatable, Sendable {
  let component: ModelComponent
  let name: String
  let form: StoredForm

  init(_ component: ModelComponent, _ name: String, _ form: StoredForm = .whole) {
    self.component = component
    self.name = name
    self.form = form
  }

  /// Names in the folder of a component. Folders written by old or very new tools differ in two places.
  static func inFolder(_ component: ModelComponent) -> (String) -> [TensorNaming] {
    { name in
      switch component {
      case .unet, .visionTransformer: [TensorNaming(component, name)]
      case .vae: [TensorNaming(.vae, renamed(name, under: "mid_block.attentions.0.", legacyAttention))]
      case .textEncoder, .secondTextEncoder: text(component, name)
      }
    }
  }

  /// The names of the VAE's attention before diffusers 0.12.
  private static let legacyAttention = [
    "query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0",
  ]

  private static func renamed(_ name: String, under scope: String, _ table: [String: String]) -> String {
    guard let end = name.endOfFirst(scope), let dot = name[end...].firstIndex(of: "."),
      let replacement = table[String(name[end..<dot])]
    else { return name }
    return name[..<end] + replacement + name[dot...]
  }

  /// transformers 5.6 and some converters leave out the first part of the name.
  static func text(_ component: ModelComponent, _ name: String) -> [TensorNaming] {
    let isBare = ["embeddings.", "encoder.", "final_layer_norm."].contains { name.hasPrefix($0) }
    return [TensorNaming(component, isBare ? "text_model.\(name)" : name)]
  }
}

/// The names of single files, which are those of the original latent diffusion code and of OpenCLIP.
///
/// Only what the features depend on is translated: the UNet's contracting half, the VAE's encoder, the text encoders.
/// Source: the key maps of published loaders, matched against the folders of the same models; see `ModelFamily`.
struct SingleFileNaming {
  /// Residual blocks of a UNet block plus its halving: the first halving is `input_blocks.<this>`.
  private let blockLength: Int

  init(names: some Sequence<String>) {
    let halvings = names.compactMap { name -> Int? in
      guard name.hasPrefix(Self.unetPrefix + "input_blocks."), name.hasSuffix(".0.op.weight") else { return nil }
      return Int(name.dropFirst((Self.unetPrefix + "input_blocks.").count).prefix { $0 != "." })
    }
    blockLength = max(2, halvings.min() ?? 3)
  }

  private static let unetPrefix = "model.diffusion_model."

  /// Where each component's names begin. The first text encoder of both families is a CLIP in the layout of transformers,
  /// the second is an OpenCLIP in its own.
  private static let prefixes: [(prefix: String, translate: @Sendable (SingleFileNaming, String) -> [TensorNaming])] = [
    (unetPrefix, { naming, name in naming.unet(name).map { [TensorNaming(.unet, $0)] } ?? [] }),
    ("first_stage_model.", { _, name in vae(name).map { [TensorNaming(.vae, $0)] } ?? [] }),
    ("cond_stage_model.transformer.", { _, name in TensorNaming.text(.textEncoder, name) }),
    ("conditioner.embedders.0.transformer.", { _, name in TensorNaming.text(.textEncoder, name) }),
    ("conditioner.embedders.1.model.", { _, name in openCLIP(name) }),
  ]

  func callAsFunction(_ name: String) -> [TensorNaming] {
    for (prefix, translate) in Self.prefixes where name.hasPrefix(prefix) {
      return translate(self, String(name.dropFirst(prefix.count)))
    }
    return []
  }

  // UNet

  private static let unetLayers = [
    "time_embed.0": "time_embedding.linear_1", "time_embed.2": "time_embedding.linear_2",
    "label_emb.0.0": "add_embedding.linear_1", "label_emb.0.2": "add_embedding.linear_2",
    "input_blocks.0.0": "conv_in",
  ]

  private static let resnetLayers = [
    "in_layers.0": "norm1", "in_layers.2": "conv1", "emb_layers.1": "time_emb_proj", "out_layers.0": "norm2",
    "out_layers.3": "conv2", "skip_connection": "conv_shortcut",
  ]

  private func unet(_ name: String) -> String? {
    let (layer, parameter) = name.splitAtLastDot
    if let known = Self.unetLayers[layer] { return known + parameter }
    let parts = layer.split(separator: ".", maxSplits: 3).map(String.init)
    guard parts.count == 4, parts[0] == "input_blocks", let index = Int(parts[1]), index >= 1 else { return nil }
    let (block, place) = (index - 1).quotientAndRemainder(dividingBy: blockLength)
    switch (parts[2], parts[3]) {
    case ("0", "op"): return "down_blocks.\(block).downsamplers.0.conv" + parameter
    case ("0", let inner):
      return Self.resnetLayers[inner].map { "down_blocks.\(block).resnets.\(place).\($0)\(parameter)" }
    case ("1", let inner): return "down_blocks.\(block).attentions.\(place).\(inner)\(parameter)"
    default: return nil
    }
  }

  // VAE

  private static let vaeAttention = [
    "norm": "group_norm", "q": "to_q", "k": "to_k", "v": "to_v", "proj_out": "to_out.0",
  ]
  private static let vaeMiddle = ["block_1": "resnets.0", "block_2": "resnets.1", "attn_1": "attentions.0"]

  private static func vae(_ name: String) -> String? {
    let (layer, parameter) = name.splitAtLastDot
    if layer == "quant_conv" { return name }
    let parts = layer.split(separator: ".").map(String.init)
    guard parts.count >= 2, parts[0] == "encoder" else { return nil }
    func resnetLayer(_ name: String) -> String { name == "nin_shortcut" ? "conv_shortcut" : name }
    switch (parts[1], parts.count) {
    case ("conv_in", 2), ("conv_out", 2): return name
    case ("norm_out", 2): return "encoder.conv_norm_out\(parameter)"
    case ("mid", 4):
      guard let module = vaeMiddle[parts[2]] else { return nil }
      let inner = parts[2] == "attn_1" ? vaeAttention[parts[3]] : resnetLayer(parts[3])
      return inner.map { "encoder.mid_block.\(module).\($0)\(parameter)" }
    case ("down", 5) where parts[3] == "downsample":
      return "encoder.down_blocks.\(parts[2]).downsamplers.0.\(parts[4])\(parameter)"
    case ("down", 6) where parts[3] == "block":
      return "encoder.down_blocks.\(parts[2]).resnets.\(parts[4]).\(resnetLayer(parts[5]))\(parameter)"
    default: return nil
    }
  }

  // OpenCLIP

  private static let openCLIPNames: [String: TensorNaming] = [
    "token_embedding.weight": .second("text_model.embeddings.token_embedding.weight"),
    "positional_embedding": .second("text_model.embeddings.position_embedding.weight"),
    "ln_final.weight": .second("text_model.final_layer_norm.weight"),
    "ln_final.bias": .second("text_model.final_layer_norm.bias"),
    // A linear layer's weight as it is; the bare parameter is multiplied from the right, hence transposed.
    "text_projection.weight": .second("text_projection.weight"),
    "text_projection": .second("text_projection.weight", .transposed),
  ]

  private static let openCLIPLayers = [
    "ln_1": "layer_norm1", "ln_2": "layer_norm2", "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2",
    "attn.out_proj": "self_attn.out_proj",
  ]
  private static let packedParameters = ["attn.in_proj_weight": ".weight", "attn.in_proj_bias": ".bias"]

  private static func openCLIP(_ name: String) -> [TensorNaming] {
    if let known = openCLIPNames[name] { return [known] }
    let scope = "transformer.resblocks."
    guard name.hasPrefix(scope) else { return name.hasPrefix("text_model.") ? [.second(name)] : [] }
    let rest = name.dropFirst(scope.count)
    guard let dot = rest.firstIndex(of: "."), Int(rest[..<dot]) != nil else { return [] }
    let layer = "text_model.encoder.layers.\(rest[..<dot])"
    let inner = String(rest[rest.index(after: dot)...])
    if let parameter = packedParameters[inner] {
      return ["q_proj", "k_proj", "v_proj"].enumerated().map { part, projection in
        .second("\(layer).self_attn.\(projection)\(parameter)", .third(part))
      }
    }
    let (module, parameter) = inner.splitAtLastDot
    return openCLIPLayers[module].map { [.second("\(layer).\($0)\(parameter)")] } ?? []
  }
}

extension TensorNaming {
  fileprivate static func second(_ name: String, _ form: StoredForm = .whole) -> TensorNaming {
    TensorNaming(.secondTextEncoder, name, form)
  }
}

extension String {
  /// "a.b" and ".weight" of "a.b.weight".
  fileprivate var splitAtLastDot: (layer: String, parameter: String) {
    guard let dot = lastIndex(of: ".") else { return (self, "") }
    return (String(self[..<dot]), String(self[dot...]))
  }

  /// Where the first occurrence of a text ends.
  fileprivate func endOfFirst(_ text: String) -> Index? {
    indices.first { self[$0...].hasPrefix(text) }.map { index($0, offsetBy: text.count) }
  }
}
