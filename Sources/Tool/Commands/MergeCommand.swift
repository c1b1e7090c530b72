// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// `diffcut merge`: what shares of the images gave, joined to what one run over all of them gives.
struct MergeCommand {
  private let arguments: ParsedArguments
  private let outputs: EvaluationOutputs
  private let sweepOutputs: SweepOutputs

  init(_ arguments: ParsedArguments) throws(ToolError) {
    self.arguments = arguments
    outputs = try EvaluationOutputs(arguments)
    sweepOutputs = try SweepOutputs(arguments, csvOption: "csv")
  }

  func run() throws -> ExitCode {
    let paths = arguments.operands
    let kind = paths.lazy.map(ShareJoining.kind).first { $0 != .empty }
    if let kind, kind != .other { return try ShareJoining(arguments: arguments).run(kind) }
    for option in ["output", "manifest"] where arguments.has(option) {
      throw ToolError.usage("--\(option) is for reports and COCO files", hint: "--partial writes sums")
    }
    var results = try EvaluationResult.results(contentsOf: paths[0])
    for path in paths.dropFirst() {
      try EvaluationResult.add(EvaluationResult.results(contentsOf: path), to: &results, named: path)
    }
    if results[0].sweep != nil {
      try sweepOutputs.checkFiles()
      try sweepOutputs.check(results.compactMap(\.sweep?.setting), hasLabels: true)
      try sweepOutputs.write(SweepReport(results: results))
      return .success
    }
    if let option = CommandTable.plotting.map(\.name).first(where: arguments.has) {
      throw ToolError.usage("--\(option) is for sums of 'diffcut sweep', '\(paths[0])' has those of one setting")
    }
    try outputs.write(results[0])
    return .success
  }
}
