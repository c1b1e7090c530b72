// SPDX-License-Identifier: Apache-2.0

/// The time that a stage of a computation took.
public struct StageTime: Equatable, Sendable {
  public let stage: String
  public let seconds: Double
  /// The multiply-accumulates of the stage; nil where they are not counted.
  public let work: StageWork?

  public init(stage: String, seconds: Double, work: StageWork? = nil) {
    self.stage = stage
    self.seconds = seconds
    self.work = work
  }
}
