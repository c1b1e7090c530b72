// SPDX-License-Identifier: Apache-2.0
import Tensor

package enum Tool {
  package static let version = "0.1.0"

  /// Finds the command, parses its arguments and runs it.
  ///
  /// - Throws: `ToolError`; anything else is a bug.
  package static func run(_ arguments: [String]) throws -> ExitCode {
    guard let first = arguments.first else {
      throw ToolError.usage("no command", hint: "see 'diffcut help'")
    }
    switch first {
    case "-h", "--help": return try write(HelpText.overview)
    case "-V", "--version": return try write("diffcut \(version)\n")
    default: break
    }
    guard let command = CommandTable.commands.first(where: { $0.name == first }) else {
      let names = CommandTable.commands.map(\.name)
      throw ToolError.usage(
        first.hasPrefix("-") ? "unknown option '\(first)'" : "unknown command '\(first)'",
        hint: suggestion(for: first, among: names).map { "did you mean '\($0)'?" } ?? "see 'diffcut help'")
    }
    let parsed = try ParsedArguments(Array(arguments.dropFirst()), for: command)
    if parsed.has("help") { return try write(HelpText.page(for: command)) }
    if let set = try parsed.choice("isa", of: InstructionSet.self) {
      do throws(InstructionSetError) {
        try InstructionSet.force(set)
      } catch {
        throw ToolError.usage(
          "--isa is '\(set.rawValue)', which this processor lacks",
          hint: InstructionSet.supported.map(\.rawValue).joined(separator: ", "))
      }
    }
    do throws(InstructionSetError) {
      _ = try InstructionSet.requested()
    } catch {
      throw ToolError.usage("\(error)")
    }
    if let threads = try parsed.integer("threads", in: 1...1024) { Parallel.threadCount = threads }
    switch command.name {
    case "segment": return try SegmentCommand(parsed).run()
    case "cut": return try CutCommand(parsed).run()
    case "refine": return try RefineCommand(parsed).run()
    case "features": return try FeaturesCommand(parsed).run()
    case "model": return try ModelCommand(parsed).run()
    case "verify": return try VerifyCommand(parsed).run()
    case "bench": return try BenchCommand(parsed).run()
    default: return try help(parsed.operands.first)
    }
  }

  private static func help(_ name: String?) throws -> ExitCode {
    guard let name else { return try write(HelpText.overview) }
    guard let command = CommandTable.commands.first(where: { $0.name == name }) else {
      throw ToolError.usage(
        "no help for '\(name)'",
        hint: suggestion(for: name, among: CommandTable.commands.map(\.name)).map { "did you mean '\($0)'?" })
    }
    return try write(HelpText.page(for: command))
  }

  /// Writes text to standard output. A reader that went away is no failure, a full disk is one.
  static func write(_ text: String) throws -> ExitCode {
    try writeResult([Array(text.utf8)], to: "-")
    return .success
  }

  /// Writes a result, turning failures into exit code 5; a closed pipe counts as success.
  static func writeResult(_ parts: [[UInt8]], to path: String) throws(ToolError) {
    do {
      try OutputFile.write(parts, to: path)
    } catch {
      if path == "-" && error.isBrokenPipe { return }
      throw ToolError(.cannotWrite, "\(error)")
    }
  }
}
