// SPDX-License-Identifier: Apache-2.0

/// `diffcut help`: the overview, one command, one topic, or the manual page.
struct HelpCommand {
  private let text: String

  init(_ arguments: ParsedArguments) throws(ToolError) {
    if arguments.has("man") {
      guard arguments.operands.isEmpty else {
        throw .usage("--man prints the page of all commands", hint: "leave out '\(arguments.operands[0])'")
      }
      text = ManualPage.text
    } else if let subject = arguments.operands.first {
      text = try Self.page(for: subject, isComplete: arguments.has("help-all"))
    } else {
      text = HelpText.overview
    }
  }

  private static func page(for subject: String, isComplete: Bool) throws(ToolError) -> String {
    if let command = CommandTable.commands.first(where: { $0.name == subject }) {
      return HelpText.page(for: command, isComplete: isComplete)
    }
    if let topic = HelpTopic.all.first(where: { $0.name == subject }) { return HelpText.page(for: topic) }
    throw .usage(
      "no help for '\(subject)'",
      hint: Suggestion.text(for: subject, among: HelpText.subjects) ?? "see 'diffcut help' for commands and topics")
  }

  func run() throws -> ExitCode { try Tool.write(text) }
}
