// SPDX-License-Identifier: Apache-2.0

/// What an eigensolver reports instead of a result.
public enum EigensolverError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The limit on work was reached. `partial` holds the pairs that had met `tolerance`, relative to ‖A‖: possibly none,
  /// and not necessarily the smallest ones.
  case notConverged(partial: EigenPairs, tolerance: Double)

  /// The operator or matrix yielded NaN, an infinity, or values whose squares overflow.
  case nonFinite(String)

  /// An argument cannot be used; the text names it and its value.
  case invalidArgument(String)

  public var description: String {
    switch self {
    case .notConverged(let partial, let tolerance):
      "eigensolver: \(partial.count) pairs reached tolerance \(tolerance) within "
        + "\(partial.applications) operator applications and \(partial.restarts) restarts"
    case .nonFinite(let source): "eigensolver: \(source) is not finite"
    case .invalidArgument(let reason): "eigensolver: \(reason)"
    }
  }
}
