// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A dense symmetric matrix, both triangles stored.
///
/// - Shapes: `elements` [n, n], row-major.
public struct SymmetricMatrix: SymmetricOperator, Sendable, Equatable {
  public let dimension: Int
  public let elements: ContiguousArray<Double>

  /// Takes the elements as they are.
  ///
  /// - Throws: `invalidArgument` when the count is not n² or the two triangles differ.
  public init(dimension n: Int, elements: ContiguousArray<Double>) throws(EigensolverError) {
    guard n >= 0, n.multipliedReportingOverflow(by: n) == (elements.count, false) else {
      throw .invalidArgument("\(elements.count) elements for a matrix of order \(n), expected \(n * n)")
    }
    for i in 0..<n {
      for j in 0..<i {
        let lower = elements[i * n + j]
        let upper = elements[j * n + i]
        // Both NaN is left to the solver, which reports it as a value that is not finite.
        guard lower == upper || (lower.isNaN && upper.isNaN) else {
          throw .invalidArgument("element [\(i), \(j)] is \(lower), element [\(j), \(i)] is \(upper)")
        }
      }
    }
    self.dimension = n
    self.elements = elements
  }

  /// Evaluates `element(i, j)` on the lower triangle, i ≥ j, and mirrors it.
  public init(dimension n: Int, element: (Int, Int) -> Double) {
    precondition(n >= 0, "a matrix of order \(n)")
    var elements = ContiguousArray(repeating: 0.0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        let value = element(i, j)
        elements[i * n + j] = value
        elements[j * n + i] = value
      }
    }
    self.dimension = n
    self.elements = elements
  }

  public subscript(i: Int, j: Int) -> Double { elements[i * dimension + j] }

  public func apply(_ x: Span<Double>, into y: inout MutableSpan<Double>) {
    multiplyTransposed(basis: elements.span, vector: x, into: &y)
  }
}
