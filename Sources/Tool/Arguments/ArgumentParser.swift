// SPDX-License-Identifier: Apache-2.0

/// The arguments of a command, checked against its table. Values are text until a command reads them.
package struct ParsedArguments: Sendable {
  package let command: Command
  package private(set) var operands: [String] = []
  /// In the order in which they were typed.
  private var values: [String: [String]] = [:]

  /// Parses the arguments after the command's name: `--name value`, `--name=value`, `-n value`, `-nvalue`, bundled switches,
  /// `--` before operands that start with a dash. "-" is an operand. The last value of a repeated option counts; all values
  /// count for an option that may be repeated.
  ///
  /// - Throws: `ToolError` with exit code 2.
  package init(_ arguments: [String], for command: Command) throws(ToolError) {
    self.command = command
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        operands += rest
        break
      } else if argument.hasPrefix("--") {
        let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let flag = command.flags.first(where: { $0.name == name }) else {
          throw .usage(
            "unknown option '--\(name)' for \(command.name)",
            hint: Suggestion.text(for: name, among: command.flags.map(\.name), prefix: "--") ?? seeHelp)
        }
        try take(flag, spelled: "--\(name)", inline: parts.count > 1 ? String(parts[1]) : nil, from: &rest)
      } else if argument.hasPrefix("-") && argument.count > 1 {
        try parseShort(argument.dropFirst(), from: &rest)
      } else {
        operands.append(argument)
      }
    }
    if has("help") || has("help-all") { return }
    guard operands.count >= command.operandCount.lowerBound else {
      throw .usage("\(command.name) needs \(command.operands)", hint: seeHelp)
    }
    guard operands.count <= command.operandCount.upperBound else {
      throw .usage(
        "unexpected argument '\(operands[command.operandCount.upperBound])' for \(command.name)", hint: seeHelp)
    }
    try checkEffects()
  }

  private var seeHelp: String { "see 'diffcut help \(command.name)'" }

  private mutating func parseShort(_ letters: Substring, from rest: inout ArraySlice<String>) throws(ToolError) {
    var letters = letters
    while let letter = letters.popFirst() {
      guard let flag = command.flags.first(where: { $0.short == letter }) else {
        throw .usage("unknown option '-\(letter)' for \(command.name)", hint: seeHelp)
      }
      let inline = flag.value != nil && !letters.isEmpty ? String(letters.drop { $0 == "=" }) : nil
      try take(flag, spelled: "-\(letter)", inline: inline, from: &rest)
      if inline != nil { return }
    }
  }

  private mutating func take(
    _ flag: Flag, spelled: String, inline: String?, from rest: inout ArraySlice<String>
  ) throws(ToolError) {
    guard let valueName = flag.value else {
      guard inline == nil else { throw .usage("\(spelled) takes no value", hint: "write \(spelled) alone") }
      values[flag.name] = [""]
      return
    }
    guard let value = inline ?? rest.popFirst() else { throw .usage("\(spelled) needs a value: \(valueName)") }
    values[flag.name] = (flag.isRepeatable ? values[flag.name] ?? [] : []) + [value]
  }

  package func has(_ name: String) -> Bool { values[name] != nil }
  package func string(_ name: String) -> String? { values[name]?.last }
  /// All values of an option that may be repeated.
  package func strings(_ name: String) -> [String] { values[name] ?? [] }

  /// The words of an option that takes several: separated by commas, or given by repeating the option.
  package func list(_ name: String) -> [String]? {
    values[name]?.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  /// The value of a numeric option.
  package func double(_ name: String, in range: ClosedRange<Double>) throws(ToolError) -> Double? {
    guard let text = string(name) else { return nil }
    guard let value = Double(text), range.contains(value) else {
      throw .usage(
        "--\(name) is '\(text)', expected a number from \(range.lowerBound) to \(range.upperBound)",
        hint: text.contains(",") ? "use a decimal point" : nil)
    }
    return value
  }

  package func integer(_ name: String, in range: ClosedRange<Int>) throws(ToolError) -> Int? {
    guard let text = string(name) else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw .usage("--\(name) is '\(text)', expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A size "HxW", both at least 1.
  package func size(_ name: String) throws(ToolError) -> (height: Int, width: Int)? {
    guard let text = string(name) else { return nil }
    let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    let limit = 1 << 16
    guard parts.count == 2, let height = parts[0], let width = parts[1], (1...limit).contains(height),
      (1...limit).contains(width)
    else { throw .usage("--\(name) is '\(text)', expected HEIGHTxWIDTH, such as 32x32") }
    return (height, width)
  }

  /// One of a few words.
  package func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, of: Choice.Type
  ) throws(ToolError) -> Choice? where Choice.RawValue == String {
    try checkChoice(name, among: Choice.allCases.map(\.rawValue))
    return string(name).flatMap { Choice(rawValue: $0) }
  }

  /// Checks that an option has one of a few words, if it is given.
  func checkChoice(_ name: String, among words: [String]) throws(ToolError) {
    guard let text = string(name), !words.contains(text) else { return }
    throw .usage(
      "--\(name) is '\(text)', expected one of \(words.joined(separator: ", "))",
      hint: Suggestion.text(for: text, among: words))
  }

  /// The action that the first operand names.
  ///
  /// - Throws: `ToolError` with exit code 2.
  func action<Action: RawRepresentable & CaseIterable>(
    _: Action.Type
  ) throws(ToolError) -> Action where Action.RawValue == String {
    guard let action = Action(rawValue: operands[0]) else {
      let names = Action.allCases.map(\.rawValue)
      throw .usage(
        "unknown action '\(operands[0])' for \(command.name)",
        hint: Suggestion.text(for: operands[0], among: names) ?? "it has \(names.listed(by: "and"))")
    }
    return action
  }
}
