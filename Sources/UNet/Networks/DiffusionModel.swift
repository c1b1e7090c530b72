// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Tensor

/// How the latent is disturbed before the UNet sees it.
public struct NoiseOptions: Equatable, Sendable {
  /// t, an index of the schedule's steps.
  public var timestep = 50
  public var seed: UInt64 = 42
  /// Threads of the GPU whose noise is reproduced; nil: one for each element, as on all but small GPUs at 1024 pixels.
  public var residentThreads: Int?
  /// Without noise the latent is only scaled.
  public var isNoisy = true

  public init() {}
}

/// Image in, features out: VAE encoder, noise, UNet up to the hook (DiffCut §3.1).
///
/// The empty prompt is encoded when the model is opened, unless it comes packed with it. The VAE's weights are read for the first image, the UNet's only
/// after its VAE has run: the VAE's activations and the UNet's weights, the two largest things, need not fit together.
package final class DiffusionModel: Sendable {
  package let checkpoint: DiffusionCheckpoint
  /// Of what is built: it ends at the level's last hook.
  package let configuration: ModelConfiguration
  package let prompt: PromptEmbedding
  /// Blocks of the UNet that the level reads.
  private let levelBlocks: Set<Int>
  private let schedule: NoiseSchedule
  private let precision: Precision
  private let networks = Mutex<(vae: VAEEncoder?, unet: UNetEncoder?)>((nil, nil))

  /// - Parameters:
  ///   - level: the UNet is built and read up to it.
  ///   - precision: of the VAE's and the UNet's products.
  /// - Throws: `CheckpointError` for text encoders that are not whole, `DiffusionError` for a level the model has not.
  package init(
    _ checkpoint: DiffusionCheckpoint, level: FeatureLevel = .coarse, precision: Precision = .single,
    observer: StageObserver = StageObserver()
  ) throws {
    self.checkpoint = checkpoint
    self.precision = precision
    configuration = try checkpoint.configuration.ending(at: level)
    levelBlocks = checkpoint.configuration.blocks(of: level)
    prompt = try checkpoint.emptyPrompt(observer: observer)
    observer.report("text.prompt", prompt.hidden)
    if let pooled = prompt.pooled { observer.report("text.pooled", pooled) }
    let betas = checkpoint.configuration.schedule
    schedule = NoiseSchedule(betaStart: betas.firstBeta, betaEnd: betas.lastBeta, count: betas.count)
  }

  /// Timesteps that `NoiseOptions` may name.
  package var timesteps: Range<Int> { 0..<schedule.cumulativeAlpha.count }

  /// - Parameters:
  ///   - image: [height, width, 3] in 0 ... 1, of any size; it is stretched to size × size.
  ///   - size: a multiple of `pixelsPerFeature`; else VAE and UNet round the resolution differently.
  /// - Returns: features of every block with attention up to the level's last, [side, side, channels], coarsest last;
  ///   `FeatureLevel.joined` makes one map of them.
  /// - Throws: `CheckpointError` for weights that are missing or wrong, `DiffusionError` for a result that is not finite.
  package func features(
    of image: Tensor, size: Int, noise options: NoiseOptions = NoiseOptions(), observer: StageObserver = StageObserver()
  ) throws -> [Tensor] {
    try attentions(to: image, size: size, noise: options, observer: observer).map(\.features)
  }

  /// The same with what attends to what.
  ///
  /// - Parameter withWeights: whether the blocks that the level reads tell the weights of their attention.
  package func attentions(
    to image: Tensor, size: Int, noise options: NoiseOptions = NoiseOptions(), withWeights: Bool = false,
    observer: StageObserver = StageObserver()
  ) throws -> [HookedAttention] {
    try attentions(
      toLatent: latent(of: image, size: size, observer: observer), size: size, noise: options,
      withWeights: withWeights, observer: observer)
  }

  /// The first half: the image's code, [size / 8, size / 8, channels], before it is disturbed. It serves all timesteps.
  ///
  /// - Throws: as `features(of:size:noise:observer:)` does.
  package func latent(of image: Tensor, size: Int, observer: StageObserver = StageObserver()) throws -> Tensor {
    observer.begin("image")
    let resized = image.resized(height: size, width: size)
    observer.report("image", resized)
    let input = resized.scaled(by: 2, adding: -1)
    let latent = try vae(observer)(input, observer: observer)
    guard latent.isFinite else { throw DiffusionError.notFinite(stage: "latent") }
    return latent
  }

  /// The second half.
  ///
  /// - Throws: as `features(of:size:noise:observer:)` does.
  package func attentions(
    toLatent latent: Tensor, size: Int, noise options: NoiseOptions = NoiseOptions(), withWeights: Bool = false,
    observer: StageObserver = StageObserver()
  ) throws -> [HookedAttention] {
    observer.begin("noise")
    let noisy = addingNoise(to: latent, options)
    observer.report("noisy", noisy)
    let hooked = try unet(observer)(
      noisy, timestep: options.timestep, size: size, weightsOf: withWeights ? levelBlocks : [], observer: observer)
    try checkpoint.checkUnchanged()
    guard hooked.allSatisfy(\.features.isFinite) else { throw DiffusionError.notFinite(stage: "features") }
    guard hooked.allSatisfy({ $0.weights?.isFinite ?? true }) else {
      throw DiffusionError.notFinite(stage: "attention")
    }
    return hooked
  }

  private func vae(_ observer: StageObserver) throws -> VAEEncoder {
    if let made = networks.withLock({ $0.vae }) { return made }
    observer.begin("vae.weights")
    let vae = try VAEEncoder(WeightReader(checkpoint.vae, precision: precision), configuration.vae)
    networks.withLock { $0.vae = vae }
    return vae
  }

  private func unet(_ observer: StageObserver) throws -> UNetEncoder {
    if let made = networks.withLock({ $0.unet }) { return made }
    observer.begin("unet.weights")
    let unet = try UNetEncoder(WeightReader(checkpoint.unet, precision: precision), configuration.unet, prompt: prompt)
    networks.withLock { $0.unet = unet }
    return unet
  }

  /// √ᾱ_t · latent + √(1 − ᾱ_t) · noise.
  private func addingNoise(to latent: Tensor, _ options: NoiseOptions) -> Tensor {
    let (height, width, channels) = (latent.shape[0], latent.shape[1], latent.shape[2])
    let weights = schedule.weights(at: options.timestep)
    guard options.isNoisy else { return latent.scaled(by: weights.image) }
    let drawn = Philox(seed: options.seed).normals(latent.count, residentThreads: options.residentThreads)
    // Drawn channel by channel, [channels, height, width]; the latent is channels-last.
    let noise = Tensor(
      latent.shape,
      values: (0..<latent.count).map { drawn[$0 % channels * height * width + $0 / channels] })
    return latent.blended(weights.image, with: noise, weights.noise)
  }
}

/// The reason why a model with valid weights yields no features.
public enum DiffusionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A stage's result contains NaN or an infinity, because activations left the range of single precision.
  case notFinite(stage: String)
  /// The model has no attention block at this level.
  case noLevel(FeatureLevel)

  public var description: String {
    switch self {
    case .notFinite(let stage):
      "the network's \(stage) contains NaN or infinity; check the model, or download its weights again"
    case .noLevel(let level): "the model has no attention at level \(level.rawValue); use another level"
    }
  }
}
