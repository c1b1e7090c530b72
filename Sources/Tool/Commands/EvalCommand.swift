// SPDX-License-Identifier: Apache-2.0
import Segment

/// `diffcut eval`: a labeled set in, scores out.
struct EvalCommand {
  private let samples: [EvaluationSample]
  private let result: EvaluationResult
  private let scoring: EvaluationScoring
  private let source: SegmentSource
  private let outputs: EvaluationOutputs
  private let progressMode: Progress.Mode
  private let isQuiet: Bool

  /// Reads the options, a model's structure and the names of files; no image.
  init(_ arguments: ParsedArguments) throws {
    let words = try LabeledSet.Words(arguments)
    progressMode = try arguments.choice("progress", of: Progress.Mode.self) ?? .automatic
    source = try SegmentSource(arguments)
    let set = try LabeledSet(words, arguments, needsImages: source.needsImages)
    samples = try set.samples.share(arguments)
    outputs = try EvaluationOutputs(arguments)
    isQuiet = arguments.has("quiet")
    scoring = set.scoring(size: source.labelSize)
    result = set.emptyResult(of: source.text, size: source.labelSize, settings: try source.settings())
  }

  func run() throws -> ExitCode {
    var result = result
    let progress = Progress(total: samples.count, isQuiet: isQuiet, mode: progressMode)
    defer { progress.clear() }
    for (index, sample) in samples.enumerated() {
      progress.show(done: index, name: sample.id)
      try ToolError.reading(sample.labels, as: .badInput) {
        try result.sums.add(scoring.sums(of: sample, source: source, progress: progress))
      }
      result.images.append(sample.id)
    }
    progress.clear()
    try outputs.write(EvaluationReport(result: result))
    return .success
  }
}
