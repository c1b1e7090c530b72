// SPDX-License-Identifier: Apache-2.0

/// The actions of a command, named by its first operand.
protocol CommandAction: RawRepresentable, CaseIterable where RawValue == String {}

extension ParsedArguments {
  /// The action that the first operand names.
  ///
  /// - Throws: `ToolError` with exit code 2.
  func action<Action: CommandAction>(_: Action.Type) throws(ToolError) -> Action {
    let names = Action.allCases.map(\.rawValue)
    guard let action = Action(rawValue: operands[0]) else {
      throw .usage(
        "unknown action '\(operands[0])' for \(command.name)",
        hint: Suggestion.text(for: operands[0], among: names) ?? "it has \(names.listed(by: "and"))")
    }
    return action
  }
}
