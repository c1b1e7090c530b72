// SPDX-License-Identifier: Apache-2.0

/// The reason why a label map cannot be refined: an invalid setting, or a map without pixels or with too many.
public enum RefinementError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A number of iterations out of range.
  case iterations(Int)
  /// A number of dilations out of range.
  case dilationCount(Int)
  /// A dilation out of range.
  case dilation(Int)
  /// A longest side out of range.
  case side(Int)
  /// The map needs more weights than the limit: one of four bytes for each pixel and neighbor.
  case tooLarge(width: Int, height: Int, weights: Int, limit: Int)
  /// The label map has no pixels.
  case empty

  public var description: String {
    switch self {
    case .iterations(let count):
      "refinement: the number of iterations is \(count), expected \(Self.text(PAMR.iterationRange))"
    case .dilationCount(let count):
      "refinement: the number of dilations is \(count), expected \(Self.text(PAMR.dilationCountRange))"
    case .dilation(let distance): "refinement: a dilation is \(distance), expected \(Self.text(PAMR.dilationRange))"
    case .side(let side): "refinement: the size is \(side), expected \(Self.text(Refinement.sideRange))"
    case .tooLarge(let width, let height, let weights, let limit):
      "\(width)x\(height) pixels need \(weights) refinement weights, the limit is \(limit); refine at a smaller size"
    case .empty: "the label map has no pixels; pass one of at least 1x1"
    }
  }

  private static func text(_ range: ClosedRange<Int>) -> String { "\(range.lowerBound) to \(range.upperBound)" }
}
