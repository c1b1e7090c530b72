// SPDX-License-Identifier: Apache-2.0
import Segment

/// From the values in label files to classes.
public struct LabelMapping: Equatable, Sendable {
  /// The class of each value from 0 on; nil where the set has no such value.
  private let classes: [Int32?]
  /// What values there are, in words.
  private let expected: String

  /// A class of its own in sets that have one, and not scored in others.
  public static let background: Int32 = -1
  /// Never scored.
  public static let ignored: Int32 = -2

  /// - Parameters:
  ///   - classes: 0 … N − 1, `background` or `ignored`, by value. Values that it lacks are errors.
  ///   - expected: what values there are, in words, for the error.
  public init(_ classes: [Int32: Int32], expected: String) {
    var table = [Int32?](repeating: nil, count: Int((classes.keys.max() ?? -1) + 1))
    for (value, label) in classes { table[Int(value)] = label }
    self.classes = table
    self.expected = expected
  }

  /// The class of a value; nil if the set has no such value.
  public subscript(value: Int32) -> Int32? {
    value >= 0 && Int(value) < classes.count ? classes[Int(value)] : nil
  }

  /// - Throws: `EvaluationError.unknownLabel` naming the first value without a class.
  public func callAsFunction(_ map: LabelMap) throws(EvaluationError) -> LabelMap {
    var result = ContiguousArray<Int32>()
    result.reserveCapacity(map.labels.count)
    for (pixel, value) in map.labels.enumerated() {
      guard let label = self[value] else {
        throw .unknownLabel(value, row: pixel / map.width, column: pixel % map.width, expected: expected)
      }
      result.append(label)
    }
    return LabelMap(height: map.height, width: map.width, labels: result)
  }
}
