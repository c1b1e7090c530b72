// SPDX-License-Identifier: Apache-2.0
import Tensor

/// What the names and shapes of a UNet's weights show.
struct UNetStructure {
  /// Up to the last one with attention; head counts are not known yet.
  var blocks: [UNetConfiguration.DownBlock] = []
  let hasAddedConditioning: Bool
  let usesLinearProjection: Bool

  /// Blocks, and residual blocks in one; published models have 4 and 2. All names are gone through for each of them.
  private static let maximumCount = 32

  init(_ store: WeightStore) throws(CheckpointError) {
    hasAddedConditioning = store.shape("add_embedding.linear_1.weight") != nil
    let indices = store.indices(after: "down_blocks.")
    try Self.check(indices.count, "down blocks", store)
    let attended = indices.filter { !store.indices(after: "down_blocks.\($0).attentions.").isEmpty }
    guard let last = attended.max() else {
      throw .missingTensor("down_blocks.0.attentions.0.proj_in.weight", path: store.path, expected: nil)
    }
    usesLinearProjection = store.shape("down_blocks.\(last).attentions.0.proj_in.weight")?.count == 2
    for index in 0...last {
      let name = "down_blocks.\(index)"
      let shape = try store.extents("\(name).resnets.0.conv1.weight", rank: 4)
      let attentions = try store.count(after: "\(name).attentions.")
      let resnets = try store.count(after: "\(name).resnets.")
      try Self.check(resnets, "resnets in \(name)", store)
      guard attentions == 0 || attentions == resnets else {
        throw .unsupportedStructure(
          path: store.path, found: "\(attentions) transformers in \(name)",
          expected: "\(resnets), one for each resnet")
      }
      let depths = try (0..<attentions).map { attention throws(CheckpointError) in
        let prefix = "\(name).attentions.\(attention).transformer_blocks."
        let depth = try store.count(after: prefix)
        guard depth > 0 else {
          throw .missingTensor("\(prefix)0.norm1.weight", path: store.path, expected: [shape[0]])
        }
        return depth
      }
      blocks.append(.init(width: shape[0], resnetCount: resnets, transformerDepths: depths, headCount: 1))
    }
  }

  private static func check(_ count: Int, _ what: String, _ store: WeightStore) throws(CheckpointError) {
    guard count > maximumCount else { return }
    throw .unsupportedStructure(path: store.path, found: "\(count) \(what)", expected: "at most \(maximumCount)")
  }
}

extension UNetConfiguration {
  /// Settings with another value than these mean another computation. An absent entry has the first value.
  private static let fixedSettings: [(key: String, values: [JSON])] = [
    ("act_fn", [.string("silu"), .string("swish")]), ("center_input_sample", [.bool(false)]),
    ("flip_sin_to_cos", [.bool(true)]), ("freq_shift", [.integer(0)]), ("downsample_padding", [.integer(1)]),
    ("time_embedding_type", [.string("positional")]), ("resnet_time_scale_shift", [.string("default")]),
    ("resnet_skip_time_act", [.bool(false)]), ("resnet_out_scale_factor", [.integer(1)]),
    ("class_embed_type", []), ("encoder_hid_dim", []), ("addition_embed_type", [.string("text_time")]),
    ("attention_type", [.string("default")]), ("dual_cross_attention", [.bool(false)]),
    ("only_cross_attention", [.bool(false)]), ("conv_in_kernel", [.integer(3)]),
    ("cross_attention_norm", []), ("time_embedding_act_fn", []), ("timestep_post_act", []),
  ]

  static func derive(
    _ structure: UNetStructure, store: WeightStore, file: ConfigurationFile?, family: ModelFamily?, pooledWidth: Int?
  ) throws(CheckpointError) -> UNetConfiguration {
    try file?.requires(fixedSettings)
    let input = try store.extents("conv_in.weight", rank: 4)
    let time = try store.extents("time_embedding.linear_1.weight", rank: 2)
    let context = try contextWidth(structure, store)
    var result = UNetConfiguration(
      inputChannels: input[1], blocks: structure.blocks, timeSinusoidWidth: time[1], timeEmbeddingWidth: time[0],
      contextWidth: context, addedConditioning: nil, usesLinearProjection: structure.usesLinearProjection)
    if structure.hasAddedConditioning {
      result.addedConditioning = try addedConditioning(store, file, pooledWidth: pooledWidth)
    }
    result.groupCount = try file?.count("norm_num_groups") ?? result.groupCount
    result.resnetEpsilon = try file?.positive("norm_eps") ?? result.resnetEpsilon
    for index in result.blocks.indices {
      let block = result.blocks[index]
      try store.requireDivisible(block.width, by: result.groupCount, "groups of a normalization")
      if block.transformerDepths.isEmpty { continue }
      let heads = try headCount(file, family, block: index, width: block.width)
      guard let heads else {
        throw .needsConfiguration(path: store.path, reason: "its attention width is \(block.width)")
      }
      try store.requireDivisible(block.width, by: heads, "heads")
      result.blocks[index].headCount = heads
    }
    guard result.timeSinusoidWidth % 2 == 0 else {
      throw .unsupportedStructure(
        path: store.path, found: "a time embedding of width \(time[1])", expected: "an even width")
    }
    if let file { try result.compare(with: file) }
    return result
  }

  /// `attention_head_dim` is the number of heads, a misnomer kept for old files; a newer entry takes precedence.
  /// 8 is the default of diffusers.
  private static func headCount(
    _ file: ConfigurationFile?, _ family: ModelFamily?, block: Int, width: Int
  ) throws(CheckpointError) -> Int? {
    guard let file else { return family?.unetHeads.headCount(width: width) }
    if let count = try file.count("num_attention_heads", block: block) { return count }
    return try file.count("attention_head_dim", block: block) ?? 8
  }

  private static func contextWidth(_ structure: UNetStructure, _ store: WeightStore) throws(CheckpointError) -> Int {
    for (index, block) in structure.blocks.enumerated() where !block.transformerDepths.isEmpty {
      let name = "down_blocks.\(index).attentions.0.transformer_blocks.0.attn2.to_k.weight"
      return try store.extents(name, rank: 2)[1]
    }
    return 0
  }

  private static func addedConditioning(
    _ store: WeightStore, _ file: ConfigurationFile?, pooledWidth: Int?
  ) throws(CheckpointError) -> AddedConditioning {
    let name = "add_embedding.linear_1.weight"
    let input = try store.extents(name, rank: 2)[1]
    let pooled = pooledWidth ?? 0
    let sinusoid = (input - pooled) / AddedConditioning.sinusoidCount
    let result = AddedConditioning(pooledWidth: pooled, sinusoidWidth: sinusoid)
    guard sinusoid > 0, sinusoid % 2 == 0, result.inputWidth == input else {
      throw .unsupportedStructure(
        path: store.path, found: "added conditioning of width \(input)",
        expected: "\(pooled) for the pooled text embedding plus six sinusoids of even width, as in SDXL")
    }
    try file?.agrees("addition_time_embed_dim", file?.count("addition_time_embed_dim"), with: sinusoid)
    try file?.agrees(
      "projection_class_embeddings_input_dim", file?.count("projection_class_embeddings_input_dim"), with: input)
    return result
  }

  /// Compares with what the file says of the weights. Blocks without attention may have any dummy as their depth.
  private func compare(with file: ConfigurationFile) throws(CheckpointError) {
    try file.agrees("in_channels", file.count("in_channels"), with: inputChannels)
    for (index, block) in blocks.enumerated() {
      let width = try file.count("block_out_channels", block: index)
      try file.agrees("block_out_channels[\(index)]", width, with: block.width)
      let layers = try file.count("layers_per_block", block: index)
      try file.agrees("layers_per_block[\(index)]", layers, with: block.resnetCount)
      if block.transformerDepths.isEmpty { continue }
      try file.agrees("cross_attention_dim", file.count("cross_attention_dim", block: index), with: contextWidth)
      let depths = try file.counts("transformer_layers_per_block", block: index, layers: block.resnetCount)
      // A list may be longer than there are transformers: diffusers takes the first ones.
      let used = depths.map { Array($0.prefix(block.resnetCount)) }
      try file.agrees("transformer_layers_per_block[\(index)]", used, with: block.transformerDepths)
    }
    guard let types = file["down_block_types"]?.array else { return }
    let attended = types.indices.filter { types[$0].string?.contains("CrossAttn") == true }
    let found = blocks.indices.filter { !blocks[$0].transformerDepths.isEmpty }
    try file.agrees("down_block_types with attention", attended, with: found)
  }
}

extension WeightStore {
  /// The largest width or number of tokens that networks are built for: products of their extents do not overflow. A file may
  /// claim more than it takes on the disk.
  private static let maximumExtent = 1 << 25

  /// The shape of a tensor that must be there, of the given rank.
  func extents(_ name: String, rank: Int) throws(CheckpointError) -> [Int] {
    guard let found = shape(name) else { throw .missingTensor(fileName(name), path: path, expected: nil) }
    guard found.count == rank, found.allSatisfy({ $0 > 0 }) else {
      throw .unsupportedStructure(
        path: path, found: "tensor '\(name)' of shape \(found)", expected: "\(rank) sizes above 0")
    }
    guard found.allSatisfy({ $0 <= Self.maximumExtent }) else {
      throw .unsupportedStructure(
        path: path, found: "tensor '\(name)' of shape \(found)", expected: "sizes of at most \(Self.maximumExtent)")
    }
    return found
  }

  func requireDivisible(_ width: Int, by count: Int, _ what: String) throws(CheckpointError) {
    if width % count == 0 { return }
    throw .unsupportedStructure(
      path: path, found: "a width of \(width)", expected: "a multiple of \(count), the number of \(what)")
  }
}
