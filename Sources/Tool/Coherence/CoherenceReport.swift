// SPDX-License-Identifier: Apache-2.0
import Experiments
import Formats
import Segment
import Tensor

/// An ROC curve for people, for spreadsheets and for programs.
struct CoherenceReport {
  let result: CoherenceResult
  /// Nil where pairs of one class or of two are missing.
  let curve: ROCCurve?

  private var histogram: CoherenceHistogram { result.histogram }

  /// Whose pairs they are.
  private var subject: String {
    let count = result.images.count
    return "\(result.dataset), protocol \(result.evaluationProtocol), pairs "
      + result.pairing.text("\(count) image\(count == 1 ? "" : "s")")
  }

  var text: String {
    "\(subject), \(result.source): \(histogram.pairCount) pairs, \(histogram.positiveCount) of one class\n"
      + "area under the ROC curve \(curve.map { fixed($0.area, 4) } ?? "undefined")\n"
  }

  /// Null for what is undefined.
  var json: OrderedJSON {
    [
      "v": 1, "dataset": .string(result.dataset), "protocol": .string(result.evaluationProtocol),
      "source": .string(result.source), "across": .integer(result.pairing.images),
      "settings": .string(result.settingsHash), "images": .integer(result.images.count),
      "pairs": .integer(histogram.pairCount), "positives": .integer(histogram.positiveCount),
      "area": .number(curve?.area),
    ]
  }

  static let csvHeader = ["threshold", "fpr", "tpr"]

  /// A line for each point, as scikit-learn's `roc_curve` gives them: the smallest cosine that counts as positive first.
  static func csv(_ curve: ROCCurve) -> [UInt8] {
    let lines = curve.falsePositiveRates.indices.map { point in
      CSV.line([
        "\(CoherenceHistogram.thresholds[point])", "\(curve.falsePositiveRates[point])",
        "\(curve.truePositiveRates[point])",
      ])
    }
    return Array((CSV.line(csvHeader) + lines.joined()).utf8)
  }

  /// The curve by itself.
  func plot(_ curve: ROCCurve) -> [UInt8] {
    Self.plot([(result.source, curve)], subtitle: subject)
  }

  /// Curves and the diagonal of chance, as SVG.
  static func plot(_ curves: [(name: String, curve: ROCCurve)], subtitle: String = "") -> [UInt8] {
    let plot = LinePlot(
      title: "Semantic coherence of patches", subtitle: subtitle,
      x: .init("pairs of two classes above the threshold", range: 0...1),
      y: .init("pairs of one class above the threshold", range: 0...1),
      series: curves.map { name, curve in
        LinePlot.Series(
          // First the area: long names are cut.
          "\(fixed(curve.area, 3))  \(name)",
          zip(curve.falsePositiveRates, curve.truePositiveRates).map { LinePlot.Point($0, $1) })
      }, hasDiagonal: true)
    return Array(plot.svg.utf8)
  }
}

/// Where a curve goes, as `coherence roc` and `merge` take it.
struct CoherenceOutputs {
  private let csv: String?
  private let plot: String?
  private let partial: String?
  private let isJSON: Bool
  private let isQuiet: Bool

  /// Takes `--csv`, `--plot`, `--partial`, `--json` and `--quiet`.
  init(_ arguments: ParsedArguments) throws(ToolError) {
    csv = arguments.string("csv")
    plot = arguments.string("plot")
    partial = arguments.string("partial")
    isJSON = arguments.has("json")
    isQuiet = arguments.has("quiet")
    if let plot { try NamedFiles.check(plot: plot) }
  }

  /// - Throws: `ToolError` with exit code 2 for results in one place.
  func checkFiles() throws(ToolError) {
    try NamedFiles.check([("--csv", csv), ("--plot", plot), ("--partial", partial)], isJSON: isJSON)
  }

  /// - Throws: `ToolError`: exit code 4 where there is no curve, unless the counts alone are wanted; 5.
  func write(_ result: CoherenceResult) throws {
    var curve: ROCCurve?
    do throws(CoherenceError) {
      curve = try result.histogram.curve()
    } catch {
      if partial == nil || csv != nil || plot != nil {
        throw ToolError(
          .badInput, "\(error)",
          hint: "to keep the counts for 'diffcut merge', use --partial FILE without --csv, --plot and --json")
      }
    }
    let report = CoherenceReport(result: result, curve: curve)
    // All are ready before the first is written.
    let files = [
      (csv, curve.map(CoherenceReport.csv)), (plot, curve.map(report.plot)), (partial, result.partialFile),
    ]
    for (path, bytes) in files {
      if let path, let bytes { try Tool.writeResult([bytes], to: path) }
    }
    if isQuiet && !isJSON { return }
    // Standard output is kept free of words where it carries a file.
    if [csv, plot, partial].contains("-") {
      Console.error(report.text)
    } else {
      _ = try Tool.write(isJSON ? report.json.line : report.text)
    }
  }
}
