// SPDX-License-Identifier: Apache-2.0
import Segment

/// The reason why an image cannot be scored.
public enum EvaluationError: Error, Equatable, Sendable, CustomStringConvertible {
  case tooSmall(width: Int, height: Int)
  /// A label that the dataset does not define.
  case unknownLabel(Int32, row: Int, column: Int, expected: String)
  case sizes(labels: Grid, segments: Grid)
  case segmentID(Int32, limit: Int)
  /// The sums have different numbers of classes.
  case classCountMismatch(Int, expected: Int)
  case overflow

  public var description: String {
    switch self {
    case .tooSmall(let width, let height): "the label map has \(width)x\(height) pixels, expected at least 2x2"
    case .unknownLabel(let value, let row, let column, let expected):
      "label \(value) at row \(row), column \(column), expected \(expected); check the dataset and its labels"
    case .sizes(let labels, let segments):
      "the segments have \(segments.width)x\(segments.height) pixels, the labels \(labels.width)x\(labels.height); "
        + "use label maps of one size"
    case .segmentID(let id, let limit): "segment id \(id), expected 0 to \(limit); renumber the segments"
    case .classCountMismatch(let found, let expected):
      "the sums have \(found) classes, expected \(expected); add only sums of one dataset"
    case .overflow: "the sums are too large to add; check the files of sums"
    }
  }
}
