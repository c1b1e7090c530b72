// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// `diffcut merge`: what shares of the images gave, joined to what one run over all of them gives.
struct MergeCommand {
  private let arguments: ParsedArguments
  private let outputs: EvaluationOutputs
  private let sweepOutputs: SweepOutputs
  private let coherenceOutputs: CoherenceOutputs

  init(_ arguments: ParsedArguments) throws(ToolError) {
    self.arguments = arguments
    outputs = try EvaluationOutputs(arguments)
    sweepOutputs = try SweepOutputs(arguments, csvOption: "csv")
    coherenceOutputs = try CoherenceOutputs(arguments)
  }

  func run() throws -> ExitCode {
    let paths = arguments.operands
    let kind = paths.lazy.map(ShardMerging.kind).first { $0 != .empty }
    if let kind, kind != .other { return try ShardMerging(arguments: arguments).run(kind) }
    try arguments.reject(
      ["output", "manifest"], "with sums", hint: "it applies to reports and COCO files; --partial writes sums")
    let first = try PartialSums.lines(of: paths[0])
    if first[0].kind == CoherenceResult.kind {
      try arguments.reject(["plot-x", "plot-y"], "with sums of 'coherence'", hint: "it applies to sums of 'sweep'")
      try coherenceOutputs.checkFiles()
      var result = try CoherenceResult(first)
      for path in paths.dropFirst() { try result.add(CoherenceResult(PartialSums.lines(of: path)), named: path) }
      try coherenceOutputs.write(result)
      return .success
    }
    if first[0].kind == CoveringResult.kind {
      try rejectPlots()
      var result = try CoveringResult(first)
      for path in paths.dropFirst() { try result.add(CoveringResult(PartialSums.lines(of: path)), named: path) }
      try outputs.write(result)
      return .success
    }
    var results = try EvaluationResult.results(first, paths[0])
    for path in paths.dropFirst() {
      try EvaluationResult.add(EvaluationResult.results(PartialSums.lines(of: path), path), to: &results, named: path)
    }
    if results[0].sweep != nil {
      try sweepOutputs.checkFiles()
      try sweepOutputs.check(results.compactMap(\.sweep?.setting), hasLabels: true)
      try sweepOutputs.write(SweepReport(results: results))
      return .success
    }
    try rejectPlots()
    try outputs.write(EvaluationReport(result: results[0]))
    return .success
  }

  /// - Throws: `ToolError` with exit code 2 for a plot of scores.
  private func rejectPlots() throws(ToolError) {
    try arguments.reject(
      CommandTable.plotting.map(\.name), "with sums of 'eval'", hint: "it applies to sums of 'sweep' and 'coherence'")
  }
}
