// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import UNet

/// The encoder that the options name, found but not opened: `--model`, `--size` and what only a diffusion model takes.
enum EncoderChoice {
  case withoutWeights(BuiltInEncoder)
  case diffusion(Checkpoint, Settings)

  /// What a diffusion model is asked for.
  struct Settings: Sendable {
    let size: Int
    let level: FeatureLevel
    var noise: NoiseOptions
    let precision: Precision
  }

  /// The name of the encoder without weights.
  static let builtIn = "built-in"

  /// Where `--noise` comes from.
  enum Noise: String, CaseIterable {
    /// As torch draws it on a CUDA device.
    case cuda
    case none
  }

  /// Reads the options and a model's structure; no weights.
  ///
  /// - Parameter timestep: in place of `--timestep`, which may then hold several.
  /// - Throws: `ToolError`: exit code 2 for options that do not fit, 3 for weights that cannot be used.
  init(_ arguments: ParsedArguments, default model: String? = builtIn, timestep: Int? = nil) throws {
    let named = arguments.string("model") ?? Platform.environment("DIFFCUT_MODEL").flatMap { $0.isEmpty ? nil : $0 }
    guard let model = named ?? model else {
      throw ToolError.usage(
        "\(arguments.command.name) needs --model", hint: "a folder, a .safetensors file, or org/name")
    }
    if model == Self.builtIn {
      for flag in CommandTable.diffusion where arguments.has(flag.name) {
        throw ToolError.usage(
          "--\(flag.name) is for diffusion models, not for the built-in encoder", hint: "name a model with --model")
      }
      let size = try arguments.integer("size", in: BuiltInEncoder.sizes)
      self = .withoutWeights(size.map { BuiltInEncoder(size: $0) } ?? BuiltInEncoder())
      return
    }
    var noise = NoiseOptions()
    if let timestep = try timestep ?? arguments.integer("timestep", in: 0...1_000_000) { noise.timestep = timestep }
    if let seed = try arguments.integer("seed", in: 0...Int.max) { noise.seed = UInt64(seed) }
    noise.residentThreads = try arguments.integer("resident-threads", in: 1...Int(UInt32.max))
    noise.isNoisy = try arguments.choice("noise", of: Noise.self) != Noise.none
    let settings = Settings(
      size: try arguments.integer("size", in: 1...8192) ?? 1024,
      level: try arguments.choice("level", of: FeatureLevel.self) ?? .coarse, noise: noise,
      precision: try arguments.choice("precision", of: Precision.self) ?? .single)
    do {
      let location = try CheckpointLocation.resolve(
        model, revision: arguments.string("revision"), cacheDirectory: arguments.string("cache-dir"))
      let checkpoint = try Checkpoint(opening: location, configurationFolder: arguments.string("config"))
      self = .diffusion(checkpoint, settings)
    } catch {
      throw Self.modelError(error)
    }
  }

  /// Opens the encoder; a model encodes the empty prompt.
  ///
  /// - Parameter progress: told about the text encoders.
  /// - Throws: as `init`.
  func open(progress: Progress) throws -> any FeatureEncoder {
    switch self {
    case .withoutWeights(let encoder): return encoder
    case .diffusion(let checkpoint, let settings):
      do {
        return try DiffusionEncoder(
          checkpoint, size: settings.size, level: settings.level, noise: settings.noise,
          precision: settings.precision, willBegin: progress.begin)
      } catch let error as EncoderError {
        throw ToolError.usage("\(error)")
      } catch let error as DiffusionError {
        throw ToolError.usage("\(error)")
      } catch let error as CheckpointError {
        throw Self.modelError(error)
      }
    }
  }

  /// Both in one.
  static func encoder(
    _ arguments: ParsedArguments, default model: String? = builtIn, progress: Progress
  ) throws -> any FeatureEncoder {
    try EncoderChoice(arguments, default: model).opened(progress: progress)
  }

  /// Opens the encoder, named in the line of progress.
  func opened(progress: Progress) throws -> any FeatureEncoder {
    if case .diffusion(let checkpoint, _) = self { progress.show(name: checkpoint.location.name) }
    return try open(progress: progress)
  }

  /// Cells whose attention to each other the encoder tells; nil for the encoder without weights.
  var attentionCells: Int? {
    guard case .diffusion(let checkpoint, let settings) = self else { return nil }
    return DiffusionEncoder.cells(checkpoint.configuration, size: settings.size, level: settings.level)
  }

  /// Refuses what needs attention maps where there are none, or too large ones.
  ///
  /// - Parameter option: what needs them.
  /// - Throws: `ToolError` with exit code 2.
  func checkAttention(for option: String) throws(ToolError) {
    guard let cells = attentionCells else {
      throw .usage(
        "\(option) needs attention maps, which the built-in encoder does not have",
        hint: "name a diffusion model with --model")
    }
    guard cells <= AttentionMap.maximumCells else {
      throw .usage(
        "\(option): a map of \(cells) cells, the limit is \(AttentionMap.maximumCells)",
        hint: "give a smaller --size, or --level 32")
    }
  }

  /// A failure of weights as the user sees it.
  static func modelError(_ error: CheckpointError) -> ToolError { ToolError(.badModel, "\(error)") }
}

extension EncoderChoice {
  var name: String {
    switch self {
    case .withoutWeights(let encoder): encoder.name
    case .diffusion(let checkpoint, _): DiffusionEncoder.name(checkpoint.configuration)
    }
  }

  var defaultTau: Double {
    switch self {
    case .withoutWeights(let encoder): encoder.defaultTau
    case .diffusion(let checkpoint, _): DiffusionEncoder.defaultTau(checkpoint.configuration)
    }
  }

  var defaultAlpha: Double {
    switch self {
    case .withoutWeights(let encoder): encoder.defaultAlpha
    case .diffusion: DiffusionEncoder.defaultAlpha
    }
  }

  /// Side of the square that images are analysed at.
  var size: Int {
    switch self {
    case .withoutWeights(let encoder): encoder.size
    case .diffusion(_, let settings): settings.size
    }
  }

  /// Side at which an evaluation of photographs takes labels: the encoder's own, and the published one for the encoder
  /// without weights, which sees another.
  var labelSize: Int { if case .diffusion = self { size } else { Self.publishedSize } }

  static let publishedSize = 1024

  /// nil for the encoder without weights.
  var timestep: Int? { if case .diffusion(_, let settings) = self { settings.noise.timestep } else { nil } }

  /// The same at another timestep.
  func at(timestep: Int) -> EncoderChoice {
    guard case .diffusion(let checkpoint, var settings) = self else { return self }
    settings.noise.timestep = timestep
    return .diffusion(checkpoint, settings)
  }

  /// Tells weights apart; nil for the encoder without.
  func weightsHash() throws(ToolError) -> String? {
    guard case .diffusion(let checkpoint, _) = self else { return nil }
    do {
      return try checkpoint.digest()
    } catch {
      throw ToolError(.badModel, "\(error)")
    }
  }

  /// Everything features depend on but image and weights. Descriptions of structures name all their members, so that a new
  /// one counts too.
  var settings: String {
    switch self {
    case .withoutWeights(let encoder): "\(encoder.name) \(encoder.size)"
    case .diffusion(let checkpoint, let settings): "\(settings) \(checkpoint.configuration)"
    }
  }
}
