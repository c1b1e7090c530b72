// SPDX-License-Identifier: Apache-2.0

/// What a command of several does, named by its first operand.
protocol CommandAction: RawRepresentable, CaseIterable where RawValue == String {
  /// The options that it takes, of those that not all do.
  var options: [String] { get }
}

extension ParsedArguments {
  /// The action that the first operand names.
  ///
  /// - Throws: `ToolError` with exit code 2, also for an option of other actions.
  func action<Action: CommandAction>(_: Action.Type) throws(ToolError) -> Action {
    let (word, names) = (operands[0], Action.allCases.map(\.rawValue))
    guard let action = Action(rawValue: word) else {
      throw .usage(
        "unknown action '\(word)' for \(command.name)",
        hint: suggestion(for: word, among: names).map { "did you mean '\($0)'?" }
          ?? names.dropLast().joined(separator: ", ") + " or \(names.last ?? "")")
    }
    for flag in command.flags where has(flag.name) && !action.options.contains(flag.name) {
      let owners = Action.allCases.filter { $0.options.contains(flag.name) }.map(\.rawValue)
      if owners.isEmpty { continue }
      throw .usage("--\(flag.name) is for \(command.name) \(owners.joined(separator: ", ")), not for \(word)")
    }
    return action
  }
}
