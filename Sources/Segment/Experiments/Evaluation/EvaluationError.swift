// SPDX-License-Identifier: Apache-2.0
import Segment

/// Why an image cannot be scored.
public enum EvaluationError: Error, Equatable, Sendable, CustomStringConvertible {
  case tooSmall(width: Int, height: Int)
  /// A stored value that the set's table lacks.
  case unknownLabel(Int32, row: Int, column: Int, expected: String)
  case sizes(labels: Grid, segments: Grid)
  case segmentID(Int32, limit: Int)
  /// Sums of another set, or of another number of classes.
  case classCountMismatch(Int, expected: Int)
  case overflow

  public var description: String {
    switch self {
    case .tooSmall(let width, let height): "evaluation: \(width)x\(height) pixels, expected at least 2x2"
    case .unknownLabel(let value, let row, let column, let expected):
      "evaluation: label \(value) at row \(row), column \(column), expected \(expected)"
    case .sizes(let labels, let segments): "evaluation: segments are \(segments), labels \(labels)"
    case .segmentID(let id, let limit): "evaluation: segment id \(id), expected 0 to \(limit)"
    case .classCountMismatch(let found, let expected): "evaluation: sums of \(found) classes, expected \(expected)"
    case .overflow: "evaluation: the sums are too large to add"
    }
  }
}
