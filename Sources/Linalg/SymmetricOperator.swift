// SPDX-License-Identifier: Apache-2.0

/// A real symmetric matrix known only by its product with a vector.
///
/// The eigensolver never sees entries, so a normalized Laplacian is used without being formed.
///
/// - Invariant: xᵀ(Ay) = yᵀ(Ax) up to rounding. It is not checked.
public protocol SymmetricOperator {
  /// n, the order of the matrix.
  var dimension: Int { get }

  /// y ← A·x.
  ///
  /// - Shapes: `x` [n], `y` [n]. On entry `y` holds arbitrary values.
  func apply(_ x: Span<Double>, into y: inout MutableSpan<Double>)
}
