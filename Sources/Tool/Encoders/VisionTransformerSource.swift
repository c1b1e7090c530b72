// SPDX-License-Identifier: Apache-2.0
import Segment
import UNet

/// A vision transformer: a folder, a `.safetensors` file, or a name in the Hugging Face cache.
struct VisionTransformerSource: EncoderSource {
  static let family = "vision transformers"
  static let flags =
    CommandTable.location + [
      CommandTable.precision,
      Flag(
        "feature", value: "KIND", default: VisionTransformerEncoder.defaultFeature.rawValue,
        kind: .choices(of: TokenFeature.self),
        "take the keys, queries or values of a block's attention, or the tokens after the block"),
      Flag("layer", value: "N", default: "last", "take the features of block N, from 1"),
    ]

  private let checkpoint: VisionTransformerCheckpoint
  private let encodingSize: EncodingSize
  private let feature: TokenFeature
  /// From 1.
  private let layer: Int
  private let precision: Precision

  init?(_ model: NamedModel, _ arguments: ParsedArguments, timestep: Int?) throws {
    guard let checkpoint = try model.checkpoint() as? VisionTransformerCheckpoint else {
      return nil
    }
    try Self.checkOptions(arguments)
    self.checkpoint = checkpoint
    let configuration = checkpoint.configuration
    encodingSize = try EncodingSize(arguments) ?? VisionTransformerEncoder.defaultSize(configuration)
    feature = try arguments.choice("feature", of: TokenFeature.self) ?? VisionTransformerEncoder.defaultFeature
    layer =
      arguments.string("layer") == "last"
      ? configuration.depth : try arguments.integer("layer", in: 1...1_000_000) ?? configuration.depth
    precision = try arguments.choice("precision", of: Precision.self) ?? .single
    try VisionTransformerEncoder.check(encodingSize, layer: layer, of: configuration)
  }

  var name: String { checkpoint.configuration.publishedName }
  var defaultTau: Double { VisionTransformerEncoder.defaultTau(feature) }
  var graph: GraphOptions { VisionTransformerEncoder.defaultGraph(feature) }
  var size: (height: Int, width: Int) {
    let patch = checkpoint.configuration.patchSize
    return (nominalGrid.height * patch, nominalGrid.width * patch)
  }
  var attentionCells: Int? { nominalGrid.count }
  var openingTitle: String? { checkpoint.location.name }
  var settings: String { "\(encodingSize) \(feature) \(layer) \(precision) \(checkpoint.configuration)" }

  /// The grid of a square image.
  private var nominalGrid: Grid {
    VisionTransformerEncoder.nominalGrid(checkpoint.configuration, size: encodingSize)
  }

  func weightsHash() throws(ToolError) -> String? {
    try ToolError.reading(checkpoint.location.name) { try checkpoint.digest() }
  }

  /// Weights, and the tokens of a block: before and after its layers, queries, keys and values, and the hidden channels.
  var memory: (base: Int, perPixel: Int) {
    let (configuration, nodes) = (checkpoint.configuration, nominalGrid.count)
    let weights = checkpoint.summaries.reduce(0) { $0 + $1.byteCount }
    let channels = 8 * configuration.width + 3 * configuration.hiddenWidth
    return (weights + 60_000_000 + 4 * nodes * channels + 12 * nodes * nodes, 20)
  }

  func open(observer: StageObserver) throws -> any FeatureEncoder {
    observer.begin("vit.weights")
    return try ToolError.reading(checkpoint.location.name) {
      try VisionTransformerEncoder(
        checkpoint, size: encodingSize, feature: feature, layer: layer, precision: precision)
    }
  }
}

extension EncodingSize {
  /// Reads `--size`: the side of an area, or HEIGHTxWIDTH.
  ///
  /// - Throws: `ToolError` with exit code 2.
  fileprivate init?(_ arguments: ParsedArguments) throws(ToolError) {
    if arguments.string("size")?.contains("x") == true, let size = try arguments.size("size") {
      self = .exact(height: size.height, width: size.width)
    } else if let side = try arguments.integer("size", in: 1...8192) {
      self = .area(side)
    } else {
      return nil
    }
  }
}
