// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor

/// Scores for people, for spreadsheets, for programs, and for `diffcut merge`.
protocol ScoreReport {
  var text: String { get }
  var csv: [UInt8] { get }
  /// One line of standard output.
  var json: OrderedJSON { get }
  var partialFile: [UInt8] { get }
}

/// Scores of classes.
struct EvaluationReport: ScoreReport {
  let result: EvaluationResult

  var partialFile: [UInt8] { result.partialFile }

  private var sums: EvaluationSums { result.sums }

  /// What was scored, and how.
  var heading: String {
    "\(result.dataset), protocol \(result.evaluationProtocol), \(result.source): \(sums.imageCount) "
      + "image\(sums.imageCount == 1 ? "" : "s"), \(sums.pixelCount) pixels\n"
  }

  /// A line for each class, and the scores.
  var text: String {
    let names = result.classNames
    let width = max(5, names.map(\.count).max() ?? 0)
    func line(_ cells: [String]) -> String {
      flushRight(cells[0], in: 5) + "  " + padded(cells[1], to: width) + flushRight(cells[2], in: 8)
        + cells[3...].map { flushRight($0, in: 12) }.joined() + "\n"
    }
    var text = heading + line(["class", "name", "IoU", "tp", "fp", "fn"])
    for (index, iou) in sums.intersectionsOverUnion.enumerated() {
      text += line([
        "\(index)", printable(names[index]), iou.map { fixed($0, 4) } ?? "-", "\(sums.truePositives[index])",
        "\(sums.falsePositives[index])", "\(sums.falseNegatives[index])",
      ])
    }
    return text + summary
  }

  /// Both scores in a line. A class that is neither in labels nor in segments is not in the mean.
  var summary: String {
    func text(_ value: Double?) -> String { value.map { fixed($0, 4) } ?? "undefined" }
    let count = sums.intersectionsOverUnion.count { $0 != nil }
    return
      "mIoU \(text(sums.meanIntersectionOverUnion)) over \(count) of \(sums.classCount) classes, pixel accuracy "
      + "\(text(sums.accuracy))\n"
  }

  /// Null for what is undefined.
  var json: OrderedJSON {
    let classes = sums.intersectionsOverUnion.enumerated().map { index, iou -> OrderedJSON in
      [
        "class": .integer(index), "name": .string(result.classNames[index]), "iou": .number(iou),
        "tp": .integer(sums.truePositives[index]), "fp": .integer(sums.falsePositives[index]),
        "fn": .integer(sums.falseNegatives[index]),
      ]
    }
    return [
      "v": 1, "dataset": .string(result.dataset), "protocol": .string(result.evaluationProtocol),
      "source": .string(result.source), "settings": .string(result.settingsHash), "images": .integer(sums.imageCount),
      "pixels": .integer(sums.pixelCount), "miou": .number(sums.meanIntersectionOverUnion),
      "accuracy": .number(sums.accuracy), "classes": .array(classes),
    ]
  }

  /// A line for each class; the IoU is empty where it is undefined.
  var csv: [UInt8] {
    let lines = sums.intersectionsOverUnion.enumerated().map { index, iou in
      CSV.line([
        "\(index)", result.classNames[index], iou.map { "\($0)" } ?? "", "\(sums.truePositives[index])",
        "\(sums.falsePositives[index])", "\(sums.falseNegatives[index])",
      ])
    }
    return Array((CSV.line(["class", "name", "iou", "tp", "fp", "fn"]) + lines.joined()).utf8)
  }
}

/// Where the scores go, as `eval` and `merge` take it.
struct EvaluationOutputs {
  private let partial: String?
  private let csv: String?
  private let isJSON: Bool
  let isQuiet: Bool

  /// Takes `--partial`, `--csv`, `--json` and `--quiet`.
  init(_ arguments: ParsedArguments) throws(ToolError) {
    partial = arguments.string("partial")
    csv = arguments.string("csv")
    isJSON = arguments.has("json")
    isQuiet = arguments.has("quiet")
    if let partial, let csv, partial == csv || OutputFile.isSameFile(partial, csv) {
      throw .usage("--partial and --csv both name '\(csv)'", hint: "pass two different files")
    }
  }

  func write(_ report: some ScoreReport) throws {
    if let partial { try Tool.writeResult([report.partialFile], to: partial) }
    if let csv { try Tool.writeResult([report.csv], to: csv) }
    if isQuiet && !isJSON { return }
    let text = isJSON ? report.json.line : report.text
    // Standard output is kept free of words where it carries a file.
    if partial == "-" || csv == "-" { Console.error(text) } else { _ = try Tool.write(text) }
  }
}
