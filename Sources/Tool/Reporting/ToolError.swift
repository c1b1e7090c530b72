// SPDX-License-Identifier: Apache-2.0
import Experiments
import Formats
import Linalg
import Segment
import Tensor
import UNet

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
  /// The work needs more memory than the machine has, or than `--memory` allows.
  case tooLittleMemory = 6
  /// A bug.
  case internalError = 70
  /// Files could not be read or written for now; the same command may succeed later.
  case temporary = 75

  /// The meaning in a few words.
  package var summary: String {
    switch self {
    case .success: "done"
    case .someInputsFailed: "some images failed or a golden differs"
    case .usage: "wrong usage"
    case .badModel: "bad features, model or golden"
    case .badInput: "no readable image"
    case .cannotWrite: "results cannot be written"
    case .tooLittleMemory: "too little memory"
    case .internalError: "a bug"
    case .temporary: "temporary failure of a file"
    }
  }

  /// The state of the results, and what to do.
  package var advice: String {
    switch self {
    case .success: "every result is written"
    case .someInputsFailed:
      "the other images are written, and standard error names the failures; or a stage of 'verify' exceeds its limit"
    case .usage: "an unknown option, a bad value, or results that would overwrite each other; nothing was computed"
    case .badModel: "missing, damaged or of an unsupported kind; 'diffcut model check' tests a model"
    case .badInput: "every image, or the photograph of a golden, is missing, damaged or of an unsupported format"
    case .cannotWrite: "check permissions and free space, then run the command again"
    case .tooLittleMemory: "nothing was computed; raise --memory, or use a smaller --size"
    case .internalError: "please report the message"
    case .temporary: "a stale network file, or too many open files; run the command again later"
    }
  }
}

/// A failure as the user sees it: one line with the advice at its end, and an exit code.
package struct ToolError: Error, Equatable, Sendable {
  package let code: ExitCode
  package let message: String
  /// The advice: what to do.
  package let hint: String?

  package init(_ code: ExitCode, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  package static func usage(_ message: String, hint: String? = nil) -> ToolError {
    ToolError(.usage, message, hint: hint)
  }

  /// The message with its advice: WHAT: WHERE: WHY; do THIS.
  package var line: String { hint.map { "\(message); \($0)" } ?? message }

  /// The text for standard error.
  package var text: String { "diffcut: error: \(printable(line))\n" }
}

extension ToolError {
  /// Creates the failure that a library error is to the user. All commands take messages and exit codes from here.
  ///
  /// - `FileError`, `CheckpointError`: the message names the file itself. A file error that may pass has exit code 75, every
  ///   checkpoint error 3.
  /// - Settings that no encoder, network, clustering method or refinement takes, and grids that do not fit: exit code 2.
  /// - Contents of a file: `PATH: ERROR` with the exit code `code`.
  /// - Anything else is a bug: exit code 70.
  ///
  /// - Parameters:
  ///   - path: the file, or what else the message begins with; "-" is standard input.
  ///   - code: the exit code for a file that cannot be used: 4 for photographs, lists and labeled sets, 3 for features, models,
  ///     goldens, sums and label maps beside them.
  package init(_ error: any Error, reading path: String, as code: ExitCode = .badModel) {
    let name = path == "-" ? "standard input" : path
    switch error {
    case let error as ToolError: self = error
    case let error as FileError: self.init(error.isTemporary ? .temporary : code, "\(error)", hint: error.advice)
    case let error as CheckpointError: self.init(.badModel, "\(error)")
    case is EncoderError, is ClusteringError, is InstructionSetError, DiffusionError.noLevel: self = .usage("\(error)")
    case is DiffusionError, is GoldenError: self.init(.badModel, "\(name): \(error)")
    case RefinementError.iterations, RefinementError.dilationCount, RefinementError.dilation, RefinementError.side:
      self = .usage("\(error)")
    case OutputError.noImage, OutputError.noSegmentation, FeatureError.conflictingGrid,
      AttentionError.gridMismatch, AttentionError.unequalGrids:
      self = .usage("\(name): \(error)")
    case FeatureError.notSquare(let nodes):
      self = .usage("\(name) has \(nodes) nodes and does not state its grid", hint: Self.gridHint(nodes))
    case AttentionError.notSquare(let cells):
      self = .usage("\(name) has \(cells) cells and does not state its grid", hint: Self.gridHint(cells))
    case AttentionError.badShape:
      self.init(code, "\(name): \(error)", hint: "'diffcut features --attention FILE' writes attention maps")
    case is ImageError, is LabelMapError, is NPYError, is SafetensorsError, is JSONError, is FeatureError,
      is AttentionError, is RefinementError, is EigensolverError, is OutputError, is EvaluationError, is CoherenceError,
      is SimilarityError:
      self.init(code, "\(name): \(error)")
    default: self.init(.internalError, "\(name): \(error)", hint: "this is a bug: please report this message")
    }
  }

  /// The advice for a map of `count` cells without a grid: an example of the most square one.
  private static func gridHint(_ count: Int) -> String {
    let height = (1...max(1, count)).last { $0 * $0 <= count && count % $0 == 0 } ?? 1
    return "pass --grid HEIGHTxWIDTH, for example --grid \(height)x\(count / height)"
  }

  /// Runs a body whose errors are about one file, and throws them as the user sees them.
  ///
  /// - Parameters: as of `init(_:reading:as:)`.
  static func reading<Result>(
    _ path: String, as code: ExitCode = .badModel, _ body: () throws -> Result
  ) throws(ToolError) -> Result {
    do {
      return try body()
    } catch {
      throw ToolError(error, reading: path, as: code)
    }
  }

  /// Runs a body that writes files, and throws its errors as the user sees them: exit code 5, or 75 for an error that may pass.
  static func writing<Result>(_ body: () throws -> Result) throws(ToolError) -> Result {
    try reading("results", as: .cannotWrite, body)
  }

  /// Whether the failure is one of a single input, so that others can still be processed.
  var concernsOneInput: Bool { code == .badInput || code == .temporary }
}

extension FileError {
  /// The advice: an existing path like a missing one, a folder instead of a file, or a name in UTF-8.
  var advice: String? {
    guard case .system(let operation, let path, let code, _) = self else { return nil }
    if operation == "create directory", code == Platform.notADirectory { return "pass the name of a folder" }
    guard operation.hasPrefix("open") else { return nil }
    // A listing has this character where the bytes of a name are not UTF-8.
    if path.unicodeScalars.contains("\u{fffd}") { return "if its name is not UTF-8, rename the file" }
    guard code == Platform.noSuchFile, let near = Suggestion.path(closeTo: path) else { return nil }
    return "did you mean '\(near)'?"
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
