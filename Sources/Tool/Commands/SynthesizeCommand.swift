// SPDX-License-Identifier: Apache-2.0
import Tensor
import UNet

/// `diffcut model synthesize`: a model with random weights in the form of a published one.
struct SynthesizeCommand {
  enum Widths: String, CaseIterable {
    case narrow
    case full
  }

  /// The names of all architectures.
  static let architectures =
    SyntheticArchitecture.allCases.map(\.rawValue) + SyntheticVisionTransformer.Architecture.allCases.map(\.rawValue)

  private let arguments: ParsedArguments
  private let model: any SyntheticFolder
  private let output: String
  /// The weights as a single file; nil for a folder.
  private let singleFile: SyntheticFile?

  init(_ arguments: ParsedArguments) throws(ToolError) {
    guard let output = arguments.string("output"), output != "-" else {
      throw .usage("model synthesize needs -o", hint: "use -o FOLDER, or -o FILE.safetensors for a single file")
    }
    self.arguments = arguments
    self.output = output
    let word = arguments.operands[1]
    let isFull = try arguments.choice("widths", of: Widths.self) == .full
    let form = try arguments.choice("form", of: SyntheticModel.Form.self)
    let seed = UInt32(try arguments.integer("seed", in: 0...Int(UInt32.max)) ?? 42)
    let isSingle = output.hasSuffix(".safetensors")
    if let architecture = SyntheticVisionTransformer.Architecture(rawValue: word) {
      try arguments.reject(["style", "vocabulary"], "with \(word)", hint: "it applies to diffusion models")
      if isSingle { throw .usage("\(word) is written as a folder", hint: "use -o FOLDER") }
      model = SyntheticVisionTransformer(architecture, isFull: isFull, form: form, seed: seed)
      singleFile = nil
      return
    }
    guard let architecture = SyntheticArchitecture(rawValue: word) else {
      throw .usage(
        "unknown architecture '\(word)' for model synthesize",
        hint: Suggestion.text(for: word, among: Self.architectures) ?? "use \(Self.architectures.listed(by: "or"))")
    }
    let style = try arguments.choice("style", of: SyntheticModel.SingleFileStyle.self) ?? .plain
    guard style == .plain || architecture == .ssd1B && isSingle else {
      throw .noEffect(
        "style", "with \(architecture == .ssd1B ? "a folder" : architecture.rawValue)",
        hint: "it applies to a single file of ssd-1b: -o FILE.safetensors")
    }
    let diffusion = SyntheticModel(
      architecture, isFull: isFull, form: form, vocabularySize: try arguments.integer("vocabulary", in: 3...1_000_000),
      seed: seed)
    model = diffusion
    singleFile = isSingle ? diffusion.singleFile(style) : nil
  }

  func run() throws -> ExitCode {
    var lines: [String] = []
    let progress = Progress(
      total: singleFile == nil ? model.folderFiles.count : 1, isQuiet: arguments.has("quiet"))
    defer { progress.clear() }
    func begin(_ path: String, _ file: SyntheticFile) {
      progress.show(done: lines.count, name: path, steps: file.tensors.map { Progress.Step($0) })
      lines.append("\(path): \(file.tensors.count) tensors, \(file.elementCount) elements, \(file.byteCount) bytes\n")
    }
    try ToolError.writing {
      if let singleFile {
        begin(output, singleFile)
        try model.write(singleFile, to: output, observer: progress.observer())
      } else {
        try model.writeFolder(
          output, willWrite: { begin("\(output)/\($0.name)", $0) }, observer: progress.observer())
      }
    }
    progress.clear()
    return arguments.has("quiet") ? .success : try Tool.write(lines.joined())
  }
}
