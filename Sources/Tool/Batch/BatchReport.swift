// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// Tells what becomes of the images of a run, and counts it.
final class BatchReport {
  /// How much is said, and where.
  struct Options {
    var isJSON = false
    var isQuiet = false
    var isVerbose = false
    /// Whether words go to standard error because standard output carries a result.
    var usesStandardError = false
    /// Whether images that fail leave the exit code 0.
    var exitsZero = false
    /// The file of `--report`.
    var path: String?
  }

  private let options: Options
  private let settings: RunSettings
  private let folder: ResultFolder?
  /// Nil while it is not known.
  private let imageCount: Int?
  private let progress: Progress
  private let file: LineFile?
  private let start = Platform.monotonicSeconds

  /// Images so far.
  private(set) var count = 0
  private(set) var doneCount = 0
  private(set) var skippedCount = 0
  private(set) var pendingCount = 0
  private(set) var failures: [(input: BatchInput, failure: ImageFailure)] = []

  /// - Throws: `ToolError` with exit code 5 when the report cannot be begun.
  init(
    _ options: Options, settings: RunSettings, folder: ResultFolder?, imageCount: Int?, progress: Progress
  ) throws(ToolError) {
    self.options = options
    self.settings = settings
    self.folder = folder
    self.imageCount = imageCount
    self.progress = progress
    file = try ToolError.writing { try options.path.map { try LineFile(path: $0) } }
  }

  /// Adds an image.
  func add(_ input: BatchInput, _ outcome: ImageOutcome) throws {
    let report = ImageReport(input: input, outcome: outcome, settings: settings, folder: folder)
    progress.clear()
    count += 1
    if let file {
      try ToolError.writing { try file.append(report.json(isVerbose: options.isVerbose)) }
    }
    if options.isJSON {
      try printLine(report.json(isVerbose: options.isVerbose))
    } else if !options.isQuiet {
      try printLine(report.text(isVerbose: options.isVerbose, isOnly: imageCount == 1))
    }
    switch outcome {
    case .done(_, let measurement):
      doneCount += 1
      if options.isVerbose && !options.isJSON && !options.isQuiet {
        Console.error(ProfileReport.table(measurement.segmentation.stages))
      }
    case .skipped: skippedCount += 1
    case .pending: pendingCount += 1
    case .failed(let failure):
      // The only failure is reported by `main`.
      if imageCount != 1 || options.exitsZero { Console.error(failure.error(input).text) }
      failures.append((input, failure))
    }
  }

  /// The last words of a run.
  ///
  /// - Parameter joined: files that join all images.
  /// - Throws: the only image's failure.
  func finish(joined: [String], isStopped: Bool) throws -> ExitCode {
    progress.clear()
    let imageCount = imageCount ?? count
    guard let first = failures.first else {
      if imageCount > 1 || imageCount == 1 && !joined.isEmpty, !options.isQuiet && !options.isJSON {
        try printLine(summary(joined, imageCount))
      }
      return .success
    }
    if self.imageCount == 1 && !options.exitsZero { throw first.failure.error(first.input) }
    let code: ExitCode =
      options.exitsZero
      ? .success
      : failures.count < imageCount
        ? .someInputsFailed : failures.allSatisfy(\.failure.isRetryable) ? .temporary : .badInput
    let rest = isStopped ? ", the rest was skipped (--fail-fast)" : ""
    Console.error(
      "diffcut: \(failures.count) of \(imageCount) images failed (exit \(code.rawValue))\(rest). First: "
        + printable(first.failure.message(first.input)) + "."
        + (options.path.map { " Details: \(printable($0))" } ?? "") + "\n")
    return code
  }

  private func summary(_ joined: [String], _ imageCount: Int) -> String {
    let counts = [(doneCount, "segmented"), (skippedCount, "already done"), (pendingCount, "to do")]
    let words = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    return
      "\(imageCount) image\(imageCount == 1 ? "" : "s"): \(words), \(milliseconds(Platform.monotonicSeconds - start))"
      + (joined.isEmpty ? "" : " -> \(joined.map(printable).joined(separator: ", "))") + "\n"
  }

  private func printLine(_ text: String) throws {
    if options.usesStandardError { Console.error(text) } else { _ = try Tool.write(text) }
  }
}
