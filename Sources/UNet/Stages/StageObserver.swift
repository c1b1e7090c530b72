// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Follows one computation stage by stage: reports progress, measures time, and passes on values.
///
/// Encoders, clusterers and `Segmenter` begin their stages on the observer that the caller passes. A stage ends where the
/// next one begins.
public final class StageObserver {
  private let willBegin: ((_ stage: String) -> Void)?
  private let didCompute: ((_ name: String, _ value: Tensor) -> Void)?
  private var finished: [StageTime] = []
  private var current: (stage: String, start: Double)?

  /// Creates an observer of one computation.
  ///
  /// - Parameter willBegin: called with the name of each stage before it is computed, on the caller's thread. Its own time
  ///   belongs to no stage.
  public init(willBegin: ((_ stage: String) -> Void)? = nil) {
    self.willBegin = willBegin
    didCompute = nil
  }

  /// Creates an observer that also receives intermediate values.
  ///
  /// - Parameters:
  ///   - willBegin: called with the name of each stage before it is computed.
  ///   - didCompute: called with the name and value of each result that goldens store. Keeping a value costs memory, and a
  ///     copy where the next stage would have updated it in place.
  package init(
    willBegin: ((_ stage: String) -> Void)? = nil, didCompute: @escaping (_ name: String, _ value: Tensor) -> Void
  ) {
    self.willBegin = willBegin
    self.didCompute = didCompute
  }

  /// Begins a stage and ends the one before; a stage that is begun again continues.
  public func begin(_ stage: String) {
    guard current?.stage != stage else { return }
    endCurrent()
    willBegin?(stage)
    current = (stage, Platform.monotonicSeconds)
  }

  /// Reports a result that goldens store.
  func report(_ name: String, _ value: Tensor) { didCompute?(name, value) }

  /// Ends the last stage and returns the times of all stages since the last call, in the order in which they began.
  ///
  /// - Parameter work: the stages whose work is known.
  public func finish(work: [StageWork] = []) -> [StageTime] {
    endCurrent()
    defer { finished = [] }
    let work = Dictionary(work.map { ($0.stage, $0) }, uniquingKeysWith: { first, _ in first })
    return finished.map { StageTime(stage: $0.stage, seconds: $0.seconds, work: work[$0.stage]) }
  }

  private func endCurrent() {
    guard let (stage, start) = current else { return }
    finished.append(StageTime(stage: stage, seconds: Platform.monotonicSeconds - start))
    current = nil
  }
}
