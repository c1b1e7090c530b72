// SPDX-License-Identifier: Apache-2.0
import Segment
import UNet

/// A latent diffusion model: a folder, a `.safetensors` file, or a name in the Hugging Face cache.
struct DiffusionSource: EncoderSource {
  static let family = "diffusion models"
  static let flags =
    CommandTable.location + [
      CommandTable.level,
      CommandTable.precision,
      Flag("timestep", value: "T", default: "50", "add the noise of timestep T (0 to 999) to the latent"),
      Flag("seed", value: "N", default: "42", "set the seed of the noise").only(.without("noise", "none")),
      Flag(
        "noise", value: "KIND", default: "cuda", kind: .choices(of: Noise.self),
        "draw the noise in torch's order on a GPU (cuda), or add no noise (none)"),
      Flag(
        "resident-threads", value: "N", default: "one an element",
        "reproduce torch's noise on a GPU with N resident threads, such as 40960 for a T4"
      ).only(.without("noise", "none")),
    ]

  /// The values of `--noise`.
  enum Noise: String, CaseIterable {
    /// The order in which torch draws noise on a CUDA device.
    case cuda
    case none
  }

  /// The settings of the features.
  struct Settings: Sendable {
    let size: Int
    let level: FeatureLevel
    var noise: NoiseOptions
    let precision: Precision
  }

  private let checkpoint: DiffusionCheckpoint
  private var options: Settings

  init?(_ model: NamedModel, _ arguments: ParsedArguments, timestep: Int?) throws {
    guard let checkpoint = try model.checkpoint() as? DiffusionCheckpoint else { return nil }
    self.checkpoint = checkpoint
    try Self.checkOptions(arguments)
    var noise = NoiseOptions()
    if let timestep = try timestep ?? arguments.integer("timestep", in: 0...1_000_000) { noise.timestep = timestep }
    if let seed = try arguments.integer("seed", in: 0...Int.max) { noise.seed = UInt64(seed) }
    noise.residentThreads = try arguments.integer("resident-threads", in: 1...Int(UInt32.max))
    noise.isNoisy = try arguments.choice("noise", of: Noise.self) != Noise.none
    options = Settings(
      size: try Self.side(arguments, in: 1...8192) ?? EncoderFamilies.publishedSize,
      level: try arguments.choice("level", of: FeatureLevel.self) ?? .coarse, noise: noise,
      precision: try arguments.choice("precision", of: Precision.self) ?? .single)
  }

  var name: String { DiffusionEncoder.name(checkpoint.configuration) }
  var defaultTau: Double { DiffusionEncoder.defaultTau(checkpoint.configuration) }
  var graph: GraphOptions { GraphOptions() }
  var size: (height: Int, width: Int) { (options.size, options.size) }
  /// The encoder's own.
  var labelSize: Int { options.size }
  var attentionCells: Int? {
    DiffusionEncoder.cells(checkpoint.configuration, size: options.size, level: options.level)
  }
  var timestep: Int? { options.noise.timestep }
  var openingTitle: String? { checkpoint.location.name }
  var settings: String { "\(options) \(checkpoint.configuration)" }

  func at(timestep: Int) -> DiffusionSource {
    var other = self
    other.options.noise.timestep = timestep
    return other
  }

  func check(timestep: Int) throws(EncoderError) {
    try DiffusionEncoder.check(timestep: timestep, of: checkpoint.configuration)
  }

  func weightsHash() throws(ToolError) -> String? {
    try ToolError.reading(checkpoint.location.name) { try checkpoint.digest() }
  }

  /// Weights, buffers, and two feature maps of the VAE's first width in single precision. Text encoders come before, a layer at
  /// a time, and give their pages back. The network takes each image as numbers too.
  var memory: (base: Int, perPixel: Int) {
    let parts = checkpoint.summaries
    func bytes(_ component: ModelComponent) -> Int { parts.first { $0.component == component }?.byteCount ?? 0 }
    let width = checkpoint.configuration.vae.widths.first ?? 128
    return (bytes(.unet) + bytes(.vae) + 330_000_000 + options.size * options.size * 1000 * width / 128, 32)
  }

  func open(observer: StageObserver) throws -> any FeatureEncoder {
    try ToolError.reading(checkpoint.location.name) {
      try DiffusionEncoder(
        checkpoint, size: options.size, level: options.level, noise: options.noise, precision: options.precision,
        observer: observer)
    }
  }
}
