// SPDX-License-Identifier: Apache-2.0
import Segment

/// Why patches cannot be compared, or the comparison has no result.
public enum CoherenceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Classes and features on different grids.
  case grids(classes: Grid, features: Grid)
  /// Features that are compared have to be of one encoder.
  case channels(Int, expected: Int)
  /// An ROC curve needs pairs of one class and pairs of two.
  case noPairs(ofOneClass: Bool, ofTwoClasses: Bool)
  /// Rates that do not rise from 0 to 1.
  case noCurve(point: Int)
  case overflow

  public var description: String {
    switch self {
    case .grids(let classes, let features): "coherence: classes are \(classes), features \(features)"
    case .channels(let found, let expected): "coherence: features of \(found) channels, expected \(expected)"
    case .noPairs(false, false): "coherence: no pair of patches with classes, so that there is no ROC curve"
    case .noPairs(false, _): "coherence: no two patches have one class, so that there is no ROC curve"
    case .noPairs: "coherence: all patches have one class, so that there is no ROC curve"
    case .noCurve(let point): "coherence: point \(point + 1) is none of an ROC curve: rates rise from 0,0 to 1,1"
    case .overflow: "coherence: the counts are too large to add"
    }
  }
}
