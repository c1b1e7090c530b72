// SPDX-License-Identifier: Apache-2.0

/// What the value of an option, or an operand, stands for: shells complete it accordingly.
package indirect enum ValueKind: Equatable, Sendable {
  /// Words of the user's own: nothing is offered.
  case text
  case number
  case file
  case directory
  case choices([String])
  /// Words of a few, with commas between them.
  case list([String])
  /// A file, or one of a few words.
  case fileOr([String])
  /// A command, or a topic of help.
  case subject
  /// An operand that means one thing behind a certain operand and another behind all others.
  case following(String, then: ValueKind, otherwise: ValueKind)

  /// The words of an enum.
  package static func choices<Choice: RawRepresentable & CaseIterable>(of: Choice.Type) -> ValueKind
  where Choice.RawValue == String {
    .choices(Choice.allCases.map(\.rawValue))
  }

  /// What a placeholder of help stands for where its row does not say.
  package init(placeholder: String) {
    switch placeholder {
    case "FILE", "PATH": self = .file
    case "DIR", "FOLDER": self = .directory
    case "N", "T", "A", "PIXELS": self = .number
    default: self = .text
    }
  }

  /// The words that are offered.
  package var words: [String] {
    switch self {
    case .choices(let words), .list(let words), .fileOr(let words): words
    case .subject: HelpText.subjects
    case .text, .number, .file, .directory, .following: []
    }
  }
}

extension Command {
  /// What each operand stands for. The last one stands for all that follow where their number has no limit.
  package var operandsInOrder: [ValueKind] {
    let kinds = operandKinds.isEmpty ? operandsAsShown : operandKinds
    guard !takesAnyNumberOfOperands, let last = kinds.last else { return kinds }
    return (0..<operandCount.upperBound).map { $0 < kinds.count ? kinds[$0] : last }
  }

  package var takesAnyNumberOfOperands: Bool { operandCount.upperBound == Int.max }

  /// As the usage line has it: words in small letters are meant as they are, those in capitals are files.
  private var operandsAsShown: [ValueKind] {
    operands.split(separator: " ").map { operand in
      let parts = operand.filter { !"[].".contains($0) }.split(separator: "|").map(String.init)
      let words = parts.filter { $0 == $0.lowercased() }
      if words.isEmpty { return .file }
      return words.count == parts.count ? .choices(words) : .fileOr(words)
    }
  }
}
