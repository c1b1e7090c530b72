// SPDX-License-Identifier: Apache-2.0
import Tensor

extension VisionTransformerConfiguration {
  /// Reads extents off the tensors, and the rest from the configuration files.
  ///
  /// Without config.json, timm's layout takes the settings that all published models of these families share.
  ///
  /// - Parameters:
  ///   - file: config.json of transformers or timm; nil without the file.
  ///   - preprocessor: preprocessor_config.json; nil without the file.
  static func derive(
    from store: WeightStore, layout: VisionTransformerNaming.Layout, file: ConfigurationFile?,
    preprocessor: ConfigurationFile?
  ) throws(CheckpointError) -> VisionTransformerConfiguration {
    let patches = try store.extents("embeddings.patch_embeddings.projection.weight", rank: 4)
    guard patches[1] == 3, patches[2] == patches[3] else {
      throw .unsupportedStructure(
        path: store.path, found: "patches of \(patches[1]) channels and \(patches[2])x\(patches[3]) pixels",
        expected: "3 channels and a square")
    }
    guard patches[2] <= maximumPatchSize else {
      throw .unsupportedStructure(
        path: store.path, found: "patches of \(patches[2])x\(patches[2]) pixels",
        expected: "at most \(maximumPatchSize)")
    }
    let width = patches[0]
    let positions = try store.extents("embeddings.position_embeddings", rank: 3)[1]
    guard let table = PositionTable(count: positions) else {
      throw .unsupportedStructure(
        path: store.path, found: "a position table of \(positions) entries", expected: "a square grid")
    }
    let registers = try store.shape("embeddings.register_tokens").map { _ throws(CheckpointError) in
      try store.extents("embeddings.register_tokens", rank: 3)[1]
    }
    let family = try family(
      file, path: store.path, hasLayerScale: store.shape("encoder.layer.0.layer_scale1.lambda1") != nil,
      hasRegisters: registers != nil)
    let hidden = try store.extents("encoder.layer.0.mlp.fc2.weight", rank: 2)[1]
    let expanded = try store.extents("encoder.layer.0.mlp.fc1.weight", rank: 2)[0]
    var result = VisionTransformerConfiguration(
      family: family, width: width, depth: try store.count(after: "encoder.layer."), headCount: 1, hiddenWidth: hidden,
      isGated: expanded == 2 * hidden, patchSize: patches[2], registerCount: registers ?? 0, positionSide: table.side,
      hasClassPosition: table.hasClassEntry, antialiasesPositions: layout == .timm || family.antialiasesPositions,
      hasAttentionBias: store.shape("encoder.layer.0.attention.attention.query.bias") != nil,
      epsilon: layout == .timm ? family.epsilon.timm : family.epsilon.transformers, mean: imageNetMean,
      deviation: imageNetDeviation)
    if let file {
      try result.read(file)
    } else if layout != .timm {
      throw .needsConfiguration(path: store.path, reason: "a vision transformer in the layout of transformers")
    }
    result.headCount = try headCount(file, width: width, path: store.path)
    if let preprocessor {
      try result.readNormalization(preprocessor)
    } else if let settings = try file.flatMap({ file throws(CheckpointError) in try file.object("pretrained_cfg") }) {
      try result.readNormalization(settings)
    }
    return result
  }

  private static let maximumPatchSize = 64

  /// The family that config.json states; without one, the family that the tensors show.
  private static func family(
    _ file: ConfigurationFile?, path: String, hasLayerScale: Bool, hasRegisters: Bool
  ) throws(CheckpointError) -> VisionTransformerFamily {
    let shown = VisionTransformerFamily.all.first {
      $0.hasLayerScale == hasLayerScale && $0.hasRegisters == hasRegisters
    }
    guard let shown else {
      throw .unsupportedStructure(
        path: path, found: "register tokens without layer scales", expected: "both, or no register tokens")
    }
    guard let file, let type = try file.text("model_type") else { return shown }
    guard type == shown.modelType else {
      throw .configurationMismatch(
        path: file.path, key: "model_type", found: jsonString(type), weights: shown.modelType)
    }
    return shown
  }

  /// Checks the settings of config.json, and takes those that tensors do not show.
  private mutating func read(_ file: ConfigurationFile) throws(CheckpointError) {
    guard file["model_type"] != nil else { return }  // timm states only the name of an architecture
    try file.requires([("hidden_act", [.string("gelu")]), ("num_channels", [.integer(3)])])
    try file.agrees("hidden_size", file.count("hidden_size"), with: width)
    try file.agrees("num_hidden_layers", file.count("num_hidden_layers"), with: depth)
    try file.agrees("patch_size", file.count("patch_size"), with: patchSize)
    epsilon = try file.positive("layer_norm_eps") ?? epsilon
    if case .bool(let antialiases) = file["interpolate_antialias"] { antialiasesPositions = antialiases }
  }

  /// The heads that config.json states, for timm in `model_args`; without it, heads of the published width.
  private static func headCount(
    _ file: ConfigurationFile?, width: Int, path: String
  ) throws(CheckpointError) -> Int {
    var count = max(1, width / publishedHeadWidth)
    if let file {
      if let arguments = try file.object("model_args") { count = try arguments.count("num_heads") ?? count }
      count = try file.count("num_attention_heads") ?? count
    }
    guard count <= width, width % count == 0 else {
      throw .unsupportedStructure(path: path, found: "\(count) heads for a width of \(width)", expected: "a divisor")
    }
    return count
  }

  /// Takes the mean and the deviation of the training pixels, as transformers or timm state them.
  private mutating func readNormalization(_ file: ConfigurationFile) throws(CheckpointError) {
    if file["do_normalize"] == .bool(false) {
      (mean, deviation) = ([0, 0, 0], [1, 1, 1])
      return
    }
    for key in ["image_mean", "mean"] { mean = try file.channels(key, least: 0) ?? mean }
    for key in ["image_std", "std"] { deviation = try file.channels(key, least: .leastNormalMagnitude) ?? deviation }
  }
}

/// The extent of a position table.
private struct PositionTable {
  let side: Int
  let hasClassEntry: Bool

  /// Nil for a number of entries that is neither a square nor one more than a square.
  init?(count: Int) {
    func root(_ count: Int) -> Int? {
      let side = Int(Double(count).squareRoot().rounded())
      return side > 0 && side * side == count ? side : nil
    }
    if let side = root(count) {
      (self.side, hasClassEntry) = (side, false)
    } else if let side = root(count - 1) {
      (self.side, hasClassEntry) = (side, true)
    } else {
      return nil
    }
  }
}

extension ConfigurationFile {
  /// A list of one number for each of three channels.
  fileprivate func channels(_ key: String, least: Float) throws(CheckpointError) -> [Float]? {
    guard let value = self[key] else { return nil }
    var numbers: [Float] = []
    if case .array(let elements) = value { numbers = elements.compactMap { $0.double.map(Float.init) } }
    guard numbers.count == 3, numbers.allSatisfy({ $0 >= least && $0.isFinite }) else {
      throw mistyped(key, "a list of three numbers")
    }
    return numbers
  }
}
