// SPDX-License-Identifier: Apache-2.0

/// The manual page diffcut(1), in the man macros of roff that groff and mandoc know, from the table and the topics.
package enum ManualPage {
  package static var text: String {
    var lines = [
      ".\\\" Written by 'diffcut help --man'.",
      ".TH DIFFCUT 1 \(Tool.versionDate) \"diffcut \(Tool.version)\" \"User Commands\"",
      ".SH NAME", "diffcut \\- zero\\-shot image segmentation by recursive normalized cuts",
      ".SH SYNOPSIS", ".B diffcut", ".I COMMAND", "[options] [operands]", ".br", ".B diffcut", ".B \\-\\-version",
      "[\\fB\\-\\-json\\fR]",
      ".SH DESCRIPTION",
    ]
    lines += filledLines(
      """
      diffcut segments photographs without labels, prompts or training by the method DiffCut (Couairon et al., NeurIPS 2024). The \
      features of an image become a graph. Normalized cuts split the graph in two, and its parts again, until every cut would cost \
      more than tau.
      """)
    lines += [".PP"]
    lines += filledLines(
      """
      Options may precede or follow operands. --name VALUE equals --name=VALUE, and -n VALUE equals -nVALUE. The last value of a \
      repeated option counts. After -- every argument is an operand. An option that has no effect beside the others is an error. \
      diffcut --version --json prints one line of JSON with the version, the instruction sets of this machine and the number of \
      threads.
      """)
    lines += [".SH COMMANDS"]
    for command in CommandTable.commands { lines += section(of: command) }
    for topic in HelpTopic.all { lines += section(of: topic) }
    lines += [".SH EXAMPLES"]
    lines += examples(CommandTable.commands.flatMap(\.examples)).dropFirst()
    lines += [".SH SEE ALSO"]
    lines += filledLines(
      """
      P. Couairon, M. Shukor, J.-E. Haugeard, M. Cord, N. Thome: DiffCut: Catalyzing Zero-Shot Semantic Segmentation with \
      Diffusion Features and Recursive Normalized Cut. NeurIPS 2024, arXiv 2406.02842.
      """)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func section(of command: Command) -> [String] {
    var lines = [".SS \(escaped(command.name))"]
    lines += [".B diffcut \(escaped(command.name))"] + filledLines("[options] \(command.operands)") + [".PP"]
    lines += filledLines(command.summary.capitalizedFirst + ".")
    for paragraph in HelpText.paragraphs(of: command.description + "\n\n" + command.details) {
      lines += [".PP"] + filledLines(paragraph)
    }
    for group in OptionGroup.allCases {
      let flags = command.flags.filter { $0.group == group }
      if flags.isEmpty { continue }
      lines += [".PP", ".I \(group.rawValue.capitalizedFirst)"]
      lines += flags.flatMap(rows)
    }
    return lines
  }

  private static func rows(of flag: Flag) -> [String] {
    let value = flag.value.map { " \\fI\(escaped($0))\\fR" } ?? ""
    let names = flag.spellings.map { "\\fB\(escaped($0))\\fR" }.joined(separator: ", ")
    return [".TP", names + value] + filledLines(flag.explanation)
  }

  private static func section(of topic: HelpTopic) -> [String] {
    let titles = ["environment": "ENVIRONMENT", "exit-codes": "EXIT STATUS"]
    var lines = [".SH \(titles[topic.name] ?? escaped(topic.name.uppercased()))"]
    for (index, block) in topic.blocks.enumerated() {
      switch block {
      case .paragraph(let text):
        if index > 0 { lines.append(".PP") }
        lines += filledLines(text)
      case .rows(let rows):
        for row in rows { lines += [".TP", "\\fB\(escaped(row.head))\\fR"] + filledLines(row.text) }
      case .commands(let commands): lines += examples(commands)
      }
    }
    return lines
  }

  /// Lines to be typed, as they are.
  private static func examples(_ commands: [String]) -> [String] {
    commands.flatMap { [".PP", ".nf", ".RS", escapingControlLine(escaped($0)), ".RE", ".fi"] }
  }

  /// Running text in short lines, none of which looks like a request of roff.
  private static func filledLines(_ text: String) -> [String] {
    HelpText.wrapped(escaped(text), width: 78).split(separator: "\n").map { escapingControlLine(String($0)) }
  }

  /// The line, protected if it begins like a request.
  private static func escapingControlLine(_ line: String) -> String { line.hasPrefix(".") ? "\\&" + line : line }

  /// The text with roff's special characters escaped. Hyphens stay ASCII, so that options can be copied from the page.
  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "~": result += "\\(ti"
      case "^": result += "\\(ha"
      case "`": result += "\\(ga"
      case "'": result += "\\(aq"
      case _ where scalar.value > 0x7e: result += "\\[u\(hex(scalar.value))]"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }

  /// At least four hexadecimal digits, as in roff's names of characters.
  private static func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

extension String {
  /// The text with its first letter in upper case.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
