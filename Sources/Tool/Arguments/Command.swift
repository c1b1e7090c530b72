// SPDX-License-Identifier: Apache-2.0

/// A group of options in help, in the order of the groups.
package enum OptionGroup: String, CaseIterable, Sendable {
  case input, model, clustering, output, batch, diagnostics
}

/// One option of a command. The parser, help, completions, the manual page and the tests all read these rows.
package struct Flag: Sendable {
  package let name: String
  package let short: Character?
  /// The name of the value in help; nil for a switch.
  package let value: String?
  package private(set) var summary: String
  /// The default as help shows it.
  package private(set) var defaultText: String?
  /// The values that shells offer.
  package private(set) var kind: ValueKind
  /// Whether all values count when the option is repeated, and not only the last.
  package let isRepeatable: Bool
  package private(set) var group = OptionGroup.output
  /// The conditions without which the option has no effect.
  package private(set) var conditions: [OptionCondition] = []

  /// - Parameter kind: nil for the usual meaning of `value`: FILE, DIR, N and so on.
  package init(
    _ name: String, short: Character? = nil, value: String? = nil, default defaultText: String? = nil,
    kind: ValueKind? = nil, isRepeatable: Bool = false, _ summary: String
  ) {
    self.isRepeatable = isRepeatable
    self.name = name
    self.short = short
    self.value = value
    self.defaultText = defaultText
    self.kind = kind ?? ValueKind(placeholder: value ?? "")
    self.summary = summary
  }

  /// Returns the option with the default of one command.
  func withDefault(_ text: String, kind: ValueKind? = nil) -> Flag {
    var flag = self
    flag.defaultText = text
    if let kind { flag.kind = kind }
    return flag
  }

  /// Returns the option with another summary.
  func withSummary(_ text: String) -> Flag {
    var flag = self
    flag.summary = text
    return flag
  }

  /// Returns the option with one more condition, which is checked first.
  func only(_ condition: OptionCondition) -> Flag {
    var flag = self
    flag.conditions.insert(condition, at: 0)
    return flag
  }

  /// Returns the option in a group of help.
  fileprivate func inGroup(_ group: OptionGroup) -> Flag {
    var flag = self
    flag.group = group
    return flag
  }

  /// Returns several lists as one.
  static func list(_ parts: [Flag]...) -> [Flag] { parts.flatMap(\.self) }

  /// The summary as help shows it: after the actions, methods or formats that the option applies to.
  package var explanation: String {
    let values = conditions.flatMap(\.shownValues)
    return (values.isEmpty ? "" : values.joined(separator: ", ") + ": ") + summary
      + (defaultText.map { " [\($0)]" } ?? "")
  }
}

extension [Flag] {
  /// Returns the options, each with one more condition.
  func only(_ condition: OptionCondition) -> [Flag] { map { $0.only(condition) } }

  /// Returns the options without those of some names.
  func except(_ names: String...) -> [Flag] { filter { !names.contains($0.name) } }
}

/// One command of the tool.
package struct Command: Sendable {
  package let name: String
  package let summary: String
  /// The operands as the usage line shows them.
  package let operands: String
  package let operandCount: ClosedRange<Int>
  package let flags: [Flag]
  /// The names of the options that short help shows; empty for all of them.
  package let mainFlags: [String]
  /// A paragraph for short help.
  package let description: String
  /// Paragraphs for complete help.
  package let details: String
  /// Commands to be typed. The first one works in the source folder, on `fixtures`.
  package let examples: [String]
  /// The kinds of the operands, in order; empty for those that `operands` shows.
  package let operandKinds: [ValueKind]

  /// - Parameter options: the options by groups; those of every command are added.
  package init(
    name: String, summary: String, operands: String, operandCount: ClosedRange<Int>,
    options: KeyValuePairs<OptionGroup, [Flag]>,
    mainFlags: [String] = [], description: String, details: String = "", examples: [String],
    operandKinds: [ValueKind] = []
  ) {
    self.name = name
    self.summary = summary
    self.operands = operands
    self.operandCount = operandCount
    flags =
      options.flatMap { group, flags in flags.map { $0.inGroup(group) } }
      + CommandTable.common.map { $0.inGroup(.diagnostics) }
    self.mainFlags = mainFlags
    self.description = description
    self.details = details
    self.examples = examples
    self.operandKinds = operandKinds
  }
}
