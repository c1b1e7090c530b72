// SPDX-License-Identifier: Apache-2.0

/// `diffcut completions`: a script for a shell.
struct CompletionsCommand {
  private let shell: Shell

  init(_ arguments: ParsedArguments) throws(ToolError) {
    let word = arguments.operands[0]
    guard let shell = Shell(rawValue: word) else {
      let names = Shell.allCases.map(\.rawValue)
      throw .usage(
        "no completions for '\(word)', expected one of \(names.joined(separator: ", "))",
        hint: Suggestion.text(for: word, among: names))
    }
    self.shell = shell
  }

  func run() throws -> ExitCode { try Tool.write(shell.script(for: CommandTable.commands)) }
}
