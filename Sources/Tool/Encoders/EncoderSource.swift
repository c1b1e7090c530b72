// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import UNet

/// An encoder that the options name: its structure is known, its weights are not read.
///
/// One conforming type for each family of encoders. It contains everything that commands need to know of the family; to add
/// one, conform to this protocol and add the type to `EncoderFamilies.all`.
protocol EncoderSource: Sendable {
  /// The name of the family in messages: "diffusion models".
  static var family: String { get }
  /// The options that only this family reads.
  static var flags: [Flag] { get }
  /// The values of `--model` that name an encoder of this family without a file; none by default.
  static var modelNames: [String] { get }

  /// Reads the options of the encoder for a model; nil for a model of another family.
  ///
  /// - Parameter timestep: taken instead of `--timestep`, which may then list several.
  /// - Throws: `ToolError`: exit code 2 for options that do not fit, 3 for weights that cannot be used.
  init?(_ model: NamedModel, _ arguments: ParsedArguments, timestep: Int?) throws

  /// The name that results are labeled with.
  var name: String { get }
  /// The τ that suits the features.
  var defaultTau: Double { get }
  /// The settings of the graph that suit the features.
  var graph: GraphOptions { get }
  /// The size at which square images are encoded, in pixels.
  var size: (height: Int, width: Int) { get }
  /// The side at which an evaluation of photographs takes labels.
  var labelSize: Int { get }
  /// The number of cells whose attention the encoder returns; nil for an encoder without attention.
  var attentionCells: Int? { get }
  /// The timestep at which features are taken; nil for an encoder without.
  var timestep: Int? { get }
  /// The title of the progress line while the encoder is opened; nil for an encoder that opens at once.
  var openingTitle: String? { get }
  /// A description of everything that features depend on, but image and weights. Descriptions of structures name all members,
  /// so that a new one counts too.
  var settings: String { get }
  /// The memory that an encoder holds for any image, and in addition for each pixel of an image, in bytes (Batch.md).
  var memory: (base: Int, perPixel: Int) { get }

  /// Returns the same encoder at another timestep.
  func at(timestep: Int) -> Self
  /// Checks that the encoder has a timestep.
  func check(timestep: Int) throws(EncoderError)
  /// Returns a hash that distinguishes weights; nil without weights.
  ///
  /// - Throws: `ToolError` with exit code 3.
  func weightsHash() throws(ToolError) -> String?
  /// Opens the encoder.
  ///
  /// - Throws: as `init`.
  func open(observer: StageObserver) throws -> any FeatureEncoder
}

extension EncoderSource {
  static var modelNames: [String] { [] }

  /// The size as `--size` has it.
  var sizeText: String { size.height == size.width ? "\(size.height)" : "\(size.height)x\(size.width)" }
  var labelSize: Int { EncoderFamilies.publishedSize }
  var attentionCells: Int? { nil }
  var timestep: Int? { nil }
  var openingTitle: String? { nil }

  func at(timestep: Int) -> Self { self }
  func check(timestep: Int) throws(EncoderError) {}
  func weightsHash() throws(ToolError) -> String? { nil }

  /// Opens the encoder and names it in the progress line.
  ///
  /// - Throws: `ToolError`: exit code 2 for options that do not fit, 3 for weights that cannot be used.
  func open(showing progress: Progress) throws -> any FeatureEncoder {
    if let openingTitle { progress.show(name: openingTitle) }
    return try open(observer: progress.observer())
  }

  /// Rejects an option that needs attention maps if the encoder lacks them or they would be too large.
  ///
  /// - Parameters:
  ///   - request: what the features are needed for.
  ///   - option: the option that needs the maps.
  /// - Throws: `ToolError` with exit code 2.
  func check(_ request: EncodingRequest, for option: String) throws(ToolError) {
    guard request.attention else { return }
    guard let cells = attentionCells else {
      throw .usage(
        "\(option) needs attention maps, which the \(name) encoder lacks",
        hint: "pass a vision transformer or a diffusion model with --model")
    }
    guard cells <= AttentionMap.maximumCells else {
      throw .usage(
        "\(option): the attention map has \(cells) cells; the limit is \(AttentionMap.maximumCells)",
        hint: "use a smaller --size")
    }
  }
}

/// The families of encoders.
enum EncoderFamilies {
  /// The families in the order in which they are asked whether a model is theirs; the last one takes any.
  static let all: [any EncoderSource.Type] = [BuiltInSource.self, VisionTransformerSource.self, DiffusionSource.self]

  /// The size at which the paper encodes photographs.
  static let publishedSize = 1024

  /// The options that not all families read.
  static var flags: [Flag] {
    var names: Set<String> = []
    return all.flatMap { $0.flags }.filter { names.insert($0.name).inserted }
  }

  /// The names of all options that choose an encoder.
  static var options: [String] { ["model", "size"] + flags.map(\.name) }

  /// Finds the encoder that the options name, without opening it: `--model`, `DIFFCUT_MODEL`, or a default.
  ///
  /// - Parameters:
  ///   - model: the default; nil makes `--model` obligatory.
  ///   - timestep: taken instead of `--timestep`, which may then list several.
  /// - Throws: `ToolError`: exit code 2 for options that do not fit, 3 for weights that cannot be used.
  static func source(
    _ arguments: ParsedArguments, default model: String? = BuiltInSource.model, timestep: Int? = nil
  ) throws -> any EncoderSource {
    let named = arguments.string("model") ?? Platform.environment("DIFFCUT_MODEL").flatMap { $0.isEmpty ? nil : $0 }
    guard let model = named ?? model else {
      throw ToolError.usage(
        "\(arguments.command.name) needs --model",
        hint: "pass a folder, a .safetensors file, or org/name of the Hugging Face cache")
    }
    if named == nil, !arguments.has("quiet"), Platform.isTerminal(2) { suggestCachedModel() }
    // The family is known only after the model is opened. A mistyped word is wrong for every family, so it is rejected first.
    for flag in flags {
      if case .choices(let words) = flag.kind { try arguments.checkChoice(flag.name, among: words) }
    }
    let opened = NamedModel(model, arguments)
    for family in all {
      guard let source = try family.init(opened, arguments, timestep: timestep) else { continue }
      return source
    }
    throw ToolError.usage("no encoder is called '\(model)'")
  }
}

extension EncoderFamilies {
  /// A small model that finds objects.
  private static let suggestedModel = "facebook/dinov2-small"

  /// Names the suggested model if it is in the cache. Results do not change without an option.
  private static func suggestCachedModel() {
    guard (try? CheckpointLocation.resolve(suggestedModel)) != nil else { return }
    Console.error(
      "diffcut: hint: \(suggestedModel) is in the cache; it finds objects: pass --model \(suggestedModel)\n")
  }
}

/// A model that `--model` names. Its structure is read at most once, by the first family that needs it.
final class NamedModel {
  let name: String
  private let arguments: ParsedArguments
  private var opened: (any Checkpoint)?

  init(_ name: String, _ arguments: ParsedArguments) {
    self.name = name
    self.arguments = arguments
  }

  /// Returns the model's checkpoint.
  ///
  /// - Throws: as `ModelCommand.checkpoint`.
  func checkpoint() throws(ToolError) -> any Checkpoint {
    if let opened { return opened }
    let checkpoint = try ModelCommand.checkpoint(name, arguments)
    opened = checkpoint
    return checkpoint
  }
}

extension EncoderSource {
  /// Reads `--size` for a family that takes one number.
  ///
  /// - Throws: `ToolError` with exit code 2.
  static func side(_ arguments: ParsedArguments, in range: ClosedRange<Int>) throws(ToolError) -> Int? {
    if let text = arguments.string("size"), text.contains("x") {
      throw .usage(
        "--size is '\(text)', which does not apply to \(family)",
        hint: "pass a whole number from \(range.lowerBound) to \(range.upperBound); HEIGHTxWIDTH applies to "
          + VisionTransformerSource.family)
    }
    return try arguments.integer("size", in: range)
  }

  /// Rejects the options that another family reads and this one does not.
  ///
  /// - Throws: `ToolError` with exit code 2.
  static func checkOptions(_ arguments: ParsedArguments) throws(ToolError) {
    let own = Set(flags.map(\.name))
    for other in EncoderFamilies.all {
      try arguments.reject(
        other.flags.map(\.name).filter { !own.contains($0) }, "with \(family)", hint: "it applies to \(other.family)")
    }
  }
}
