// SPDX-License-Identifier: Apache-2.0

/// What replaying one stage of a golden gave.
package struct StageComparison: Equatable, Sendable {
  package let stage: String
  package let shape: [Int]
  /// Relative Frobenius error of numbers; for labels the share that differ. Not finite where a result is not, or has
  /// another shape.
  package let error: Double
  package let limit: Double
  /// What a number does not tell; nil if there is nothing to say.
  package let remark: String?

  package init(stage: String, shape: [Int], error: Double, limit: Double, remark: String? = nil) {
    self.stage = stage
    self.shape = shape
    self.error = error
    self.limit = limit
    self.remark = remark
  }

  /// False for a NaN.
  package var isWithinLimit: Bool { error <= limit }
}
