// SPDX-License-Identifier: Apache-2.0

/// Completions for zsh: one call of its `_arguments` for each command, with summaries.
enum ZshCompletions {
  static func script(for commands: [Command]) -> String {
    """
    #compdef diffcut
    # zsh completion for diffcut \(Tool.version), written by 'diffcut completions zsh'.

    # Words, or a file.
    _diffcut_either() {
      local -a words
      words=("$@")
      _alternative "words:word:($words)" 'files:file:_files'
    }

    # One thing behind a certain operand, another behind all others.
    _diffcut_following() {
      if [[ $line[1] == $1 ]]; then eval "$2"; else eval "$3"; fi
    }

    \(commands.map(function).joined(separator: "\n\n"))

    _diffcut() {
      local curcontext="$curcontext" state state_descr line
      local -A opt_args
      local -a commands
      commands=(
    \(commands.map { "    " + Shell.quoted("\($0.name):\($0.summary)") }.joined(separator: "\n"))
      )
      _arguments -C \\
        '(- *)'{-h,--help}'[show help]' \\
        '(- *)'{-V,--version}'[show the version]' \\
        '1:command:->command' \\
        '*::argument:->argument'
      case $state in
        command) _describe -t commands command commands ;;
        argument)
          if (( $+functions[_diffcut_$words[1]] )); then
            _diffcut_$words[1]
          fi
          ;;
      esac
    }

    if [[ $funcstack[1] == _diffcut ]]; then
      _diffcut "$@"
    else
      compdef _diffcut diffcut
    fi

    """
  }

  private static func function(_ command: Command) -> String {
    let specifications = command.flags.flatMap(specifications) + operands(command)
    return """
      _diffcut_\(command.name)() {
        local line
        _arguments -s -S \\
      \(specifications.map { "    " + Shell.quoted($0) }.joined(separator: " \\\n"))
      }
      """
  }

  /// The forms of an option; each excludes the others.
  private static func specifications(_ flag: Flag) -> [String] {
    let exclusion = "(\(flag.spellings.joined(separator: " ")))"
    return flag.spellings.map { spelling in
      guard let value = flag.value else { return "\(exclusion)\(spelling)[\(bracketed(flag.summary))]" }
      // "+": the value may follow at once or as the next word. "=": behind the sign or as the next word.
      let joint = spelling.hasPrefix("--") ? "=" : "+"
      return "\(exclusion)\(spelling)\(joint)[\(bracketed(flag.summary))]:\(value):\(action(flag.kind))"
    }
  }

  private static func operands(_ command: Command) -> [String] {
    let kinds = command.operandsInOrder
    return kinds.enumerated().map { index, kind in
      let isRepeated = command.isVariadic && index == kinds.count - 1
      return "\(isRepeated ? "*" : "\(index + 1)"):operand:\(action(kind))"
    }
  }

  private static func action(_ kind: ValueKind) -> String {
    switch kind {
    case .text, .number: " "
    case .file: "_files"
    case .directory: "_directories"
    case .choices, .subject: "(\(kind.words.joined(separator: " ")))"
    case .list: " _values -s , word \(kind.words.joined(separator: " "))"
    case .fileOr: " _diffcut_either \(kind.words.joined(separator: " "))"
    case .following(let word, let then, let otherwise):
      " _diffcut_following \(word) \(Shell.quoted(called(then))) \(Shell.quoted(called(otherwise)))"
    }
  }

  /// The kind as a separate command.
  private static func called(_ kind: ValueKind) -> String {
    switch kind {
    case .text, .number, .following: ":"
    case .file: "_files"
    case .directory: "_directories"
    case .choices, .subject: "compadd -- \(kind.words.joined(separator: " "))"
    case .list: "_values -s , word \(kind.words.joined(separator: " "))"
    case .fileOr: "_diffcut_either \(kind.words.joined(separator: " "))"
    }
  }

  private static func bracketed(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      if "[]\\:".contains(character) { result.append("\\") }
      result.append(character)
    }
  }
}
