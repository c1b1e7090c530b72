// SPDX-License-Identifier: Apache-2.0

/// One option of a command. Parsing, help, completions, the manual page and tests are all driven by these rows.
package struct Flag: Sendable {
  package let name: String
  package let short: Character?
  /// What the value is called in help; nil for a switch.
  package let value: String?
  package let summary: String
  /// The default as help shows it.
  package let defaultText: String?
  /// What shells offer for the value.
  package let kind: ValueKind
  /// Whether all values count when it is given several times, and not the last.
  package let isRepeatable: Bool

  /// - Parameter kind: nil takes what `value` is usually called: FILE, DIR, N and the like.
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
}

/// One command of the tool.
package struct Command: Sendable {
  package let name: String
  package let summary: String
  /// The operands as the usage line shows them.
  package let operands: String
  package let operandCount: ClosedRange<Int>
  package let flags: [Flag]
  package let discussion: String
  package let examples: [String]
  /// What the operands are, one after the other; none: as `operands` shows them.
  package let operandKinds: [ValueKind]

  package init(
    name: String, summary: String, operands: String, operandCount: ClosedRange<Int>, flags: [Flag], discussion: String,
    examples: [String], operandKinds: [ValueKind] = []
  ) {
    self.name = name
    self.summary = summary
    self.operands = operands
    self.operandCount = operandCount
    self.flags = flags
    self.discussion = discussion
    self.examples = examples
    self.operandKinds = operandKinds
  }
}
