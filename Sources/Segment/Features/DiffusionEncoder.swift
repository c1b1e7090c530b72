// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Tensor
import UNet

/// The encoder of DiffCut: features of a latent diffusion model's last self-attention on its way down (§3.1).
public struct DiffusionEncoder: FeatureEncoder {
  private let model: DiffusionModel
  /// The latent of the last image that was requested at a certain timestep.
  private let lastLatent = LastLatent()
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
  ///   - observer: each text encoder is a stage.
  /// - Throws: `CheckpointError` naming file and tensor; `EncoderError` for a size or timestep that cannot be;
  ///   `DiffusionError` for a level that the model does not have.
  public init(
    model: String, revision: String? = nil, cacheDirectory: String? = nil, configuration: String? = nil,
    size: Int = 1024, level: FeatureLevel = .coarse, noise: NoiseOptions = NoiseOptions(),
    precision: Precision = .single, observer: StageObserver = StageObserver()
  ) throws {
    let location = try CheckpointLocation.resolve(model, revision: revision, cacheDirectory: cacheDirectory)
    let checkpoint = try DiffusionCheckpoint(opening: location, configurationFolder: configuration)
    try self.init(checkpoint, size: size, level: level, noise: noise, precision: precision, observer: observer)
  }

  /// Opens a checkpoint and encodes the empty prompt.
  package init(
    _ checkpoint: DiffusionCheckpoint, size: Int, level: FeatureLevel, noise: NoiseOptions,
    precision: Precision = .single,
    observer: StageObserver = StageObserver()
  ) throws {
    let step = try checkpoint.configuration.ending(at: level).pixelsPerFeature
    guard size >= 2 * step, size % step == 0 else { throw EncoderError.badSize(size, multipleOf: step) }
    model = try DiffusionModel(checkpoint, level: level, precision: precision, observer: observer)
    self.size = size
    self.level = level
    self.noise = noise
    self.precision = precision
    stages = model.configuration.work(size: size)
    try Self.check(timestep: noise.timestep, of: checkpoint.configuration)
  }

  /// Checks that a model has a timestep.
  ///
  /// - Throws: `EncoderError.badTimestep`.
  package static func check(timestep: Int, of configuration: ModelConfiguration) throws(EncoderError) {
    let count = configuration.schedule.count
    guard (0..<count).contains(timestep) else { throw .badTimestep(timestep, count: count) }
  }

  public var name: String { Self.name(model.checkpoint.configuration) }
  public var defaultTau: Double { Self.defaultTau(model.checkpoint.configuration) }

  package static func name(_ configuration: ModelConfiguration) -> String {
    configuration.publishedName ?? "diffusion"
  }
  /// 0.5 is the paper's for SSD-1B. For Stable Diffusion 1.x its author gives 0.2 (DiffCut issue 5).
  package static func defaultTau(_ configuration: ModelConfiguration) -> Double {
    configuration.unet.addedConditioning == nil ? 0.2 : 0.5
  }

  /// The number of nodes of an image, and of cells of its attention.
  package static func cells(_ configuration: ModelConfiguration, size: Int, level: FeatureLevel) -> Int {
    let side = size / configuration.pixelsPerFeature(of: level)
    return side * side
  }

  /// VAE and UNet up to the level's last attention.
  public let stages: [StageWork]

  /// Returns the features of an image, with the mean over the heads of the weights of each attention that the level reads if
  /// they are requested, the coarse one's first.
  ///
  /// - Throws: `CheckpointError` for weights that are missing or wrong; `DiffusionError`; `EncoderError.badTimestep` and
  ///   `AttentionError.tooManyCells` before anything is computed.
  public func encode(_ image: Image, _ request: EncodingRequest, observer: StageObserver) throws -> EncodedImage {
    var noise = noise
    if let timestep = request.timestep {
      try Self.check(timestep: timestep, of: model.checkpoint.configuration)
      noise.timestep = timestep
    }
    let cells = Self.cells(model.checkpoint.configuration, size: size, level: level)
    guard !request.attention || cells <= AttentionMap.maximumCells else {
      throw AttentionError.tooManyCells(cells, limit: AttentionMap.maximumCells)
    }
    let hooked = try model.attentions(
      toLatent: latent(of: image, isShared: request.timestep != nil, observer), size: size, noise: noise,
      withWeights: request.attention, observer: observer)
    observer.begin("features")
    let maps = try level.selected(hooked).compactMap { hook in
      try hook.weights.map { weights in
        try AttentionMap(
          grid: Grid(height: hook.features.shape[0], width: hook.features.shape[1]), values: weights.doubles)
      }
    }
    return EncodedImage(
      try FeatureMap(level.joined(hooked.map(\.features))), graph: graph, defaultTau: defaultTau, encoder: name,
      attention: maps)
  }

  /// Returns the image's latent.
  ///
  /// - Parameter isShared: whether other timesteps of the image may be requested next; they take the same latent.
  private func latent(of image: Image, isShared: Bool, _ observer: StageObserver) throws -> Tensor {
    guard isShared else { return try model.latent(of: image.tensor, size: size, observer: observer) }
    return try lastLatent.value(of: image) {
      try model.latent(of: image.tensor, size: size, observer: observer)
    }
  }
}

/// The latent of one image, kept for requests of its other timesteps.
private final class LastLatent: Sendable {
  private let kept = Mutex<(image: Image, latent: Tensor)?>(nil)

  /// Returns the latent of an image, computed unless it is the image of the last call.
  func value(of image: Image, compute: () throws -> Tensor) rethrows -> Tensor {
    if let last = kept.withLock({ $0 }), last.image == image { return last.latent }
    let latent = try compute()
    kept.withLock { $0 = (image, latent) }
    return latent
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
  /// The elements in double precision.
  var doubles: ContiguousArray<Double> {
    withSpan { span in ContiguousArray((0..<span.count).map { Double(span[$0]) }) }
  }
}
