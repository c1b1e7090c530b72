// SPDX-License-Identifier: Apache-2.0

/// How the process ends. The codes are part of the interface.
package enum ExitCode: Int32, CaseIterable, Sendable {
  case success = 0
  /// Some inputs failed, the others were written; or a golden was not reproduced.
  case someInputsFailed = 1
  /// Bad option, bad value, or outputs that would overwrite one another.
  case usage = 2
  /// Features, labels, weights or goldens are missing, corrupt or of an unsupported kind.
  case badModel = 3
  /// No input could be read.
  case badInput = 4
  /// Results cannot be written.
  case cannotWrite = 5
  /// More memory would be needed than `--memory` allows.
  case tooLittleMemory = 6
  /// Something that should not happen.
  case internalError = 70
  /// Files could not be read or written for now; the same command may succeed later.
  case temporary = 75

  /// What it means, in a few words.
  package var summary: String {
    switch self {
    case .success: "done"
    case .someInputsFailed: "some images failed or a golden differs"
    case .usage: "wrong usage"
    case .badModel: "bad features, model or golden"
    case .badInput: "no readable image"
    case .cannotWrite: "results cannot be written"
    case .tooLittleMemory: "more memory needed than allowed"
    case .internalError: "a bug"
    case .temporary: "files cannot be read or written for now"
    }
  }

  /// What is there, and what to do.
  package var advice: String {
    switch self {
    case .success: "every result is written"
    case .someInputsFailed:
      "the other images are written, standard error names the failures; or a stage of 'verify' is beyond its limit"
    case .usage: "an option, a value, or results that would overwrite one another; nothing was computed"
    case .badModel: "missing, damaged or of an unsupported kind; 'diffcut model check' reads a model through"
    case .badInput: "every image, or a golden's photograph, was missing, damaged or of an unsupported format"
    case .cannotWrite: "see permissions and free space, then run it again"
    case .tooLittleMemory: "nothing was computed; allow more with --memory, or take a smaller --size"
    case .internalError: "the message is worth a report; another try may give the same"
    case .temporary: "the same command may succeed later: a stale network file, too many open files"
    }
  }
}

/// A failure as the user sees it: one line, perhaps a hint, and an exit code.
package struct ToolError: Error, Equatable, Sendable {
  package let code: ExitCode
  package let message: String
  package let hint: String?

  package init(_ code: ExitCode, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  package static func usage(_ message: String, hint: String? = nil) -> ToolError {
    ToolError(.usage, message, hint: hint)
  }

  /// What is printed on standard error.
  package var text: String {
    "diffcut: error: \(printable(message))\n" + (hint.map { "diffcut: hint: \(printable($0))\n" } ?? "")
  }
}

/// Text in one line: control characters, which a file name may hold, are spelled out.
package func printable(_ text: String) -> String {
  text.unicodeScalars.reduce(into: "") { result, scalar in
    if scalar.value < 0x20 || scalar.value == 0x7f {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
}
