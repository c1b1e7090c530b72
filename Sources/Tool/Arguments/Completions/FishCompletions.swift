// SPDX-License-Identifier: Apache-2.0

/// Completions for fish: one line for each command, option and operand, with summaries.
enum FishCompletions {
  static func script(for commands: [Command]) -> String {
    """
    # fish completion for diffcut \(Tool.version), written by 'diffcut completions fish'.

    # The command and its operands before the cursor, without options and their values.
    function __diffcut_words
      set -l command ''
      set -l valued
      set -l skip no
      set -l ended no
      for word in (commandline -opc)[2..-1]
        if test $skip = yes
          set skip no
        else if test $ended = no; and test "$word" = --
          set ended yes
        else if test $ended = no; and string match -qr -- '^-.' "$word"
          contains -- "$word" $valued; and set skip yes
        else
          echo -- $word
          if test -z "$command"
            set command $word
            switch "$command"
    \(commands.map(valuedOptions).joined(separator: "\n"))
            end
          end
        end
      end
    end

    # Whether the command comes next.
    function __diffcut_needs_command
      test (count (__diffcut_words)) = 0
    end

    # Whether the command is this one.
    function __diffcut_is
      set -l words (__diffcut_words)
      test "$words[1]" = $argv[1]
    end

    # Whether the command is this one and its operand of that number comes next; 0 means any number.
    function __diffcut_operand
      set -l words (__diffcut_words)
      test "$words[1]" = $argv[1]; and test $argv[2] = 0 -o (count $words) = $argv[2]
    end

    # Whether the last operand is this word.
    function __diffcut_follows
      set -l words (__diffcut_words)
      test "$words[-1]" = $argv[1]
    end

    # Words that the list at the cursor does not hold yet, behind those that it holds.
    function __diffcut_list
      set -l given (string replace -r '^(--[^=]*=|-[a-zA-Z])' '' -- (commandline -ct) | string split ,)
      set -e given[-1]
      for word in $argv
        contains -- $word $given; or string join , $given $word
      end
    end

    complete -c diffcut -f
    complete -c diffcut -n __diffcut_needs_command -s h -l help -d 'show help'
    complete -c diffcut -n __diffcut_needs_command -s V -l version -d 'show the version'
    \((commands.map(name) + commands.flatMap(options) + commands.flatMap(operands)).joined(separator: "\n"))

    """
  }

  private static func valuedOptions(_ command: Command) -> String {
    let options = command.flags.filter { $0.value != nil }.flatMap(\.spellings).joined(separator: " ")
    return "          case \(command.name)\n            set valued \(options)"
  }

  private static func name(_ command: Command) -> String {
    "complete -c diffcut -n __diffcut_needs_command -a \(command.name) -d \(quoted(command.summary))"
  }

  private static func options(_ command: Command) -> [String] {
    command.flags.map { flag in
      let short = flag.short.map { " -s \($0)" } ?? ""
      let value = flag.value == nil ? "" : " " + argument(flag.kind)
      return
        "complete -c diffcut -n '__diffcut_is \(command.name)'\(short) -l \(flag.name)\(value) -d \(quoted(flag.summary))"
    }
  }

  private static func operands(_ command: Command) -> [String] {
    let kinds = command.operandsInOrder
    return kinds.enumerated().flatMap { index, kind in
      let isRepeated = command.isVariadic && index == kinds.count - 1
      let place = "__diffcut_operand \(command.name) \(isRepeated ? 0 : index + 1)"
      guard case .following(let word, let then, let otherwise) = kind else { return offer(kind, where: place) }
      return offer(then, where: "\(place); and __diffcut_follows \(word)")
        + offer(otherwise, where: "\(place); and not __diffcut_follows \(word)")
    }
  }

  private static func offer(_ kind: ValueKind, where condition: String) -> [String] {
    let start = "complete -c diffcut -n \(quoted(condition))"
    switch kind {
    case .text, .number, .following: return []
    case .file: return ["\(start) -F"]
    case .directory: return ["\(start) -a '(__fish_complete_directories)'"]
    case .choices, .subject: return ["\(start) -a \(quoted(kind.words.joined(separator: " ")))"]
    case .list: return ["\(start) -a \(quoted(list(kind.words)))"]
    case .fileOr: return ["\(start) -F -a \(quoted(kind.words.joined(separator: " ")))"]
    }
  }

  /// The arguments of an option's value: "-x" requires a value and offers no files, "-r -F" requires one and offers files.
  private static func argument(_ kind: ValueKind) -> String {
    switch kind {
    case .text, .number, .following: "-x"
    case .file: "-r -F"
    case .directory: "-x -a '(__fish_complete_directories)'"
    case .choices, .subject: "-x -a \(quoted(kind.words.joined(separator: " ")))"
    case .list: "-x -a \(quoted(list(kind.words)))"
    case .fileOr: "-r -F -a \(quoted(kind.words.joined(separator: " ")))"
    }
  }

  private static func list(_ words: [String]) -> String { "(__diffcut_list \(words.joined(separator: " ")))" }

  private static func quoted(_ text: String) -> String {
    text.reduce(into: "'") { result, character in
      if "\\'".contains(character) { result.append("\\") }
      result.append(character)
    } + "'"
  }
}
