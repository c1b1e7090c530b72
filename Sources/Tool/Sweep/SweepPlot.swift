// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment

/// A sweep as lines: one quantity along the axis, a line for each combination of the others.
struct SweepPlot {
  /// What `--plot-x` takes.
  enum Quantity: String, CaseIterable {
    case tau, alpha, timestep

    /// nil for a timestep that there is not.
    func value(of setting: SweepSetting) -> Double? {
      switch self {
      case .tau: setting.tau
      case .alpha: setting.alpha
      case .timestep: setting.timestep.map(Double.init)
      }
    }
  }

  /// What `--plot-y` takes.
  enum Measure: String, CaseIterable {
    case miou, accuracy, segments

    var title: String {
      switch self {
      case .miou: "mIoU"
      case .accuracy: "pixel accuracy"
      case .segments: "segments"
      }
    }

    func value(of result: EvaluationResult) -> Double? {
      switch self {
      case .miou: result.sums.meanIntersectionOverUnion
      case .accuracy: result.sums.accuracy
      case .segments: result.meanSegments
      }
    }
  }

  let title: String
  let subtitle: String
  let measure: Measure
  /// A gap where there is no value.
  let points: [(setting: SweepSetting, value: Double?)]
  /// The setting that is marked.
  var best: SweepSetting?

  /// - Parameter x: nil takes the first quantity of which there are several values.
  func svg(along x: Quantity?) -> String {
    let varied = Quantity.allCases.filter { quantity in
      Set(points.map { quantity.value(of: $0.setting) }).count > 1
    }
    let x = x ?? varied.first ?? .tau
    var series: [LinePlot.Series] = []
    for (setting, value) in points {
      let name = varied.filter { $0 != x }.map { Self.text($0, setting) }.joined(separator: ", ")
      let point = LinePlot.Point(x.value(of: setting) ?? .nan, value ?? .nan)
      if let line = series.firstIndex(where: { $0.name == name }) {
        series[line].points.append(point)
      } else {
        series.append(LinePlot.Series(name, [point], hasDots: true))
      }
    }
    let common = points.first.map { first in
      Quantity.allCases.filter { !varied.contains($0) && $0 != x && $0.value(of: first.setting) != nil }
        .map { Self.text($0, first.setting) }
    }
    let marks = points.filter { $0.setting == best }.map { point in
      LinePlot.Mark(
        .init(x.value(of: point.setting) ?? .nan, point.value ?? .nan),
        "\(Self.text(x, point.setting)): \(fixed(point.value ?? .nan, 4))")
    }
    return LinePlot(
      title: title, subtitle: ([subtitle] + (common ?? [])).joined(separator: ", "), x: .init(x.rawValue),
      y: .init(measure.title), series: series, marks: marks
    ).svg
  }

  private static func text(_ quantity: Quantity, _ setting: SweepSetting) -> String {
    let value = quantity.value(of: setting) ?? .nan
    return "\(quantity.rawValue) " + (value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)")
  }
}

extension SweepPlot {
  /// Of a labeled set.
  init(_ report: SweepReport, measure: Measure?) {
    let measure = measure ?? .miou
    let first = report.results.first
    let count = first?.sums.imageCount ?? 0
    self.init(
      title: "\(measure.title), \(first?.dataset ?? "") (\(first?.evaluationProtocol ?? ""))",
      subtitle: "\(first?.source ?? ""), \(count) image\(count == 1 ? "" : "s")", measure: measure,
      points: report.results.compactMap { result in
        result.sweep.map { ($0.setting, measure.value(of: result)) }
      }, best: measure == .miou ? report.best?.sweep?.setting : nil)
  }

  /// Creates the plot of inputs without labels: at each setting, the mean over the inputs that have it. Feature files may
  /// state different α.
  init(_ results: [InputSweep.Result], encoder: String?) {
    var counts: [(setting: SweepSetting, segments: [Int])] = []
    for row in results.flatMap(\.rows) {
      if let place = counts.firstIndex(where: { $0.setting == row.setting }) {
        counts[place].segments.append(row.segments)
      } else {
        counts.append((row.setting, [row.segments]))
      }
    }
    let name = results.first.map { $0.input == "-" ? "standard input" : printable($0.input) } ?? ""
    let file = name.split(separator: "/").last.map(String.init) ?? name
    self.init(
      title: results.count == 1 ? "Segments of \(file)" : "Segments, mean of \(results.count) inputs",
      subtitle: encoder.map { "\($0) encoder" } ?? "features", measure: .segments,
      points: counts.map { ($0.setting, Double($0.segments.reduce(0, +)) / Double($0.segments.count)) })
  }
}
