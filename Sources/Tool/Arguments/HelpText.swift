// SPDX-License-Identifier: Apache-2.0

/// The help pages, generated from the command table and the topics.
package enum HelpText {
  /// The page of `diffcut help`.
  package static var overview: String {
    let rows = CommandTable.commands.map { ($0.name, $0.summary) }
    let topics = HelpTopic.all.map { ($0.name, $0.summary) }
    let width = (rows + topics).map(\.0.count).max() ?? 0
    func list(_ rows: [(String, String)]) -> String { self.rows(rows, width: width) }
    let codes = ExitCode.allCases.map { "\($0.rawValue) \($0.summary)" }.joined(separator: ", ")
    return """
      diffcut: zero-shot image segmentation by recursive normalized cuts

        \(CommandTable.segment.examples[0])

      usage: diffcut COMMAND [options] [operands]

      commands:
      \(list(rows))

      topics:
      \(list(topics))

      \(wrapped(
        """
        'diffcut help COMMAND' shows the main options of a command, 'diffcut COMMAND --help-all' all of them, 'diffcut help TOPIC' a \
        topic, 'diffcut help --man' the manual page, 'diffcut --version' the version ('--json' adds instruction sets and threads).
        """, width: lineWidth))

      \(wrapped("exit codes: \(codes)", width: lineWidth))

      """
  }

  /// The names of the commands and topics that have a page.
  package static var subjects: [String] { CommandTable.commands.map(\.name) + HelpTopic.all.map(\.name) }

  /// The page of a command.
  ///
  /// - Parameter isComplete: whether the page has all options and paragraphs, for `--help-all`.
  package static func page(for command: Command, isComplete: Bool = false) -> String {
    let flags =
      isComplete || command.mainFlags.isEmpty
      ? command.flags : command.flags.filter { command.mainFlags.contains($0.name) }
    var blocks = [
      "diffcut \(command.name): \(command.summary)",
      "  \(command.examples[0])",
      wrapped("usage: diffcut \(command.name) [options] \(command.operands)", width: lineWidth),
    ]
    let text = isComplete ? command.description + "\n\n" + command.details : command.description
    blocks += paragraphs(of: text).map { wrapped($0, width: lineWidth) }
    let width = flags.map { head(of: $0).count }.max() ?? 0
    for group in OptionGroup.allCases {
      let rows = flags.filter { $0.group == group }.map { (head(of: $0), $0.explanation) }
      if !rows.isEmpty { blocks.append("\(group.rawValue):\n" + self.rows(rows, width: min(width, headWidth))) }
    }
    let examples = isComplete ? command.examples.dropFirst() : command.examples.dropFirst().prefix(2)
    if !examples.isEmpty { blocks.append("examples:\n" + examples.map { "  \($0)" }.joined(separator: "\n")) }
    if !isComplete, flags.count < command.flags.count || !command.details.isEmpty {
      let rest = command.flags.count - flags.count
      let options = rest == 0 ? "" : "the other \(rest) options and "
      blocks.append("'diffcut \(command.name) --help-all' shows \(options)the details.")
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  /// The page of a topic.
  package static func page(for topic: HelpTopic) -> String {
    let blocks = topic.blocks.map { block in
      switch block {
      case .paragraph(let text): return wrapped(text, width: lineWidth)
      case .rows(let rows):
        return self.rows(rows.map { ($0.head, $0.text) }, width: min(headWidth, rows.map(\.head.count).max() ?? 0))
      case .commands(let lines): return lines.map { "  \($0)" }.joined(separator: "\n")
      }
    }
    return "diffcut: \(topic.summary)\n\n" + blocks.joined(separator: "\n\n") + "\n"
  }

  /// The columns of a terminal.
  static let lineWidth = 80
  /// The columns of the widest head of a row whose text begins on the same line.
  private static let headWidth = 24

  /// The words of a text in lines of at most `width` characters, unless a word is longer.
  package static func wrapped(_ text: String, width: Int) -> String {
    var lines: [String] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      if let line = lines.last, line.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines.joined(separator: "\n")
  }

  /// The paragraphs of a text, which empty lines separate.
  static func paragraphs(of text: String) -> [String] {
    var paragraphs: [String] = [""]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty { paragraphs.append("") } else { paragraphs[paragraphs.count - 1] += line + " " }
    }
    return paragraphs.filter { !$0.isEmpty }
  }

  /// Rows of two columns, the second one wrapped. A head wider than the first column has a line to itself.
  private static func rows(_ rows: [(head: String, text: String)], width: Int) -> String {
    let indent = "\n" + padded("", to: width + 4)
    return rows.map { head, text in
      let lines = wrapped(text, width: lineWidth - width - 4).replacing("\n", with: indent)
      return head.count > width ? "  \(head)\(indent)\(lines)" : "  \(padded(head, to: width))  \(lines)"
    }.joined(separator: "\n")
  }

  private static func head(of flag: Flag) -> String {
    let short = flag.short.map { "-\($0), " } ?? "    "
    return short + "--\(flag.name)" + (flag.value.map { " \($0)" } ?? "")
  }
}
