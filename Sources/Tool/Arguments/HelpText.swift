// SPDX-License-Identifier: Apache-2.0

/// Help, generated from the command table.
package enum HelpText {
  /// What `diffcut help` prints.
  package static var overview: String {
    let width = CommandTable.commands.map(\.name.count).max() ?? 0
    let rows = CommandTable.commands.map { "  \(padded($0.name, to: width))  \($0.summary)" }
    return """
      diffcut: zero-shot segmentation by recursive normalized cuts

      usage: diffcut COMMAND [options]

      commands:
      \(rows.joined(separator: "\n"))

      'diffcut help COMMAND' shows a command's options; 'diffcut --version' the version.

      exit codes: 0 done, 1 some images failed or a golden differs, 2 wrong usage, 3 bad features, model or golden,
      4 no readable image, 5 results cannot be written, 6 more memory needed than allowed, 70 a bug, 75 files cannot be
      read or written for now, 130 and 143 stopped by SIGINT and SIGTERM

      """
  }

  /// What `diffcut help COMMAND` prints.
  package static func page(for command: Command) -> String {
    var text =
      "diffcut \(command.name): \(command.summary)\n\nusage: diffcut \(command.name) [options] \(command.operands)\n"
    if !command.discussion.isEmpty { text += "\n" + command.discussion + "\n" }
    text += "\noptions:\n"
    let heads = command.flags.map(head)
    let width = heads.map(\.count).max() ?? 0
    for (flag, head) in zip(command.flags, heads) {
      let defaultText = flag.defaultText.map { " [\($0)]" } ?? ""
      text += "  \(padded(head, to: width))  \(flag.summary)\(defaultText)\n"
    }
    if !command.examples.isEmpty {
      text += "\nexamples:\n" + command.examples.map { "  \($0)\n" }.joined()
    }
    return text
  }

  private static func head(of flag: Flag) -> String {
    let short = flag.short.map { "-\($0), " } ?? "    "
    return short + "--\(flag.name)" + (flag.value.map { " \($0)" } ?? "")
  }

  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
