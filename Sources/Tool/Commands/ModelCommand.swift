// SPDX-License-Identifier: Apache-2.0
import Tensor
import UNet

/// `diffcut model`: what a checkpoint is, whether it is whole, the needed part of it, and one with random weights.
struct ModelCommand {
  /// What is done with the model.
  enum Action: String, CaseIterable {
    case info
    case check
    case pack
    case synthesize
  }

  private let arguments: ParsedArguments
  private let action: Action

  init(_ arguments: ParsedArguments) throws(ToolError) {
    self.arguments = arguments
    action = try arguments.action(Action.self)
  }

  func run() throws -> ExitCode {
    if action == .synthesize { return try SynthesizeCommand(arguments).run() }
    if action == .pack { return try PackCommand(arguments).run() }
    let checkpoint = try Self.checkpoint(arguments.operands[1], arguments)
    var text = Self.description(of: checkpoint)
    if action == .check {
      let steps = checkpoint.steps
      let progress = Progress(isQuiet: arguments.has("quiet"))
      defer { progress.clear() }
      progress.show(name: checkpoint.location.name, steps: steps)
      try ToolError.reading(checkpoint.location.name) {
        try checkpoint.validate(readingValues: true, observer: progress.observer())
      }
      text += "ok: all \(steps.count) tensors that features depend on are present, of the right shape, and finite\n"
    }
    return try Tool.write(text)
  }

  /// Opens the model that the options name.
  ///
  /// - Throws: `ToolError`: exit code 2 for options of the cache beside a path, 3 for a model that cannot be used.
  static func checkpoint(_ model: String, _ arguments: ParsedArguments) throws(ToolError) -> any Checkpoint {
    try ToolError.reading(model) {
      let location = try CheckpointLocation.resolve(
        model, revision: arguments.string("revision"), cacheDirectory: arguments.string("cache-dir"))
      if location.commit == nil {
        try arguments.reject(["revision", "cache-dir"], "with the path '\(model)'", hint: "it applies to org/name")
      }
      return try location.open(configurationFolder: arguments.string("config"))
    }
  }

  private static func description(of checkpoint: any Checkpoint) -> String {
    let name = checkpoint.location.path + (checkpoint.location.commit.map { " (commit \($0))" } ?? "")
    let structure =
      switch checkpoint {
      case let diffusion as DiffusionCheckpoint: lines(of: diffusion)
      case let transformer as VisionTransformerCheckpoint: lines(of: transformer)
      default: [String]()
      }
    let components = checkpoint.summaries.map { part in
      "\(part.component.rawValue): \(part.neededTensorCount) of \(part.tensorCount) tensors needed, "
        + "\(part.parameterCount) parameters, \(fixed(Double(part.byteCount) / 1e6, 1)) MB of "
        + "\(part.types.joined(separator: ", ")), \(part.paths.joined(separator: ", "))"
    }
    return ([name] + (structure + components).map { "  " + $0 }).joined(separator: "\n") + "\n"
  }

  private static func lines(of checkpoint: DiffusionCheckpoint) -> [String] {
    let configuration = checkpoint.configuration
    let (unet, vae) = (configuration.unet, configuration.vae)
    var lines = [
      "model: \(configuration.publishedName ?? "not a published one")",
      "UNet: widths \(list(unet.blocks.map(\.width))), transformers \(list(unet.blocks.map { list($0.transformerDepths) })), "
        + "heads \(list(unet.blocks.map(\.headCount))), context \(unet.contextWidth)",
      "features: \(unet.featureWidth) channels, one for \(configuration.pixelsPerFeature) pixels, from \(unet.hook)",
      "VAE: widths \(list(vae.widths)), scaling factor \(vae.scalingFactor)",
    ]
    if case .packed(let prompt, let origin) = checkpoint.prompt {
      lines.insert("packed from \(origin.text), without its text encoders", at: 0)
      lines.append("prompt: \(prompt.hidden.shape)" + (prompt.pooled.map { ", pooled \($0.shape)" } ?? ""))
    }
    for encoder in configuration.textEncoders {
      lines.append(
        "text encoder: width \(encoder.width), \(encoder.layerCount) layers, \(encoder.headCount) heads, "
          + encoder.activation.rawValue)
    }
    return lines
  }

  private static func lines(of checkpoint: VisionTransformerCheckpoint) -> [String] {
    let model = checkpoint.configuration
    let registers = model.registerCount > 0 ? ", \(model.registerCount) registers" : ""
    return (checkpoint.origin.map { ["packed from \($0.text)"] } ?? []) + [
      "model: \(model.publishedName)",
      "blocks: \(model.depth) of width \(model.width), \(model.headCount) heads, "
        + "\(model.hiddenWidth) hidden channels (\(model.isGated ? "SwiGLU" : "GELU"))",
      "features: \(model.width) channels, one for \(model.patchSize) pixels, from block \(model.depth)",
      "positions: trained on a grid of \(model.positionSide)x\(model.positionSide)\(registers)",
      "pixels: mean \(list(model.mean)), deviation \(list(model.deviation))",
    ]
  }

  private static func list(_ values: [some CustomStringConvertible]) -> String {
    "[" + values.map(\.description).joined(separator: ", ") + "]"
  }
}

extension PackedModel.Origin {
  /// The name, and the commit if it is known.
  fileprivate var text: String { printable(name) + (commit.map { " (commit \(printable($0)))" } ?? "") }
}

extension Checkpoint {
  /// What reading all that features depend on consists of.
  var steps: [Progress.Step] {
    requirements.flatMap { store, tensors in
      tensors.map { Progress.Step(Self.stage(store.component, $0), size: $0.shape.reduce(1, *)) }
    }
  }
}
