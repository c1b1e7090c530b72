// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// `diffcut merge`: sums of several runs of `eval` in, scores out.
struct MergeCommand {
  private let paths: [String]
  private let outputs: EvaluationOutputs

  init(_ arguments: ParsedArguments) throws(ToolError) {
    paths = arguments.operands
    outputs = try EvaluationOutputs(arguments)
  }

  func run() throws -> ExitCode {
    var result = try EvaluationResult(contentsOf: paths[0])
    for path in paths.dropFirst() { try result.add(EvaluationResult(contentsOf: path), named: path) }
    try outputs.write(result)
    return .success
  }
}
