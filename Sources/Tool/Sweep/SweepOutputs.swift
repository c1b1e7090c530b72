// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// Where a sweep goes, as `sweep` and `merge` take it.
struct SweepOutputs {
  private let csv: String?
  private let plot: String?
  private let partial: String?
  private let tuneList: String?
  private let x: SweepPlot.Quantity?
  private let measure: SweepPlot.Measure?
  private let isJSON: Bool
  private let isQuiet: Bool
  private let csvOption: String

  /// Takes `--plot` and what goes with it, `--partial`, `--tune-list`, `--json` and `--quiet`.
  ///
  /// - Parameter csvOption: the option that names the table.
  init(_ arguments: ParsedArguments, csvOption: String) throws(ToolError) {
    self.csvOption = csvOption
    csv = arguments.string(csvOption)
    plot = arguments.string("plot")
    partial = arguments.string("partial")
    tuneList = arguments.string("tune-list")
    x = try arguments.choice("plot-x", of: SweepPlot.Quantity.self)
    measure = try arguments.choice("plot-y", of: SweepPlot.Measure.self)
    isJSON = arguments.has("json")
    isQuiet = arguments.has("quiet")
    if let plot { try NamedFiles.check(plot: plot) }
  }

  /// - Parameter inputs: files that must not be written over.
  /// - Throws: `ToolError` with exit code 2 for results in one place.
  func checkFiles(inputs: [String] = []) throws(ToolError) {
    let table = csvOption == "output" ? "-o" : "--\(csvOption)"
    let named = [(table, csv), ("--plot", plot), ("--partial", partial), ("--tune-list", tuneList)]
    try NamedFiles.check(named, inputs: inputs, isJSON: isJSON)
  }

  /// Scores of a labeled set.
  ///
  /// - Parameter tuned: images that are not to be scored again.
  func write(_ report: SweepReport, tuned: [String] = []) throws {
    let picture = plot.map { _ in SweepPlot(report, measure: measure).svg(along: x) }
    try writeFiles([
      (csv, report.csv), (plot, picture.map { Array($0.utf8) } ?? []),
      (partial, report.results.flatMap(\.partialFile)), (tuneList, Array(tuned.map { $0 + "\n" }.joined().utf8)),
    ])
    try writeReport(json: report.json, text: csv == nil ? report.text : report.summary)
  }

  /// Inputs without labels.
  ///
  /// - Parameter encoder: its name; nil for features.
  func write(_ results: [InputSweep.Result], encoder: String?) throws {
    let picture = plot.map { _ in SweepPlot(results, encoder: encoder).svg(along: x) }
    try writeFiles([(csv, InputSweep.Result.csv(results)), (plot, picture.map { Array($0.utf8) } ?? [])])
    try writeReport(
      json: results.map(\.json.line).joined(), text: results.map { csv == nil ? $0.table : $0.summary }.joined())
  }

  /// - Throws: `ToolError` with exit code 2 for a plot that cannot be drawn of these settings.
  func check(_ settings: [SweepSetting], hasLabels: Bool) throws(ToolError) {
    if let measure, measure != .segments, !hasLabels {
      throw .usage("--plot-y \(measure.rawValue) needs labels", hint: "pass a set with --dataset")
    }
    if let x, settings.contains(where: { x.value(of: $0) == nil }) {
      throw .usage("--plot-x \(x.rawValue) needs a diffusion model", hint: "pass one with --model")
    }
  }

  /// All are ready before the first is written.
  private func writeFiles(_ files: [(path: String?, bytes: [UInt8])]) throws(ToolError) {
    for file in files {
      if let path = file.path { try Tool.writeResult([file.bytes], to: path) }
    }
  }

  private func writeReport(json: String, text: String) throws {
    if isQuiet && !isJSON { return }
    // Standard output is kept free of words where it carries a file.
    if [csv, plot, partial, tuneList].contains("-") {
      Console.error(text)
    } else {
      _ = try Tool.write(isJSON ? json : text)
    }
  }
}
