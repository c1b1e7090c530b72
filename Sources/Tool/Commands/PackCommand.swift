// SPDX-License-Identifier: Apache-2.0
import Tensor
import UNet

/// `diffcut model pack`: what features depend on, as one file.
struct PackCommand {
  private let arguments: ParsedArguments
  private let output: String

  init(_ arguments: ParsedArguments) throws(ToolError) {
    guard let output = arguments.string("output") else {
      throw .usage("model pack needs -o", hint: "use -o FILE.safetensors")
    }
    guard output.hasSuffix(".safetensors") else {
      throw .usage("cannot pack into '\(output)'", hint: "use a name that ends with .safetensors")
    }
    self.arguments = arguments
    self.output = output
  }

  func run() throws -> ExitCode {
    let progress = Progress(total: 2, isQuiet: arguments.has("quiet"))
    defer { progress.clear() }
    let checkpoint = try ModelCommand.checkpoint(arguments.operands[1], arguments)
    if checkpoint.isPacked {
      throw ToolError.usage("'\(checkpoint.location.path)' is packed already", hint: "copy the file instead")
    }
    for path in checkpoint.stores.flatMap(\.paths) where OutputFile.isSameFile(path, output) {
      throw ToolError.usage("'\(output)' is the model to be packed", hint: "pass another file with -o")
    }
    progress.show(name: checkpoint.location.name, steps: checkpoint.steps)
    let draft = try ToolError.reading(checkpoint.location.name) {
      try PackedModel.Writer(checkpoint, observer: progress.observer())
    }
    progress.show(done: 1, name: output, steps: draft.tensors.map { Progress.Step($0) })
    try ToolError.writing { try draft.write(to: output, observer: progress.observer()) }
    if arguments.has("quiet") { return .success }
    progress.clear()
    return try Tool.write(
      "\(printable(output)): \(draft.tensors.count) tensors, \(draft.byteCount) bytes, "
        + "packed from \(printable(checkpoint.location.name))\n")
  }
}
