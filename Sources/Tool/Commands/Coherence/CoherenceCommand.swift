// SPDX-License-Identifier: Apache-2.0
import Segment

/// `diffcut coherence`: how alike patches of one class are, as an ROC curve or as a picture.
struct CoherenceCommand {
  /// What is made.
  enum Action: String, CaseIterable {
    case roc, heatmap, plot
  }

  private enum Work {
    case roc(PatchPairs)
    case heatmap(SimilarityPicture)
    case plot(CurvePlot)
  }

  private let work: Work

  init(_ arguments: ParsedArguments) throws {
    let operands = Array(arguments.operands.dropFirst())
    switch try arguments.action(Action.self) {
    case .roc:
      if let operand = operands.first {
        throw ToolError.usage(
          "unexpected argument '\(operand)' for coherence roc", hint: "pass a folder of features with --features DIR")
      }
      work = .roc(try PatchPairs(arguments))
    case .heatmap:
      guard operands.count == 1 else {
        throw ToolError.usage(
          operands.isEmpty
            ? "coherence heatmap needs IMAGE or FEATURES"
            : "unexpected argument '\(operands[1])' for coherence heatmap",
          hint: "pass another image with --in")
      }
      work = .heatmap(try SimilarityPicture(arguments, source: operands[0]))
    case .plot:
      guard !operands.isEmpty else {
        throw ToolError.usage("coherence plot needs CURVE...", hint: "pass files of 'coherence roc' --csv or --partial")
      }
      work = .plot(try CurvePlot(arguments, operands))
    }
  }

  func run() throws -> ExitCode {
    switch work {
    case .roc(let pairs): try pairs.run()
    case .heatmap(let picture): try picture.run()
    case .plot(let plot): try plot.run()
    }
    return .success
  }
}

/// `diffcut coherence plot`: several curves in one picture.
struct CurvePlot {
  private let operands: [String]
  private let output: String
  private let isQuiet: Bool

  init(_ arguments: ParsedArguments, _ operands: [String]) throws(ToolError) {
    self.operands = operands
    guard let output = arguments.string("output") else {
      throw .usage("coherence plot needs -o FILE", hint: "use -o curves.svg, or -o - for stdout")
    }
    try NamedFiles.check(plot: output)
    for operand in operands {
      let path = operand.firstIndex(of: "=").map { String(operand[operand.index(after: $0)...]) } ?? operand
      if OutputFile.isSameFile(output, path) || OutputFile.isSameFile(output, operand) {
        throw .usage("the plot would overwrite '\(path)'", hint: "pass another file with -o")
      }
    }
    self.output = output
    isQuiet = arguments.has("quiet")
  }

  func run() throws {
    let curves = try operands.map { operand throws(ToolError) in try CurveFile(operand) }
    try Tool.writeResult([CoherenceReport.plot(curves.map { ($0.name, $0.curve) })], to: output)
    if isQuiet { return }
    let text = curves.map { "\(fixed($0.curve.area, 4))  \(printable($0.name))\n" }.joined()
    if output == "-" { Console.error(text) } else { _ = try Tool.write(text) }
  }
}
