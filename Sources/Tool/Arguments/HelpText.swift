// SPDX-License-Identifier: Apache-2.0

/// Help, generated from the command table and the topics.
package enum HelpText {
  /// What `diffcut help` prints.
  package static var overview: String {
    let rows = CommandTable.commands.map { ($0.name, $0.summary) }
    let topics = HelpTopic.all.map { ($0.name, $0.summary) }
    let width = (rows + topics).map(\.0.count).max() ?? 0
    func list(_ rows: [(String, String)]) -> String {
      rows.map { "  \(padded($0, to: width))  \($1)" }.joined(separator: "\n")
    }
    let codes = ExitCode.allCases.map { "\($0.rawValue) \($0.summary)" }.joined(separator: ", ")
    return """
      diffcut: zero-shot segmentation by recursive normalized cuts

      usage: diffcut COMMAND [options]

      commands:
      \(list(rows))

      topics:
      \(list(topics))

      'diffcut help COMMAND' shows a command's options, 'diffcut help TOPIC' a topic, 'diffcut help --man' all of it as a manual
      page; 'diffcut --version' the version, with --json the instructions and cores in use too.

      \(wrapped("exit codes: \(codes)", width: lineWidth))

      """
  }

  /// What `diffcut help` takes.
  package static var subjects: [String] { CommandTable.commands.map(\.name) + HelpTopic.all.map(\.name) }

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

  /// What `diffcut help TOPIC` prints.
  package static func page(for topic: HelpTopic) -> String {
    let blocks = topic.blocks.map { block in
      switch block {
      case .paragraph(let text): return wrapped(text, width: lineWidth)
      case .rows(let rows):
        let width = rows.map(\.head.count).max() ?? 0
        return rows.map { row in
          let text = wrapped(row.text, width: lineWidth - width - 4).split(separator: "\n")
          let indent = "\n" + padded("", to: width + 4)
          return "  \(padded(row.head, to: width))  \(text.joined(separator: indent))"
        }.joined(separator: "\n")
      case .commands(let lines): return lines.map { "  \($0)" }.joined(separator: "\n")
      }
    }
    return "diffcut: \(topic.summary)\n\n" + blocks.joined(separator: "\n\n") + "\n"
  }

  /// Columns that running text may take.
  static let lineWidth = 120

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

  private static func head(of flag: Flag) -> String {
    let short = flag.short.map { "-\($0), " } ?? "    "
    return short + "--\(flag.name)" + (flag.value.map { " \($0)" } ?? "")
  }
}
