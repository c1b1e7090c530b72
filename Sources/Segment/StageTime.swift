// SPDX-License-Identifier: Apache-2.0
import Tensor
import UNet

/// How long a stage of an image took.
public struct StageTime: Equatable, Sendable {
  public let stage: String
  public let seconds: Double
  /// nil for stages that are no sums of products, or of unknown length.
  public let work: StageWork?

  public init(stage: String, seconds: Double, work: StageWork? = nil) {
    self.stage = stage
    self.seconds = seconds
    self.work = work
  }
}

/// Measures stages from their beginnings: one ends where the next begins.
package final class StageClock {
  private let work: [String: StageWork]
  private var finished: [StageTime] = []
  private var current: (stage: String, start: Double)?

  /// - Parameter work: of the stages where it is known.
  package init(_ work: [StageWork]) {
    self.work = Dictionary(work.map { ($0.stage, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Ends the stage before; a stage that begins again goes on.
  package func begin(_ stage: String) {
    guard current?.stage != stage else { return }
    let now = Platform.monotonicSeconds
    end(at: now)
    current = (stage, now)
  }

  /// Ends the stage; what follows until the next one begins belongs to none.
  package func pause() { end(at: Platform.monotonicSeconds) }

  /// Ends the last stage.
  ///
  /// - Returns: the stages in the order in which they began.
  package func stop() -> [StageTime] {
    pause()
    return finished
  }

  private func end(at now: Double) {
    guard let (stage, start) = current else { return }
    finished.append(StageTime(stage: stage, seconds: now - start, work: work[stage]))
    current = nil
  }
}
