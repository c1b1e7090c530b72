// SPDX-License-Identifier: Apache-2.0
import Tensor
import UNet

/// `diffcut model`: what a checkpoint is, and whether it is whole.
struct ModelCommand {
  private enum Action: String, CaseIterable {
    case info
    case check
  }

  private let arguments: ParsedArguments
  private let action: Action

  init(_ arguments: ParsedArguments) throws(ToolError) {
    self.arguments = arguments
    let word = arguments.operands[0]
    guard let action = Action(rawValue: word) else {
      let names = Action.allCases.map(\.rawValue)
      throw .usage(
        "unknown action '\(word)' for model",
        hint: suggestion(for: word, among: names).map { "did you mean '\($0)'?" } ?? "info or check")
    }
    self.action = action
  }

  func run() throws -> ExitCode {
    do {
      let location = try CheckpointLocation.resolve(
        arguments.operands[1], revision: arguments.string("revision"),
        cacheDirectory: arguments.string("cache-dir"))
      let checkpoint = try Checkpoint(opening: location, configurationFolder: arguments.string("config"))
      var text = Self.description(of: checkpoint)
      if action == .check {
        try checkpoint.validate(readingValues: true)
        let count = checkpoint.requirements.reduce(0) { $0 + $1.tensors.count }
        text += "ok: all \(count) tensors that features depend on are there, in shape and finite\n"
      }
      return try Tool.write(text)
    } catch let error as CheckpointError {
      throw EncoderChoice.modelError(error)
    }
  }

  private static func description(of checkpoint: Checkpoint) -> String {
    let configuration = checkpoint.configuration
    let (unet, vae) = (configuration.unet, configuration.vae)
    var lines = [
      "\(checkpoint.location.path)" + (checkpoint.location.commit.map { " (commit \($0))" } ?? ""),
      "  model: \(configuration.publishedName ?? "none of the published ones")",
      "  UNet: widths \(list(unet.blocks.map(\.width))), transformers \(list(unet.blocks.map { list($0.transformerDepths) })), "
        + "heads \(list(unet.blocks.map(\.headCount))), context \(unet.contextWidth)",
      "  features: \(unet.featureWidth) channels, one for \(configuration.pixelsPerFeature) pixels, from \(unet.hook)",
      "  VAE: widths \(list(vae.widths)), scaling factor \(vae.scalingFactor)",
    ]
    for encoder in configuration.textEncoders {
      lines.append(
        "  text encoder: width \(encoder.width), \(encoder.layerCount) layers, \(encoder.headCount) heads, "
          + encoder.activation.rawValue)
    }
    for (store, tensors) in checkpoint.requirements {
      let parameters = tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
      let type = tensors.first.flatMap { store.type($0.name) }.map { " \($0.rawValue)" } ?? ""
      lines.append(
        "  \(store.component.rawValue): \(tensors.count) of \(store.names.count) tensors needed, "
          + "\(parameters) parameters\(type), \(store.paths.joined(separator: ", "))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func list(_ values: [some CustomStringConvertible]) -> String {
    "[" + values.map(\.description).joined(separator: ", ") + "]"
  }
}
