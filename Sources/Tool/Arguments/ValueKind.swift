// SPDX-License-Identifier: Apache-2.0

/// The kind of an option's value or of an operand, which decides what shells offer.
package indirect enum ValueKind: Equatable, Sendable {
  /// Free text: shells offer nothing.
  case text
  case number
  case file
  case directory
  case choices([String])
  /// Some of several words, with commas between them.
  case list([String])
  /// A file, or one of several words.
  case fileOr([String])
  /// A command, or a topic of help.
  case subject
  /// An operand whose kind depends on the operand before it.
  case following(String, then: ValueKind, otherwise: ValueKind)

  /// The words of an enum.
  package static func choices<Choice: RawRepresentable & CaseIterable>(of: Choice.Type) -> ValueKind
  where Choice.RawValue == String {
    .choices(Choice.allCases.map(\.rawValue))
  }

  /// The kind that a placeholder of help implies.
  package init(placeholder: String) {
    switch placeholder {
    case "FILE", "PATH": self = .file
    case "DIR", "FOLDER": self = .directory
    case "N", "T", "A", "PIXELS": self = .number
    default: self = .text
    }
  }

  /// The words that shells offer.
  package var words: [String] {
    switch self {
    case .choices(let words), .list(let words), .fileOr(let words): words
    case .subject: HelpText.subjects
    case .text, .number, .file, .directory, .following: []
    }
  }
}

extension Command {
  /// The kind of each operand. The last kind also counts for all operands after it, if their number has no limit.
  package var operandsInOrder: [ValueKind] {
    let kinds = operandKinds.isEmpty ? operandsAsShown : operandKinds
    guard !isVariadic, let last = kinds.last else { return kinds }
    return (0..<operandCount.upperBound).map { $0 < kinds.count ? kinds[$0] : last }
  }

  package var isVariadic: Bool { operandCount.upperBound == Int.max }

  /// The kinds in the usage line: words in lower case are literal, words in capitals are files.
  private var operandsAsShown: [ValueKind] {
    operands.split(separator: " ").map { operand in
      let parts = operand.filter { !"[].".contains($0) }.split(separator: "|").map(String.init)
      let words = parts.filter { $0 == $0.lowercased() }
      if words.isEmpty { return .file }
      return words.count == parts.count ? .choices(words) : .fileOr(words)
    }
  }
}
