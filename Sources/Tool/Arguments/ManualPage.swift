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
    lines += running(
      """
      diffcut segments photographs without labels, prompts or training, as DiffCut (Couairon et al., NeurIPS 2024) does: features \
      of an image become a graph, and the graph is cut in two by normalized cuts, again and again, until a cut would cost more \
      than tau.
      """)
    lines += [".PP"]
    lines += running(
      """
      Options may stand before and behind operands. --name VALUE and --name=VALUE are the same, and so are -n VALUE and -nVALUE; \
      of repeated options the last one holds. After -- everything is an operand. With --json, --version prints one line of JSON \
      with the version, the instruction sets of this machine and the cores in use.
      """)
    lines += [".SH COMMANDS"]
    for command in CommandTable.commands { lines += section(of: command) }
    for topic in HelpTopic.all { lines += section(of: topic) }
    lines += [".SH EXAMPLES"]
    lines += examples(CommandTable.commands.flatMap(\.examples)).dropFirst()
    lines += [".SH SEE ALSO"]
    lines += running(
      """
      P. Couairon, M. Shukor, J.-E. Haugeard, M. Cord, N. Thome: DiffCut: Catalyzing Zero-Shot Semantic Segmentation with \
      Diffusion Features and Recursive Normalized Cut. NeurIPS 2024, arXiv 2406.02842.
      """)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func section(of command: Command) -> [String] {
    var lines = [".SS \(escaped(command.name))"]
    lines += [".B diffcut \(escaped(command.name))"] + running("[options] \(command.operands)") + [".PP"]
    lines += running(command.summary.prefix(1).uppercased() + command.summary.dropFirst() + ".")
    for paragraph in paragraphs(of: command.discussion) { lines += [".PP"] + running(paragraph) }
    for flag in command.flags {
      let names = (flag.short.map { ["-\($0)"] } ?? []) + ["--\(flag.name)"]
      let value = flag.value.map { " \\fI\(escaped($0))\\fR" } ?? ""
      lines += [".TP", names.map { "\\fB\(escaped($0))\\fR" }.joined(separator: ", ") + value]
      lines += running(flag.summary + (flag.defaultText.map { " [\($0)]" } ?? ""))
    }
    return lines
  }

  private static func section(of topic: HelpTopic) -> [String] {
    let titles = ["environment": "ENVIRONMENT", "exit-codes": "EXIT STATUS"]
    var lines = [".SH \(titles[topic.name] ?? escaped(topic.name.uppercased()))"]
    for (index, block) in topic.blocks.enumerated() {
      switch block {
      case .paragraph(let text):
        if index > 0 { lines.append(".PP") }
        lines += running(text)
      case .rows(let rows):
        for row in rows { lines += [".TP", "\\fB\(escaped(row.head))\\fR"] + running(row.text) }
      case .commands(let commands): lines += examples(commands)
      }
    }
    return lines
  }

  /// Lines to be typed, as they are.
  private static func examples(_ commands: [String]) -> [String] {
    commands.flatMap { [".PP", ".nf", ".RS", unmistakable(escaped($0)), ".RE", ".fi"] }
  }

  private static func paragraphs(of discussion: String) -> [String] {
    var paragraphs: [String] = [""]
    for line in discussion.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty { paragraphs.append("") } else { paragraphs[paragraphs.count - 1] += line + " " }
    }
    return paragraphs.filter { !$0.isEmpty }
  }

  /// Text that is filled: in short lines, none of which roff takes for a request.
  private static func running(_ text: String) -> [String] {
    HelpText.wrapped(escaped(text), width: 78).split(separator: "\n").map { unmistakable(String($0)) }
  }

  /// A line that does not begin as a request does.
  private static func unmistakable(_ line: String) -> String { line.hasPrefix(".") ? "\\&" + line : line }

  /// Text whose characters stand for themselves: hyphens stay ASCII, so that options can be copied from the page.
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

  /// Four digits at least, as roff names characters.
  private static func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
