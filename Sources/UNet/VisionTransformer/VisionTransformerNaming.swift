// SPDX-License-Identifier: Apache-2.0

/// The names of a vision transformer's tensors in files of one layout.
///
/// Networks ask for the names of transformers' DINOv2. Tables translate those of the other layouts, in both directions.
struct VisionTransformerNaming: Sendable {
  enum Layout: Equatable, Sendable {
    /// transformers' DINOv2.
    case dinov2
    /// transformers' ViT.
    case vit
    /// timm, and the original releases of DINO and DINOv2.
    case timm
  }

  let layout: Layout
  /// The text before all names, such as "backbone.", with the dot.
  let prefix: String
  /// The layers of a block. Of several names in files for one layer, the one that the files have comes first.
  private let blockLayers: [Pair]

  /// A name in the files and the name in the network.
  private typealias Pair = (file: String, network: String)

  /// Creates the naming of a published layout.
  ///
  /// - Parameter isGated: whether the feed-forward layers are SwiGLU.
  init(_ layout: Layout, isGated: Bool) {
    self.layout = layout
    prefix = ""
    blockLayers =
      (isGated && layout == .dinov2 ? Self.gatedLayers : []) + Self.blockLayers(layout)
  }

  /// Recognizes the layout by the name of the patch embedding; nil for files without one.
  init?(names: some Collection<String>) {
    let isViT = names.contains { $0.hasSuffix(".layernorm_before.weight") }
    let markers: [(Layout, String)] = [
      (isViT ? .vit : .dinov2, "embeddings.patch_embeddings.projection.weight"), (.timm, "patch_embed.proj.weight"),
    ]
    for (layout, marker) in markers {
      let prefixes = names.filter { $0.hasSuffix(marker) }.map { $0.dropLast(marker.count) }
      guard let prefix = prefixes.filter({ $0.isEmpty || $0.hasSuffix(".") }).min(by: { $0.count < $1.count }) else {
        continue
      }
      self.layout = layout
      self.prefix = String(prefix)
      let layers = Self.blockLayers(layout)
      let isPresent = layers.map { layer in names.contains { $0.hasSuffix(".0.\(layer.file).weight") } }
      blockLayers = layers.indices.filter { isPresent[$0] }.map { layers[$0] } + layers
      return
    }
    return nil
  }

  /// Returns the names in the network for a name in the files; none for a tensor that features do not depend on.
  func callAsFunction(_ name: String) -> [TensorNaming] {
    guard name.hasPrefix(prefix) else { return [] }
    let own = String(name.dropFirst(prefix.count))
    if let (block, inner) = blockTensor(own) {
      guard let (layer, parameter) = split(inner) else { return [] }
      if layer == "attn.qkv" && layout == .timm {
        return ["query", "key", "value"].enumerated().map { part, projection in
          tensor("encoder.layer.\(block).attention.attention.\(projection)\(parameter)", .third(part))
        }
      }
      return blockLayers.first { $0.file == layer }.map { [tensor("encoder.layer.\(block).\($0.network)\(parameter)")] }
        ?? []
    }
    return outerTensors.first { $0.file == own }.map { [tensor($0.network)] } ?? []
  }

  /// Returns the name that a tensor has in files of this layout: the reverse of `callAsFunction`.
  func fileName(_ name: String) -> String {
    if let outer = outerTensors.first(where: { $0.network == name }) { return prefix + outer.file }
    let scope = "encoder.layer."
    guard name.hasPrefix(scope), let (block, inner) = Self.number(name.dropFirst(scope.count)),
      let (layer, parameter) = split(inner)
    else { return prefix + name }
    let isThird = layout == .timm && layer.hasPrefix("attention.attention.")
    let file = isThird ? "attn.qkv" : blockLayers.first { $0.network == layer }?.file ?? layer
    return "\(prefix)\(blockScope)\(block).\(file)\(parameter)"
  }

  /// Returns the first tensor of a block that no table lists, or a normalization before the blocks: it would change the
  /// computation.
  func unknownTensor(in names: some Collection<String>) -> String? {
    names.filter { name in
      guard name.hasPrefix(prefix) else { return false }
      let own = String(name.dropFirst(prefix.count))
      return own == "norm_pre.weight" || blockTensor(own) != nil && self(name).isEmpty
    }.min()
  }

  private func tensor(_ name: String, _ form: StoredForm = .whole) -> TensorNaming {
    TensorNaming(.visionTransformer, name, form)
  }

  private var blockScope: String { layout == .timm ? "blocks." : "encoder.layer." }

  /// The block's number and the rest of a name within a block. The original DINOv2 numbers groups of blocks before blocks, whose
  /// numbers count through all groups.
  private func blockTensor(_ name: String) -> (block: Int, inner: String)? {
    guard name.hasPrefix(blockScope), let outer = Self.number(name.dropFirst(blockScope.count)) else { return nil }
    return layout == .timm ? Self.number(Substring(outer.inner)) ?? outer : outer
  }

  private static func number(_ text: Substring) -> (block: Int, inner: String)? {
    guard let dot = text.firstIndex(of: "."), let block = Int(text[..<dot]), block >= 0 else { return nil }
    return (block, String(text[text.index(after: dot)...]))
  }

  /// The layer and the parameter of a name, ".weight" or ".bias"; a scale is a layer without a parameter.
  private func split(_ inner: String) -> (layer: String, parameter: String)? {
    for parameter in [".weight", ".bias"] where inner.hasSuffix(parameter) {
      return (String(inner.dropLast(parameter.count)), parameter)
    }
    return (inner, "")
  }

  private static func blockLayers(_ layout: Layout) -> [Pair] {
    switch layout {
    case .dinov2: branchLayers + transformersLayers + gatedLayers
    case .vit: vitBranchLayers + transformersLayers
    case .timm: branchLayers + timmLayers
    }
  }

  private var outerTensors: [Pair] {
    layout == .timm ? Self.timmOuterTensors : Self.timmOuterTensors.map { ($0.network, $0.network) }
  }

  private static let branchLayers: [Pair] = ["norm1", "norm2", "mlp.fc1", "mlp.fc2"].map { ($0, $0) }

  private static let vitBranchLayers: [Pair] = [
    ("layernorm_before", "norm1"), ("layernorm_after", "norm2"), ("intermediate.dense", "mlp.fc1"),
    ("output.dense", "mlp.fc2"),
  ]

  private static let transformersLayers: [Pair] =
    [
      "attention.attention.query", "attention.attention.key", "attention.attention.value", "attention.output.dense",
      "layer_scale1.lambda1", "layer_scale2.lambda1",
    ].map { ($0, $0) }

  private static let gatedLayers: [Pair] = [("mlp.weights_in", "mlp.fc1"), ("mlp.weights_out", "mlp.fc2")]

  private static let timmLayers: [Pair] = [
    ("attn.proj", "attention.output.dense"), ("ls1.gamma", "layer_scale1.lambda1"),
    ("ls2.gamma", "layer_scale2.lambda1"), ("mlp.w12", "mlp.fc1"), ("mlp.w3", "mlp.fc2"),
  ]

  private static let timmOuterTensors: [Pair] = [
    ("cls_token", "embeddings.cls_token"), ("pos_embed", "embeddings.position_embeddings"),
    ("reg_token", "embeddings.register_tokens"), ("register_tokens", "embeddings.register_tokens"),
    ("patch_embed.proj.weight", "embeddings.patch_embeddings.projection.weight"),
    ("patch_embed.proj.bias", "embeddings.patch_embeddings.projection.bias"), ("norm.weight", "layernorm.weight"),
    ("norm.bias", "layernorm.bias"),
  ]
}
