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
  private let attentionOutput: String?

  init(_ arguments: ParsedArguments) throws(ToolError) {
    self.arguments = arguments
    input = arguments.operands[0]
    guard let output = arguments.string("output") else {
      throw .usage(
        "features needs -o FILE", hint: "use -o features.npy, -o features.safetensors, or -o - for .npy on stdout")
    }
    try NamedFiles.check(output, endings: [".npy", ".safetensors"])
    self.output = output
    attentionOutput = arguments.string("attention")
    guard let attentionOutput else { return }
    try NamedFiles.check(attentionOutput, endings: [".npy", ".safetensors"])
    if isOneFile && !output.hasSuffix(".safetensors") {
      throw .usage("-o and --attention both name '\(output)'", hint: "use one .safetensors file for both")
    }
    if !attentionOutput.hasSuffix(".safetensors"), try arguments.choice("level", of: FeatureLevel.self) == .both {
      throw .usage("--level 32+64 has two attention maps", hint: "use one .safetensors file for both")
    }
  }

  /// Whether features and attention go into the same file.
  private var isOneFile: Bool {
    guard let attentionOutput else { return false }
    return attentionOutput == output || OutputFile.isSameFile(attentionOutput, output)
  }

  func run() throws -> ExitCode {
    let source = try EncoderFamilies.source(arguments, default: nil)
    let request = EncodingRequest(attention: attentionOutput != nil)
    try source.check(request, for: "--attention")
    let image = try InputFile.photograph(input)
    let progress = Progress(isQuiet: arguments.has("quiet"))
    defer { progress.clear() }
    let opening = Platform.monotonicSeconds
    let encoder = try source.open(showing: progress)
    progress.show(name: input, steps: encoder.stages.map { Progress.Step($0) })
    let start = Platform.monotonicSeconds
    let observer = progress.observer()
    let encoded = try encoder.encode(image, request, named: input, observer: observer)
    let stages = observer.finish(work: encoder.stages)
    let seconds = Platform.monotonicSeconds - start
    progress.clear()
    let nodes = encoded.nodes
    let maps = try attentionArrays(encoded, arguments.choice("level", of: FeatureLevel.self) ?? .coarse)
    // All files are ready before the first is written.
    let bytes = Self.file(
      encoded.arrays.merging(isOneFile ? maps : [:]) { own, _ in own }, "features", named: output,
      metadata: encoded.metadata)
    if let attentionOutput, !isOneFile {
      let metadata = encoded.metadata.filter { ["grid", "encoder"].contains($0.key) }
      try Tool.writeResult(
        [Self.file(maps, "attention", named: attentionOutput, metadata: metadata)], to: attentionOutput)
    }
    try Tool.writeResult([bytes], to: output)
    if !arguments.has("quiet") {
      let summary =
        "\(printable(input)): \(nodes.grid) nodes of \(nodes.channels) channels (\(encoder.name) encoder), \(milliseconds(seconds))\n"
      if output == "-" || attentionOutput == "-" { Console.error(summary) } else { _ = try Tool.write(summary) }
    }
    if arguments.has("verbose") && !arguments.has("quiet") {
      let model = StageTime(stage: "model", seconds: start - opening)
      Console.error(ProfileReport.table([model] + stages))
    }
    return .success
  }

  /// Returns the attention maps by the names of their tensors: `attention` where there is one.
  private func attentionArrays(
    _ encoded: EncodedImage, _ level: FeatureLevel
  ) -> [String: SafetensorsFile.Numbers] {
    let name = AttentionMap.tensorName
    let names = level == .both ? [FeatureLevel.coarse, .fine].map { "\(name).\($0.rawValue)" } : [name]
    return Dictionary(
      uniqueKeysWithValues: zip(names, encoded.attention).map { name, map in
        (name, SafetensorsFile.Numbers([map.grid.count, map.grid.count], map.values))
      })
  }

  /// Returns a `.safetensors` file of all arrays, or an `.npy` file of one of them in single precision.
  private static func file(
    _ arrays: [String: SafetensorsFile.Numbers], _ main: String, named name: String, metadata: [String: String]
  ) -> [UInt8] {
    guard !name.hasSuffix(".safetensors"), let array = arrays[main] else {
      return SafetensorsFile.encode(arrays, metadata: metadata)
    }
    return NPY.encode(array.values.map { Float($0) }, shape: array.shape)
  }
}
