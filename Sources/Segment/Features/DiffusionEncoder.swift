// SPDX-License-Identifier: Apache-2.0
import Tensor
import UNet

/// The encoder of DiffCut: features of a latent diffusion model's last self-attention on its way down (§3.1).
public struct DiffusionEncoder: FeatureEncoder {
  private let model: DiffusionModel
  /// The image is stretched to size × size pixels.
  public let size: Int
  public let level: FeatureLevel
  public let noise: NoiseOptions
  public let precision: Precision

  /// Opens a model and encodes the empty prompt.
  ///
  /// - Parameters:
  ///   - model: a folder, a `.safetensors` file, or `org/name` in the Hugging Face cache; nothing is downloaded.
  ///   - revision: branch, tag or commit in the cache.
  ///   - cacheDirectory: the cache, in place of the one the environment gives.
  ///   - configuration: a folder of config.json files, for a single file of no known family.
  ///   - size: the image is stretched to size × size pixels.
  ///   - level: where in the UNet features are taken.
  ///   - noise: how the latent is disturbed.
  ///   - precision: of the network's products.
  ///   - willBegin: told the name of each text encoder before it is run.
  /// - Throws: `CheckpointError` naming file and tensor; `EncoderError` for a size or timestep that cannot be;
  ///   `DiffusionError` for a level that the model does not have.
  public init(
    model: String, revision: String? = nil, cacheDirectory: String? = nil, configuration: String? = nil,
    size: Int = 1024, level: FeatureLevel = .coarse, noise: NoiseOptions = NoiseOptions(),
    precision: Precision = .single, willBegin: @escaping (_ stage: String) -> Void = { _ in }
  ) throws {
    let location = try CheckpointLocation.resolve(model, revision: revision, cacheDirectory: cacheDirectory)
    let checkpoint = try Checkpoint(opening: location, configurationFolder: configuration)
    try self.init(checkpoint, size: size, level: level, noise: noise, precision: precision, willBegin: willBegin)
  }

  /// The same for a checkpoint that is open.
  package init(
    _ checkpoint: Checkpoint, size: Int, level: FeatureLevel, noise: NoiseOptions, precision: Precision = .single,
    willBegin: @escaping (_ stage: String) -> Void = { _ in }
  ) throws {
    let step = try checkpoint.configuration.ending(at: level).pixelsPerFeature
    guard size >= 2 * step, size % step == 0 else { throw EncoderError.badSize(size, multipleOf: step) }
    let opened = try DiffusionModel(
      checkpoint, level: level, precision: precision, observer: StageObserver(willBegin: willBegin))
    self.model = opened
    self.size = size
    self.level = level
    self.noise = noise
    self.precision = precision
    try check(timestep: noise.timestep)
  }

  /// - Throws: `EncoderError.badTimestep` for one that the model does not have.
  package func check(timestep: Int) throws(EncoderError) {
    guard model.timesteps.contains(timestep) else {
      throw .badTimestep(timestep, count: model.timesteps.count)
    }
  }

  public var name: String { Self.name(model.checkpoint.configuration) }
  public var defaultTau: Double { Self.defaultTau(model.checkpoint.configuration) }
  public var defaultAlpha: Double { Self.defaultAlpha }

  package static func name(_ configuration: ModelConfiguration) -> String {
    configuration.publishedName ?? "diffusion"
  }
  /// 0.5 is the paper's for SSD-1B. For Stable Diffusion 1.x its author gives 0.2 (DiffCut issue 5).
  package static func defaultTau(_ configuration: ModelConfiguration) -> Double {
    configuration.unet.addedConditioning == nil ? 0.2 : 0.5
  }
  package static let defaultAlpha = 10.0

  /// Nodes of an image, and cells of its attention.
  package static func cells(_ configuration: ModelConfiguration, size: Int, level: FeatureLevel) -> Int {
    let side = size / configuration.pixelsPerFeature(of: level)
    return side * side
  }
  public var similarityFloor: Double { 0 }

  /// VAE and UNet up to the level's last attention.
  public var stages: [StageWork] { model.configuration.work(size: size) }

  /// - Throws: `CheckpointError` for weights that are missing or wrong; `DiffusionError`.
  public func encode(_ image: Image) throws -> EncodedImage { try encode(image, willBegin: { _ in }) }

  public func encode(_ image: Image, willBegin: @escaping (_ stage: String) -> Void) throws -> EncodedImage {
    try encode(image, withAttention: false, willBegin: willBegin)
  }

  public var hasAttention: Bool { true }

  /// The same, with the mean over the heads of the weights of each attention that the level takes, the coarse one's first.
  public func encodeWithAttention(
    _ image: Image, willBegin: @escaping (_ stage: String) -> Void
  ) throws -> EncodedImage {
    try encode(image, withAttention: true, willBegin: willBegin)
  }

  private func encode(
    _ image: Image, withAttention: Bool, willBegin: @escaping (_ stage: String) -> Void
  ) throws -> EncodedImage {
    let cells = Self.cells(model.checkpoint.configuration, size: size, level: level)
    guard !withAttention || cells <= AttentionMap.maximumCells else {
      throw AttentionError.tooManyCells(cells, limit: AttentionMap.maximumCells)
    }
    let observer = StageObserver(willBegin: willBegin)
    willBegin("image")
    let hooked = try model.attentions(
      to: image.tensor, size: size, noise: noise, withWeights: withAttention, observer: observer)
    willBegin("features")
    let maps = try level.selected(hooked).compactMap { hook in
      try hook.weights.map { weights in
        try AttentionMap(
          grid: Grid(height: hook.features.shape[0], width: hook.features.shape[1]), values: weights.doubles)
      }
    }
    return EncodedImage(nodes: try FeatureMap(level.joined(hooked.map(\.features))), attention: maps)
  }

  /// The same image at several timesteps, in place of `noise.timestep`. The VAE runs once: its code of the image does not
  /// depend on them.
  ///
  /// - Parameters:
  ///   - image: of any size.
  ///   - timesteps: indices of the schedule's steps.
  ///   - willBegin: told a stage's name before it is computed.
  ///   - use: given each timestep, in order, with its features.
  /// - Throws: `EncoderError.badTimestep` before anything is computed; as `encode` does; what `use` throws.
  public func encode(
    _ image: Image, timesteps: [Int], willBegin: @escaping (_ stage: String) -> Void = { _ in },
    use: (_ timestep: Int, EncodedImage) throws -> Void
  ) throws {
    for timestep in timesteps { try check(timestep: timestep) }
    let observer = StageObserver(willBegin: willBegin)
    let latent = try model.latent(of: image.tensor, size: size, observer: observer)
    for timestep in timesteps {
      var noise = noise
      noise.timestep = timestep
      let hooked = try model.attentions(toLatent: latent, size: size, noise: noise, observer: observer)
      willBegin("features")
      try use(timestep, EncodedImage(nodes: FeatureMap(level.joined(hooked.map(\.features)))))
    }
  }
}

/// Settings that a model does not take.
public enum EncoderError: Error, Equatable, Sendable, CustomStringConvertible {
  case badSize(Int, multipleOf: Int)
  case badTimestep(Int, count: Int)

  public var description: String {
    switch self {
    case .badSize(let size, let step):
      "size \(size), expected a multiple of \(step), at least \(2 * step)"
    case .badTimestep(let timestep, let count): "timestep \(timestep), expected 0 to \(count - 1)"
    }
  }
}

extension Image {
  /// [height, width, 3] in 0 ... 1.
  package var tensor: Tensor {
    Tensor([height, width, 3]) { values in
      for index in pixels.indices { values[index] = Float(pixels[index]) / 255 }
    }
  }
}

extension FeatureMap {
  /// Features as a network leaves them, [height, width, channels].
  package init(_ features: Tensor) throws(FeatureError) {
    let grid = Grid(height: features.shape[0], width: features.shape[1])
    try self.init(grid: grid, channels: features.shape[2], values: features.doubles)
  }
}

extension Tensor {
  fileprivate var doubles: ContiguousArray<Double> {
    withSpan { span in ContiguousArray((0..<span.count).map { Double(span[$0]) }) }
  }
}
