// SPDX-License-Identifier: Apache-2.0

/// The reason why an eigensolver has no result.
public enum EigensolverError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The limit on work was reached. `partial` contains the pairs that met `tolerance`, relative to ‖A‖: possibly none,
  /// and not necessarily the smallest ones.
  case notConverged(partial: EigenPairs, tolerance: Double)

  /// The operator or matrix yielded NaN, an infinity, or values whose squares overflow.
  case nonFinite(String)

  /// An argument is out of range; the text names it and its value.
  case invalidArgument(String)

  public var description: String {
    switch self {
    case .notConverged(let partial, let tolerance):
      "the eigensolver did not converge: \(partial.count) eigenpairs reached tolerance \(tolerance) within "
        + "\(partial.applications) operator applications and \(partial.restarts) restarts"
    case .nonFinite(let source):
      "the eigensolver stopped: \(source) is NaN or infinite; check the features for extreme values"
    case .invalidArgument(let reason): "the eigensolver cannot run: \(reason)"
    }
  }
}
