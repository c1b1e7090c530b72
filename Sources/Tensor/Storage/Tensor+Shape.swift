// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// The extents of a tensor, outermost first. No extent is negative, and their product fits an Int.
  public struct Shape: Equatable, Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    public let extents: [Int]
    /// Product of the extents; 1 for a scalar.
    public let count: Int

    /// Nil when an extent is negative or the byte count of the elements overflows.
    public init?(checking extents: [Int]) {
      var count = 1
      for extent in extents {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflow, product <= Int.max / 8 else { return nil }
        count = product
      }
      self.extents = extents
      self.count = count
    }

    /// - Precondition: no extent is negative and the product fits.
    public init(_ extents: [Int]) {
      guard let shape = Shape(checking: extents) else {
        preconditionFailure("shape \(extents) is negative or too large")
      }
      self = shape
    }

    public init(arrayLiteral extents: Int...) { self.init(extents) }

    public var rank: Int { extents.count }
    public subscript(axis: Int) -> Int { extents[axis] }
    public var description: String { "[" + extents.map { "\($0)" }.joined(separator: ", ") + "]" }
  }
}
