// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// Where the time of an image went, for `--verbose`.
enum ProfileReport {
  /// A table of stages: seconds, share, and the speed at which the sums as written were done.
  static func table(_ stages: [StageTime]) -> String {
    let total = stages.reduce(0) { $0 + $1.seconds }
    let rows = stages.map { stage in
      [
        stage.stage, fixed(stage.seconds, 3), "\(fixed(total > 0 ? 100 * stage.seconds / total : 0, 1)) %",
        stage.gigaflops.map { fixed($0, 1) } ?? "",
      ]
    }
    let work = stages.reduce(0) { $0 + ($1.work?.total ?? 0) }
    let known = stages.filter { $0.work != nil }.reduce(0) { $0 + $1.seconds }
    let sum = ["all", fixed(total, 3), "100.0 %", work > 0 ? fixed(2 * Double(work) / known / 1e9, 1) : ""]
    return TextTable.text([["stage", "seconds", "share", "GFLOP/s"]] + rows + [sum])
  }

  /// Returns an object for each stage, without a speed where operations are not counted.
  static func json(_ stages: [StageTime]) -> OrderedJSON {
    .array(
      stages.map { stage in
        let time: OrderedJSON = ["stage": .string(stage.stage), "seconds": .number(stage.seconds)]
        return stage.gigaflops.map { time + ["gflops": .number($0)] } ?? time
      })
  }
}

extension StageTime {
  /// Of the sums as written, a multiplication and an addition each; nil where they are not counted.
  var gigaflops: Double? {
    work.flatMap { seconds > 0 ? 2 * Double($0.total) / seconds / 1e9 : nil }
  }
}
