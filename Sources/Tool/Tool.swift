// SPDX-License-Identifier: Apache-2.0
import Tensor

package enum Tool {
  package static let version = "0.1.0"
  /// When this version's options were last changed: the date of the manual page.
  package static let versionDate = "2026-12-01"

  /// Finds the command, parses its arguments and runs it.
  ///
  /// - Throws: `ToolError`; anything else is a bug.
  package static func run(_ arguments: [String]) throws -> ExitCode {
    guard let first = arguments.first else {
      throw ToolError.usage("no command", hint: "try '\(CommandTable.segment.examples[0])', or see 'diffcut help'")
    }
    switch first {
    case "-h", "--help": return try write(HelpText.overview)
    case "-V", "--version": return try showVersion(arguments.dropFirst())
    default: break
    }
    guard let command = CommandTable.commands.first(where: { $0.name == first }) else { throw unknown(first) }
    let parsed = try ParsedArguments(Array(arguments.dropFirst()), for: command)
    // 'diffcut help segment --help-all' is the page of segment.
    let isComplete = parsed.has("help-all") && (command.name != "help" || parsed.operands.isEmpty)
    if parsed.has("help") || isComplete {
      return try write(HelpText.page(for: command, isComplete: isComplete))
    }
    if let set = try parsed.choice("isa", of: InstructionSet.self) {
      do throws(InstructionSetError) {
        try InstructionSet.force(set)
      } catch {
        throw ToolError.usage(
          "--isa is '\(set.rawValue)', which this processor lacks",
          hint: "it supports \(InstructionSet.supported.map(\.rawValue).listed(by: "and"))")
      }
    }
    try checkInstructionSet()
    if let threads = try parsed.integer("threads", in: 1...1024) { Parallel.threadCount = threads }
    switch command.name {
    case "segment": return try SegmentCommand(parsed).run()
    case "report": return try ReportCommand(parsed).run()
    case "cut": return try CutCommand(parsed).run()
    case "convert": return try ConvertCommand(parsed).run()
    case "refine": return try RefineCommand(parsed).run()
    case "features": return try FeaturesCommand(parsed).run()
    case "eval": return try parsed.has("covering") ? CoveringCommand(parsed).run() : EvalCommand(parsed).run()
    case "sweep": return try SweepCommand(parsed).run()
    case "coherence": return try CoherenceCommand(parsed).run()
    case "merge": return try MergeCommand(parsed).run()
    case "model": return try ModelCommand(parsed).run()
    case "verify": return try VerifyCommand(parsed).run()
    case "bench": return try BenchCommand(parsed).run()
    case "completions": return try CompletionsCommand(parsed).run()
    default: return try HelpCommand(parsed).run()
    }
  }

  /// The error for a first argument that does not name a command, with the likely intention.
  private static func unknown(_ word: String) -> ToolError {
    if word.hasPrefix("-") {
      let names = ["help", "version"]
      let option = word.drop { $0 == "-" }.prefix { $0 != "=" }
      let owner = CommandTable.commands.first { $0.flags.contains { $0.name == option } }
      return .usage(
        "unknown option '\(word)'",
        hint: Suggestion.text(for: String(option), among: names, prefix: "--")
          ?? (owner.map { "name the command first, such as 'diffcut \($0.name) \(word)'" } ?? "see 'diffcut help'"))
    }
    if HelpTopic.all.contains(where: { $0.name == word }) {
      return .usage("'\(word)' is a help topic", hint: "see 'diffcut help \(word)'")
    }
    let endings = FileIndex.Kind.photographs.endings + FeatureSource.endings
    if word.contains("/") || Directory.kind(of: word) != nil || endings.contains(where: word.lowercased().hasSuffix) {
      let path = Suggestion.path(closeTo: word) ?? word
      let command = FeatureSource.isFeatures(path) ? "cut" : "segment"
      return .usage(
        "'\(word)' is not a command",
        hint: "did you mean 'diffcut \(command) \(Shell.word(path))'?")
    }
    return .usage(
      "unknown command '\(word)'",
      hint: Suggestion.text(for: word, among: CommandTable.commands.map(\.name)) ?? "see 'diffcut help'")
  }

  /// Checks the instruction set that the environment asks for.
  private static func checkInstructionSet() throws(ToolError) {
    _ = try ToolError.reading("the environment") { try InstructionSet.requested() }
  }

  /// The version, with `--json` also what the program found of the machine.
  private static func showVersion(_ rest: ArraySlice<String>) throws -> ExitCode {
    guard let option = rest.first else { return try write("diffcut \(version)\n") }
    guard option == "--json", rest.count == 1 else {
      throw ToolError.usage(
        "unexpected argument '\(rest.last ?? "")' for --version", hint: "use --version or --version --json")
    }
    try checkInstructionSet()
    let json: OrderedJSON = [
      "version": .string(version), "isa": .string(InstructionSet.active.rawValue),
      "supported": .strings(InstructionSet.supported.map(\.rawValue)), "threads": .integer(Parallel.threadCount),
    ]
    return try write(json.line)
  }

  /// Writes text to standard output. A closed pipe is not an error; a full disk is one.
  static func write(_ text: String) throws -> ExitCode {
    try writeResult([Array(text.utf8)], to: "-")
    return .success
  }

  /// Writes a result, turning failures into exit code 5; a closed pipe counts as success.
  static func writeResult(_ parts: [[UInt8]], to path: String) throws(ToolError) {
    try writeResult(to: path) { append in for part in parts { try append(part) } }
  }

  /// Writes a result piece by piece; an error of `body` leaves no file.
  ///
  /// - Throws: `ToolError`: exit code 5 for a file that cannot be written; what `body` throws.
  static func writeResult(
    to path: String, _ body: (_ append: ([UInt8]) throws -> Void) throws -> Void
  ) throws(ToolError) {
    var failure: (any Error)?
    do throws(FileError) {
      try OutputFile.write(to: path) { sink throws(FileError) in
        do {
          try body { try sink.append($0.span) }
        } catch let error as FileError {
          throw error
        } catch {
          failure = error
          throw FileError.notAFile(path: path)
        }
      }
    } catch {
      if path == "-" && error.isBrokenPipe { return }
      throw ToolError(failure ?? error, reading: path, as: .cannotWrite)
    }
  }
}
