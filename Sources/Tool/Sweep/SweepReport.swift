// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// Scores of a labeled set over settings, for people, for spreadsheets and for programs.
struct SweepReport {
  /// One for each setting, of the same images.
  let results: [EvaluationResult]
  /// What to type to score the set at the best setting; nil unless images were drawn for it.
  var command: String?

  /// The result with the largest mean; of equal ones that with the lowest tau, then the first.
  var best: EvaluationResult? {
    let scored = results.filter { $0.sums.meanIntersectionOverUnion != nil }
    let top = scored.compactMap(\.sums.meanIntersectionOverUnion).max()
    return scored.filter { $0.sums.meanIntersectionOverUnion == top }
      .min { ($0.sweep?.setting.tau ?? 0) < ($1.sweep?.setting.tau ?? 0) }
  }

  /// What was scored, a line for each setting, the best one.
  var text: String {
    let header =
      SweepSetting.columns(of: results.compactMap(\.sweep?.setting)) + ["segments", "accuracy", "mIoU"]
    let lines = results.map { result in
      (result.sweep?.setting.columns ?? []) + [result.meanSegments.map { fixed($0, 2) } ?? "-"]
        + [result.sums.accuracy, result.sums.meanIntersectionOverUnion].map { $0.map { fixed($0, 4) } ?? "-" }
    }
    let heading = results.first.map { EvaluationReport(result: $0).heading } ?? ""
    return heading + TextTable.text([header] + lines) + summary
  }

  /// The best setting, and the command.
  var summary: String {
    guard let best, let setting = best.sweep?.setting else { return "no setting has a score\n" }
    let score = EvaluationReport(result: best).summary
    return "best: \(setting): \(score)" + (command.map { "score the set at this setting with:\n  \($0)\n" } ?? "")
  }

  /// A line for each setting; what is undefined is empty.
  var csv: [UInt8] {
    let header = CSV.line([
      "timestep", "alpha", "tau", "images", "pixels", "segments_per_image", "miou", "accuracy",
    ])
    let lines = results.map { result in
      CSV.line(
        (result.sweep?.setting.cells ?? []) + ["\(result.sums.imageCount)", "\(result.sums.pixelCount)"]
          + [result.meanSegments, result.sums.meanIntersectionOverUnion, result.sums.accuracy]
          .map { $0.map { "\($0)" } ?? "" })
    }
    return Array((header + lines.joined()).utf8)
  }

  /// One line; null for what is undefined.
  var json: String {
    func row(_ result: EvaluationResult) -> OrderedJSON {
      (result.sweep?.setting.json ?? [:]) + [
        "pixels": .integer(result.sums.pixelCount), "segments": .number(result.meanSegments),
        "miou": .number(result.sums.meanIntersectionOverUnion), "accuracy": .number(result.sums.accuracy),
      ]
    }
    guard let first = results.first else { return "" }
    let json: OrderedJSON = [
      "v": 1, "dataset": .string(first.dataset), "protocol": .string(first.evaluationProtocol),
      "source": .string(first.source), "images": .strings(first.images), "rows": .array(results.map(row)),
      "best": best.map(row) ?? .null, "command": .string(command),
    ]
    return json.line
  }
}

extension EvaluationResult {
  /// Classes of nodes in the mean of a sweep's images; nil without images.
  var meanSegments: Double? {
    sums.imageCount == 0 ? nil : sweep.map { Double($0.segmentCount) / Double(sums.imageCount) }
  }
}

extension SweepSetting: CustomStringConvertible {
  /// As messages have it.
  var description: String {
    "tau \(tau), alpha \(alpha)" + (timestep.map { ", timestep \($0)" } ?? "")
  }
}
