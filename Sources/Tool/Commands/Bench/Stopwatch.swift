// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Measures by the median of several runs.
struct Stopwatch {
  struct Timing {
    /// The median.
    let seconds: Double
    let runs: Int
  }

  /// Runs without a number of their own, and the seconds after which there are no more.
  static let defaultRuns = 7
  private static let budget = 2.0

  /// nil: up to `defaultRuns`, fewer of what takes long.
  let runs: Int?

  /// Times the runs of `body`, after one that is not counted.
  func time(_ body: () -> Void) -> Timing {
    body()
    var durations: [Double] = []
    var total = 0.0
    while durations.count < runs ?? Self.defaultRuns && (runs != nil || total < Self.budget) {
      let start = Platform.monotonicSeconds
      body()
      let duration = Platform.monotonicSeconds - start
      durations.append(duration)
      total += duration
    }
    return Timing(seconds: Self.median(durations), runs: durations.count)
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard let last = sorted.last else { return .nan }
    return sorted.count == 1 ? last : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
