// SPDX-License-Identifier: Apache-2.0

/// A condition without which an option has no effect. An option whose conditions do not hold is an error in every command.
package enum OptionCondition: Sendable {
  /// The first operand is one of these actions.
  case action([String])
  /// Another option has one of `values`, or any value if `values` is empty. `standard` is the option's value if it is not given.
  case with(String, values: [String], standard: String?)
  /// Another option is not given, or does not have this value.
  case without(String, value: String?)

  static func action(_ names: String...) -> OptionCondition { .action(names) }
  static func with(_ option: String, _ values: String..., standard: String? = nil) -> OptionCondition {
    .with(option, values: values, standard: standard)
  }
  static func without(_ option: String, _ value: String? = nil) -> OptionCondition { .without(option, value: value) }

  /// The values that help shows before the summary of the option: none if the condition holds by default.
  var shownValues: [String] {
    switch self {
    case .action(let names): names
    case .with(_, let values, let standard): standard == nil ? values : []
    case .without: []
    }
  }
}

extension ParsedArguments {
  /// Rejects options that have no effect beside the others.
  ///
  /// - Throws: `ToolError` with exit code 2.
  func checkEffects() throws(ToolError) {
    for flag in command.flags where has(flag.name) {
      for condition in flag.conditions { try check(condition, of: flag) }
    }
  }

  private func check(_ condition: OptionCondition, of flag: Flag) throws(ToolError) {
    switch condition {
    case .action(let names):
      guard let action = command.action(operands.first), !names.contains(action) else { return }
      throw .noEffect(
        flag.name, "with '\(command.name) \(action)'",
        hint: "it applies to " + names.map { "'\(command.name) \($0)'" }.listed(by: "and"))
    case .with(let name, let values, let standard):
      let other = command.flags.first { $0.name == name }
      let found = list(name) ?? []
      // The command itself rejects an unknown value.
      if let words = other?.kind.words, !words.isEmpty, !found.allSatisfy(words.contains) { return }
      if values.isEmpty ? has(name) : values.contains(where: found.contains) { return }
      let wanted =
        values.isEmpty
        ? "--\(name)" + (other?.value.map { " \($0)" } ?? "") : "--\(name) " + values.listed(by: "or")
      if !has(name) {
        if let standard, values.contains(standard) { return }
        throw .noEffect(flag.name, "without \(wanted)")
      }
      throw .noEffect(
        flag.name, "with --\(name) \(found.joined(separator: ","))", hint: "it applies to \(wanted)")
    case .without(let name, let value):
      guard has(name), value == nil || string(name) == value else { return }
      throw .noEffect(
        flag.name, "with --\(name)" + (value.map { " \($0)" } ?? ""), hint: "leave out one of the two")
    }
  }

  /// Rejects options that have no effect on inputs of one kind.
  ///
  /// - Parameters:
  ///   - options: the options without effect.
  ///   - place: what they have no effect with: "with photographs".
  ///   - hint: the inputs that they apply to.
  /// - Throws: `ToolError` with exit code 2.
  func reject(_ options: [String], _ place: String, hint: String? = nil) throws(ToolError) {
    if let option = options.first(where: has) { throw .noEffect(option, place, hint: hint) }
  }
}

extension ToolError {
  /// The error for an option that has no effect.
  static func noEffect(_ option: String, _ place: String, hint: String? = nil) -> ToolError {
    .usage("--\(option) has no effect \(place)", hint: hint)
  }
}

extension Command {
  /// The action that the first operand names. A command that takes files as well has one more action, named after the file:
  /// FEATURES.
  func action(_ operand: String?) -> String? {
    switch operandsInOrder.first {
    case .choices(let words): operand.flatMap { words.contains($0) ? $0 : nil }
    case .fileOr(let words): operand.map { words.contains($0) ? $0 : operandPlaceholder }
    default: nil
    }
  }

  /// The first placeholder in capitals of the usage line.
  private var operandPlaceholder: String {
    operands.split { "| .[]".contains($0) }.first { $0 == $0.uppercased() }.map(String.init) ?? operands
  }
}

extension [String] {
  /// The words in a sentence: "a", "a or b", "a, b or c".
  func listed(by conjunction: String) -> String {
    guard count > 1, let last else { return first ?? "" }
    return dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
  }
}
