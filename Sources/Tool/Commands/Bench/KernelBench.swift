// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A kernel at shapes at which the network calls it, a line for each.
struct KernelBench {
  /// One shape, and how it is measured.
  struct Case {
    /// The stage that calls the kernel like this, or what else the shape is.
    let stage: String
    let shape: [Int]
    /// A measurement for each way to compute it; operands live no longer than the call.
    let measure: (Stopwatch) -> [Measurement]
  }

  struct Measurement {
    /// Which way, where there are several.
    var variant = ""
    let timing: Stopwatch.Timing
    let amount: Amount
    /// The largest error of a sample of outputs, as a share of the sum of their absolute terms.
    let error: Double
  }

  /// What a kernel's speed is the quotient of.
  enum Amount {
    /// Multiply-adds of the sum as it is written, and those that are executed.
    case products(written: Int, executed: Int)
    /// Bytes read and written, where arithmetic is not what takes the time.
    case bytes(Int)
  }

  let name: String
  let cases: [Case]

  private static let peakRuns = 4

  /// - Parameter stage: only stages with it in their names.
  /// - Throws: `ToolError` when there is none.
  func run(stage: String?, stopwatch: Stopwatch, isJSON: Bool) throws {
    let chosen = cases.filter { stage == nil || $0.stage.contains(stage ?? "") }
    guard !chosen.isEmpty else {
      let names = cases.map(\.stage).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      throw ToolError.usage(
        "no stage of \(name) has '\(stage ?? "")' in its name", hint: "the stages are \(names.joined(separator: ", "))")
    }
    let report = KernelReport(
      kernel: name, isJSON: isJSON, stageWidth: chosen.map(\.stage.count).max() ?? 0)
    try report.begin()
    for item in chosen {
      // Clocks rise and fall, with what else runs on the machine: the peak of these seconds is what counts.
      let before = PeakSpeed.measure(runs: Self.peakRuns)
      let measurements = item.measure(stopwatch)
      let peak = max(before, PeakSpeed.measure(runs: Self.peakRuns))
      for measurement in measurements { try report.show(item, measurement, peak: 2 * peak / 1e9) }
    }
  }
}

/// Lines of text under a heading, or of JSON.
private struct KernelReport {
  let kernel: String
  let isJSON: Bool
  let stageWidth: Int

  func begin() throws {
    if isJSON { return }
    try row("stage", "shape", "", "time", "GFLOP/s", "executed", "peak", "share", "error")
  }

  /// - Parameter peak: GFLOP/s of register tiles in the first-level cache.
  func show(_ item: KernelBench.Case, _ measurement: KernelBench.Measurement, peak: Double) throws {
    let seconds = measurement.timing.seconds
    let time = "\(fixed(1000 * seconds, 2)) ms"
    let shape = item.shape.map(String.init)
    switch measurement.amount {
    case .products(let written, let executed):
      let (speed, actual) = (2 * Double(written) / seconds / 1e9, 2 * Double(executed) / seconds / 1e9)
      if isJSON {
        try line(
          item, measurement,
          [
            "gflops": .number(speed), "executedGflops": .number(actual), "peakGflops": .number(peak),
            "share": .number(actual / peak),
          ])
      } else {
        try row(
          item.stage, shape.joined(separator: "x"), measurement.variant, time, fixed(speed, 1),
          fixed(actual, 1), fixed(peak, 1), "\(fixed(100 * actual / peak, 1)) %",
          VerifyReport.scientific(measurement.error))
      }
    case .bytes(let count):
      let speed = Double(count) / seconds / 1e9
      if isJSON {
        try line(item, measurement, ["gigabytesPerSecond": .number(speed)])
      } else {
        try row(
          item.stage, shape.joined(separator: "x"), measurement.variant, time, "",
          "\(fixed(speed, 1)) GB/s", "", "", VerifyReport.scientific(measurement.error))
      }
    }
  }

  private func line(_ item: KernelBench.Case, _ measurement: KernelBench.Measurement, _ speeds: OrderedJSON) throws {
    var json: OrderedJSON = [
      "kernel": .string(kernel), "stage": .string(item.stage), "shape": .integers(item.shape),
    ]
    if !measurement.variant.isEmpty { json += ["variant": .string(measurement.variant)] }
    json += ["seconds": .number(measurement.timing.seconds), "runs": .integer(measurement.timing.runs)]
    json += speeds
    json += ["error": .number(measurement.error)] + BenchCommand.machine
    _ = try Tool.write(json.line)
  }

  private func row(
    _ stage: String, _ shape: String, _ variant: String, _ time: String, _ speed: String, _ executed: String,
    _ peak: String, _ share: String, _ error: String
  ) throws {
    let cells = [
      padded(stage, to: stageWidth), padded(shape, to: 18), padded(variant, to: 16), flushRight(time, in: 10),
      flushRight(speed, in: 8), flushRight(executed, in: 10), flushRight(peak, in: 7), flushRight(share, in: 8),
      flushRight(error, in: 8),
    ]
    _ = try Tool.write("  \(cells.joined(separator: " "))\n")
  }
}
