// SPDX-License-Identifier: Apache-2.0
import Segment

/// The encoder that needs no weights.
struct BuiltInSource: EncoderSource {
  static let family = "the built-in encoder"
  static let flags: [Flag] = []
  static let modelNames = [model]
  /// The value of `--model`.
  static let model = "built-in"

  private let encoder: BuiltInEncoder

  init?(_ model: NamedModel, _ arguments: ParsedArguments, timestep: Int?) throws {
    guard model.name == Self.model else { return nil }
    try Self.checkOptions(arguments)
    let size = try Self.side(arguments, in: BuiltInEncoder.sizes)
    encoder = size.map { BuiltInEncoder(size: $0) } ?? BuiltInEncoder()
  }

  var name: String { encoder.name }
  var defaultTau: Double { encoder.defaultTau }
  var graph: GraphOptions { encoder.graph }
  var size: (height: Int, width: Int) { (encoder.size, encoder.size) }
  var settings: String { "\(encoder.name) \(encoder.size)" }
  var memory: (base: Int, perPixel: Int) { (35_000_000 + 40 * encoder.size * encoder.size, 20) }

  func open(observer: StageObserver) -> any FeatureEncoder { encoder }
}
