// SPDX-License-Identifier: Apache-2.0

/// Why a label map cannot be refined.
public enum RefinementError: Error, Equatable, Sendable, CustomStringConvertible {
  case iterations(Int)
  case dilationCount(Int)
  case dilation(Int)
  case side(Int)
  /// There is a weight for each pixel and neighbor, of four bytes.
  case tooLarge(width: Int, height: Int, weights: Int, limit: Int)
  /// The label map has no pixels.
  case empty

  public var description: String {
    switch self {
    case .iterations(let count): "refinement: \(count) iterations, expected \(Self.text(PAMR.iterationRange))"
    case .dilationCount(let count):
      "refinement: \(count) dilations, expected \(Self.text(PAMR.dilationCountRange)) of them"
    case .dilation(let distance): "refinement: dilation \(distance), expected \(Self.text(PAMR.dilationRange))"
    case .side(let side): "refinement: size \(side), expected \(Self.text(Refinement.sideRange))"
    case .tooLarge(let width, let height, let weights, let limit):
      "refinement: \(width)x\(height) pixels have \(weights) neighbors, the limit is \(limit); refine at a smaller size"
    case .empty: "refinement: the label map has no pixels"
    }
  }

  private static func text(_ range: ClosedRange<Int>) -> String { "\(range.lowerBound) to \(range.upperBound)" }
}
