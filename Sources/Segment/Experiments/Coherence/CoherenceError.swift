// SPDX-License-Identifier: Apache-2.0
import Segment

/// The reason why patches cannot be compared, or the comparison has no curve.
public enum CoherenceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The classes and the features have different grids.
  case grids(classes: Grid, features: Grid)
  /// The features have different numbers of channels.
  case channels(Int, expected: Int)
  /// An ROC curve needs pairs of equal classes and pairs of different classes.
  case noPairs(ofOneClass: Bool, ofTwoClasses: Bool)
  /// The rates do not rise from 0 to 1.
  case noCurve(point: Int)
  case overflow

  public var description: String {
    switch self {
    case .grids(let classes, let features):
      "the classes have a grid of \(classes), the features one of \(features); use one grid"
    case .channels(let found, let expected):
      "the features have \(found) channels, expected \(expected); compare features of one encoder"
    case .noPairs(false, false): "no ROC curve: fewer than two patches have a class; add labeled images"
    case .noPairs(false, _): "no ROC curve: no two patches have the same class; add labeled images"
    case .noPairs: "no ROC curve: all patches have the same class; add labeled images"
    case .noCurve(let point):
      "point \(point + 1) does not fit an ROC curve, whose rates rise from 0,0 to 1,1; check the file of the curve"
    case .overflow: "the counts are too large to add; check the files of sums"
    }
  }
}
