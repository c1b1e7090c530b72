// SPDX-License-Identifier: Apache-2.0

/// Completions for bash, from 3.2 on, with nothing of the bash-completion package.
///
/// The script finds out what the word at the cursor is, an option, the value of one or an operand, and names its *kind*:
/// `words W…`, `list W…` (words with commas between them), `either W…` (words or a file), `file`, `directory`, `value`
/// (nothing to offer), or none.
enum BashCompletions {
  static func script(for commands: [Command]) -> String {
    """
    # bash completion for diffcut \(Tool.version), written by 'diffcut completions bash'.

    # What follows an option: command, option. No kind for a switch.
    _diffcut_value() {
      case "$1 $2" in
    \(commands.flatMap(values).joined(separator: "\n"))
        *) kind= ;;
      esac
    }

    # What an operand is: command, its number from 1, the operand before it.
    _diffcut_operand() {
      case "$1 $2 $3" in
    \(commands.flatMap(operands).joined(separator: "\n"))
        *) kind= ;;
      esac
    }

    # The options of a command.
    _diffcut_options() {
      case "$1" in
        '') kind='words --help --version' ;;
    \(commands.map(options).joined(separator: "\n"))
        *) kind= ;;
      esac
    }

    _diffcut_add() {
      local line
      while IFS= read -r line; do COMPREPLY+=("$line"); done
    }

    # Words of a list that it does not hold yet, behind those that it holds.
    _diffcut_list() {
      local before=${current%"${current##*,}"} word
      local -a left=()
      for word in $1; do
        [[ ,$before == *,"$word",* ]] || left+=("$word")
      done
      compopt -o nospace 2> /dev/null
      _diffcut_add < <(compgen -P "$before" -W "${left[*]}" -- "${current##*,}")
    }

    _diffcut() {
      local current=${COMP_WORDS[COMP_CWORD]} command= option= before= kind= word i number=1 ended=
      COMPREPLY=()
      for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -n $option ]]; then
          # --name=value comes as three words.
          [[ $word == '=' ]] || option=
        elif [[ -z $ended && $word == -- ]]; then
          ended=yes
        elif [[ -z $ended && $word == -?* ]]; then
          _diffcut_value "$command" "$word"
          [[ -z $kind ]] || option=$word
        elif [[ -z $command ]]; then
          command=$word
        else
          before=$word
          number=$((number + 1))
        fi
      done
      if [[ -n $option ]]; then
        _diffcut_value "$command" "$option"
        [[ $current != '=' ]] || current=
      elif [[ -z $ended && $current == -* ]]; then
        _diffcut_options "$command"
      elif [[ -z $command ]]; then
        kind='words \(commands.map(\.name).joined(separator: " "))'
      else
        _diffcut_operand "$command" "$number" "$before"
      fi
      case $kind in
        'words '* | 'either '*) _diffcut_add < <(compgen -W "${kind#* }" -- "$current") ;;
        'list '*) _diffcut_list "${kind#* }" ;;
      esac
      case $kind in
        file | 'either '*)
          compopt -o filenames 2> /dev/null
          _diffcut_add < <(compgen -f -- "$current")
          ;;
        directory)
          compopt -o filenames 2> /dev/null
          _diffcut_add < <(compgen -d -- "$current")
          ;;
      esac
    }

    complete -F _diffcut diffcut

    """
  }

  private static func values(_ command: Command) -> [String] {
    command.flags.filter { $0.value != nil }.map { flag in
      let patterns = flag.spellings.map { Shell.quoted("\(command.name) \($0)") }
      return "    \(patterns.joined(separator: " | "))) kind=\(name(flag.kind)) ;;"
    }
  }

  private static func operands(_ command: Command) -> [String] {
    let kinds = command.operandsInOrder
    return kinds.enumerated().flatMap { index, kind in
      let isRepeated = command.isVariadic && index == kinds.count - 1
      let place = isRepeated ? Shell.quoted("\(command.name) ") + "*" : Shell.quoted("\(command.name) \(index + 1) ")
      guard case .following(let word, let then, let otherwise) = kind else {
        return ["    \(place)\(isRepeated ? "" : "*")) kind=\(name(kind)) ;;"]
      }
      return [
        "    \(place)\(Shell.quoted(word))) kind=\(name(then)) ;;",
        "    \(place)*) kind=\(name(otherwise)) ;;",
      ]
    }
  }

  private static func options(_ command: Command) -> String {
    let words = command.flags.flatMap(\.spellings).joined(separator: " ")
    return "    \(Shell.quoted(command.name))) kind=\(Shell.quoted("words \(words)")) ;;"
  }

  private static func name(_ kind: ValueKind) -> String {
    switch kind {
    case .text, .number, .following: "value"
    case .file: "file"
    case .directory: "directory"
    case .choices, .subject: Shell.quoted("words \(kind.words.joined(separator: " "))")
    case .list: Shell.quoted("list \(kind.words.joined(separator: " "))")
    case .fileOr: Shell.quoted("either \(kind.words.joined(separator: " "))")
    }
  }
}
