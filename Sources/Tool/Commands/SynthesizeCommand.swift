// SPDX-License-Identifier: Apache-2.0
import Tensor
import UNet

/// `diffcut model synthesize`: a model with random weights in the form of a published one.
struct SynthesizeCommand {
  enum Widths: String, CaseIterable {
    case narrow
    case full
  }

  private let arguments: ParsedArguments
  private let model: SyntheticModel
  private let output: String
  private let style: SyntheticModel.SingleFileStyle

  init(_ arguments: ParsedArguments) throws(ToolError) {
    let word = arguments.operands[1]
    guard let architecture = SyntheticArchitecture(rawValue: word) else {
      let names = SyntheticArchitecture.allCases.map(\.rawValue)
      throw .usage(
        "unknown architecture '\(word)' for model synthesize",
        hint: Suggestion.text(for: word, among: names) ?? "use \(names.listed(by: "or"))")
    }
    guard let output = arguments.string("output"), output != "-" else {
      throw .usage("model synthesize needs -o", hint: "use -o FOLDER, or -o FILE.safetensors for a single file")
    }
    style = try arguments.choice("style", of: SyntheticModel.SingleFileStyle.self) ?? .plain
    guard style == .plain || architecture == .ssd1B && output.hasSuffix(".safetensors") else {
      throw .noEffect(
        "style", "with \(architecture == .ssd1B ? "a folder" : architecture.rawValue)",
        hint: "it applies to a single file of ssd-1b: -o FILE.safetensors")
    }
    self.arguments = arguments
    self.output = output
    model = SyntheticModel(
      architecture, isFull: try arguments.choice("widths", of: Widths.self) == .full,
      form: try arguments.choice("form", of: SyntheticModel.Form.self),
      vocabularySize: try arguments.integer("vocabulary", in: 3...1_000_000),
      seed: UInt32(try arguments.integer("seed", in: 0...Int(UInt32.max)) ?? 42))
  }

  func run() throws -> ExitCode {
    var lines: [String] = []
    let isSingle = output.hasSuffix(".safetensors")
    let progress = Progress(
      total: isSingle ? 1 : model.architecture.components.count, isQuiet: arguments.has("quiet"))
    defer { progress.clear() }
    func begin(_ path: String, _ file: SyntheticModel.File) {
      progress.show(done: lines.count, name: path, steps: file.tensors.map { Progress.Step($0) })
      lines.append("\(path): \(file.tensors.count) tensors, \(file.elementCount) elements, \(file.byteCount) bytes\n")
    }
    try ToolError.writing {
      if isSingle {
        let file = model.singleFile(style)
        begin(output, file)
        try model.write(file, to: output, observer: progress.observer())
      } else {
        try model.writeFolder(
          output, willWrite: { begin("\(output)/\($0.name)", $0) }, observer: progress.observer())
      }
    }
    progress.clear()
    return arguments.has("quiet") ? .success : try Tool.write(lines.joined())
  }
}
