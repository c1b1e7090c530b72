// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Why one image has no result; the others go on.
struct ImageFailure: Error, Equatable {
  /// What was being done.
  enum Stage: String {
    case read, decode, segment, format, write
    /// A line of standard input that names no image, one whose results have names of another's, and one that would need
    /// more memory than allowed. In other lists these are refused before any work. More memory than there is is an image's
    /// fault in every list.
    case list, name, memory
  }

  let stage: Stage
  let reason: String
  /// Whether the reason names the file already.
  let namesFile: Bool
  /// Whether the same command may succeed a little later.
  let isRetryable: Bool

  init(_ stage: Stage, _ reason: String) {
    self.init(stage: stage, reason: reason, namesFile: false, isRetryable: false)
  }

  init(_ stage: Stage, _ error: FileError) {
    let advice = error.advice.map { "; \($0)" } ?? ""
    self.init(stage: stage, reason: "\(error)\(advice)", namesFile: true, isRetryable: error.isTemporary)
  }

  /// Of a line of standard input, with a message that tells where.
  init(_ stage: Stage, _ error: ToolError) {
    self.init(stage: stage, reason: error.line, namesFile: true, isRetryable: false)
  }

  private init(stage: Stage, reason: String, namesFile: Bool, isRetryable: Bool) {
    (self.stage, self.reason, self.namesFile, self.isRetryable) = (stage, reason, namesFile, isRetryable)
  }

  /// Runs a step on one image. An error of the image becomes its failure; any other, such as one of the model, ends the run.
  ///
  /// - Throws: `ImageFailure` or `ToolError`.
  static func at<Result>(_ stage: Stage, of input: BatchInput, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      let failure = ToolError(error, reading: input.path, as: .badInput)
      throw failure.code == .badInput ? ImageFailure(stage, "\(error)") : failure
    }
  }

  /// What is printed.
  func message(_ input: BatchInput) -> String { namesFile ? reason : "\(input.title): \(reason)" }

  func error(_ input: BatchInput) -> ToolError { ToolError(isRetryable ? .temporary : .badInput, message(input)) }
}
