// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import UNet

/// The encoder that the options name: `--model`, `--size` and what only a diffusion model takes.
enum EncoderChoice {
  /// The name of the encoder without weights.
  static let builtIn = "built-in"

  /// Where `--noise` comes from.
  enum Noise: String, CaseIterable {
    /// As torch draws it on a CUDA device.
    case cuda
    case none
  }

  /// - Parameter progress: told about the text encoders.
  /// - Throws: `ToolError`: exit code 2 for options that do not fit, 3 for weights that cannot be used.
  static func encoder(
    _ arguments: ParsedArguments, default model: String? = builtIn, progress: Progress
  ) throws -> any FeatureEncoder {
    let named = arguments.string("model") ?? Platform.environment("DIFFCUT_MODEL").flatMap { $0.isEmpty ? nil : $0 }
    guard let model = named ?? model else {
      throw ToolError.usage(
        "\(arguments.command.name) needs --model", hint: "a folder, a .safetensors file, or org/name")
    }
    if model == builtIn {
      for flag in CommandTable.diffusion where arguments.has(flag.name) {
        throw ToolError.usage(
          "--\(flag.name) is for diffusion models, not for the built-in encoder", hint: "name a model with --model")
      }
      let size = try arguments.integer("size", in: BuiltInEncoder.sizes)
      return size.map { BuiltInEncoder(size: $0) } ?? BuiltInEncoder()
    }
    var noise = NoiseOptions()
    if let timestep = try arguments.integer("timestep", in: 0...1_000_000) { noise.timestep = timestep }
    if let seed = try arguments.integer("seed", in: 0...Int.max) { noise.seed = UInt64(seed) }
    noise.residentThreads = try arguments.integer("resident-threads", in: 1...Int(UInt32.max))
    noise.isNoisy = try arguments.choice("noise", of: Noise.self) != Noise.none
    let size = try arguments.integer("size", in: 1...8192) ?? 1024
    let level = try arguments.choice("level", of: FeatureLevel.self) ?? .coarse
    progress.show(name: model)
    do {
      return try DiffusionEncoder(
        model: model, revision: arguments.string("revision"), cacheDirectory: arguments.string("cache-dir"),
        configuration: arguments.string("config"), size: size, level: level, noise: noise,
        willBegin: progress.begin)
    } catch let error as EncoderError {
      throw ToolError.usage("\(error)")
    } catch let error as DiffusionError {
      throw ToolError.usage("\(error)")
    } catch let error as CheckpointError {
      throw modelError(error)
    }
  }

  /// A failure of weights as the user sees it.
  static func modelError(_ error: CheckpointError) -> ToolError { ToolError(.badModel, "\(error)") }
}
