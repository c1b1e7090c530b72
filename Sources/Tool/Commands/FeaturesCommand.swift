// SPDX-License-Identifier: Apache-2.0
import Linalg
import Segment
import Tensor
import UNet

/// `diffcut features`: a photograph in, the encoder's features out.
struct FeaturesCommand {
  private let arguments: ParsedArguments
  private let input: String
  private let output: String

  init(_ arguments: ParsedArguments) throws(ToolError) {
    self.arguments = arguments
    input = arguments.operands[0]
    guard let output = arguments.string("output") else {
      throw .usage(
        "features needs -o FILE", hint: "-o features.npy, -o features.safetensors, or -o - for .npy on stdout")
    }
    guard output == "-" || output.hasSuffix(".npy") || output.hasSuffix(".safetensors") else {
      throw .usage("cannot tell the format of '\(output)'", hint: "name it .npy or .safetensors")
    }
    self.output = output
  }

  func run() throws -> ExitCode {
    let image = try InputImage.read(input)
    let progress = Progress(isQuiet: arguments.has("quiet"))
    defer { progress.clear() }
    let opening = Platform.monotonicSeconds
    let encoder = try EncoderChoice.encoder(arguments, default: nil, progress: progress)
    let clock = StageClock(encoder.stages)
    progress.show(name: input, steps: encoder.stages.map { Progress.Step($0) })
    let start = Platform.monotonicSeconds
    let encoded = try InputImage.encode(image, with: encoder, named: input) { stage in
      clock.begin(stage)
      progress.begin(stage)
    }
    let stages = clock.stop()
    let seconds = Platform.monotonicSeconds - start
    progress.clear()
    let nodes = encoded.nodes
    let features = Tensor([nodes.nodeCount, nodes.channels], values: nodes.values.lazy.map { Float($0) })
    let bytes =
      output.hasSuffix(".safetensors")
      ? SafetensorsFile.encode(
        ["features": features], metadata: ["grid": nodes.grid.description, "encoder": encoder.name])
      : NPY.encode(features.values, shape: features.shape.extents)
    try Tool.writeResult([bytes], to: output)
    if !arguments.has("quiet") {
      let summary =
        "\(printable(input)): \(nodes.grid) nodes of \(nodes.channels) channels (\(encoder.name) encoder), \(milliseconds(seconds))\n"
      if output == "-" { Console.error(summary) } else { _ = try Tool.write(summary) }
    }
    if arguments.has("verbose") && !arguments.has("quiet") {
      let model = StageTime(stage: "model", seconds: start - opening)
      Console.error(ProfileReport.table([model] + stages))
    }
    return .success
  }
}

/// Reading and encoding an image, failures turned into exit codes.
enum InputImage {
  static func read(_ path: String) throws(ToolError) -> Image {
    do {
      return try Image.decode(MappedFile.contents(of: path))
    } catch let error as FileError {
      throw ToolError(.badInput, "\(error)")
    } catch {
      throw ToolError(.badInput, "\(path == "-" ? "standard input" : path): \(error)")
    }
  }

  static func encode(
    _ image: Image, with encoder: any FeatureEncoder, named path: String,
    willBegin: @escaping (_ stage: String) -> Void = { _ in }
  ) throws -> EncodedImage {
    do {
      return try encoder.encode(image, willBegin: willBegin)
    } catch {
      throw failure(error, path) ?? error
    }
  }

  /// A failure of an encoder as the user sees it; nil for one that should not happen.
  static func failure(_ error: any Error, _ path: String) -> ToolError? {
    switch error {
    case let error as CheckpointError: EncoderChoice.modelError(error)
    case let error as DiffusionError: ToolError(.badModel, "\(path): \(error)")
    case let error as FeatureError: ToolError(.badInput, "\(path): \(error)")
    case let error as EigensolverError: ToolError(.badInput, "\(path): \(error)")
    case let error as RefinementError: ToolError(.badInput, "\(path): \(error)")
    default: nil
    }
  }
}
