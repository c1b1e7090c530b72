// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor

/// What `verify` prints: a table for each golden and a summary, or a line of JSON for each stage.
struct VerifyReport {
  enum Outcome {
    case replayed([StageComparison])
    /// Why there was nothing to compute with.
    case skipped(String)
  }

  struct Tally {
    private(set) var replayed = 0
    private(set) var skipped = 0
    private(set) var stages = 0
    private(set) var failedStages = 0
    /// Why the first golden was skipped.
    private(set) var firstReason: String?
    /// The golden and the stage where errors begin; what comes after a stage inherits its error.
    private(set) var firstFailure: (path: String, stage: String)?

    mutating func count(_ path: String, _ outcome: Outcome) {
      switch outcome {
      case .replayed(let comparisons):
        replayed += 1
        stages += comparisons.count
        failedStages += comparisons.count { !$0.isWithinLimit }
        if firstFailure == nil, let first = comparisons.first(where: { !$0.isWithinLimit }) {
          firstFailure = (path, first.stage)
        }
      case .skipped(let reason):
        skipped += 1
        firstReason = firstReason ?? reason
      }
    }
  }

  let isJSON: Bool
  let isQuiet: Bool

  func show(_ path: String, _ outcome: Outcome, seconds: Double) throws {
    if isJSON {
      _ = try Tool.write(lines(path, outcome))
    } else if !isQuiet {
      _ = try Tool.write(table(path, outcome, seconds: seconds))
    }
  }

  /// The summary; stages beyond their limit are an error, which `--quiet` does not silence.
  func show(_ tally: Tally) throws {
    if isJSON {
      let json: OrderedJSON = [
        "goldens": .integer(tally.replayed), "skipped": .integer(tally.skipped), "stages": .integer(tally.stages),
        "failed": .integer(tally.failedStages),
      ]
      _ = try Tool.write(json.line)
    } else if !isQuiet {
      let skipped = tally.skipped > 0 ? ", \(tally.skipped) skipped" : ""
      let failed = tally.failedStages > 0 ? ", \(tally.failedStages) failed" : ", all within their limits"
      _ = try Tool.write(
        "\(tally.replayed) golden\(tally.replayed == 1 ? "" : "s")\(skipped): \(tally.stages) stages\(failed)\n")
    }
    if let first = tally.firstFailure {
      let message =
        "\(tally.failedStages) of \(tally.stages) stages failed, first '\(first.stage)' of \(first.path)"
      Console.error("diffcut: error: \(printable(message))\n")
    }
  }

  private func table(_ path: String, _ outcome: Outcome, seconds: Double) -> String {
    guard case .replayed(let comparisons) = outcome else {
      if case .skipped(let reason) = outcome { return "\(printable(path)): skipped: \(printable(reason))\n" }
      return ""
    }
    let rows = comparisons.map { row in
      (
        row.stage, row.shape.isEmpty ? "" : "\(row.shape)", Self.scientific(row.error), Self.scientific(row.limit),
        (row.isWithinLimit ? "ok" : "FAIL") + (row.remark.map { "  \($0)" } ?? "")
      )
    }
    let names = max(5, rows.map(\.0.count).max() ?? 0)
    let shapes = max(5, rows.map(\.1.count).max() ?? 0)
    let lines = [("stage", "shape", "error", "limit", "")] + rows
    return "\(printable(path)), \(milliseconds(seconds))\n"
      + lines.map { row in
        let line =
          "  " + padded(row.0, to: names) + "  " + padded(row.1, to: shapes) + "  " + padded(row.2, to: 7) + "  "
          + padded(row.3, to: 7) + "  " + row.4
        return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
      }.joined()
  }

  private func lines(_ path: String, _ outcome: Outcome) -> String {
    let golden: OrderedJSON = ["golden": .string(path)]
    switch outcome {
    case .skipped(let reason): return (golden + ["status": "skipped", "message": .string(reason)]).line
    case .replayed(let comparisons):
      return comparisons.map { row in
        var json: OrderedJSON = [
          "status": row.isWithinLimit ? "ok" : "fail", "stage": .string(row.stage), "shape": .integers(row.shape),
          "error": .number(row.error), "limit": .number(row.limit),
        ]
        if let remark = row.remark { json += ["message": .string(remark)] }
        return (golden + json).line
      }.joined()
    }
  }

  /// Two digits and an exponent, "1.2e-06".
  static func scientific(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : "inf" }
    guard value != 0 else { return "0" }
    var (digits, exponent) = (abs(value), 0)
    while digits >= 10 { (digits, exponent) = (digits / 10, exponent + 1) }
    while digits < 1 { (digits, exponent) = (digits * 10, exponent - 1) }
    if digits >= 9.95 { (digits, exponent) = (1, exponent + 1) }
    return "\(value < 0 ? "-" : "")\(fixed(digits, 1))e\(exponent < 0 ? "-" : "+")"
      + (abs(exponent) < 10 ? "0" : "") + "\(abs(exponent))"
  }
}
