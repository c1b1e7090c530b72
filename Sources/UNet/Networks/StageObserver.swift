// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Follows a computation stage by stage: for goldens, progress and profiles.
package struct StageObserver {
  /// Nothing is reported.
  package static var none: StageObserver { StageObserver() }

  private let willBegin: ((_ stage: String) -> Void)?
  private let didCompute: ((_ name: String, _ value: Tensor) -> Void)?

  /// - Parameters:
  ///   - willBegin: told the name of every stage before it is computed; those with products are named in `work`.
  ///   - didCompute: told the name and the value of every result that goldens know. A value that is kept costs memory, and
  ///     a copy where the next stage would have updated it in place; a profile needs none.
  package init(
    willBegin: ((_ stage: String) -> Void)? = nil, didCompute: ((_ name: String, _ value: Tensor) -> Void)? = nil
  ) {
    self.willBegin = willBegin
    self.didCompute = didCompute
  }

  func begin(_ stage: String) { willBegin?(stage) }

  func report(_ name: String, _ value: Tensor) { didCompute?(name, value) }
}
