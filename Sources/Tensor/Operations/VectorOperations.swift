// SPDX-License-Identifier: Apache-2.0
import Kernels

// Double-precision vectors of the eigensolver and the graph.

// The forms without a table exist because a default argument would copy the whole table at every call.

/// xᵀy.
///
/// - Numerics: partial sums per vector lane, combined in a fixed order; error ≤ γ_n Σ|x||y|.
package func dot(_ x: Span<Double>, _ y: Span<Double>) -> Double { dot(x, y, using: KernelTable.current.set) }

package func dot(_ x: Span<Double>, _ y: Span<Double>, using kernels: KernelTable) -> Double {
  dot(x, y, using: kernels.set)
}

private func dot(_ x: Span<Double>, _ y: Span<Double>, using set: any KernelSet.Type) -> Double {
  precondition(x.count == y.count, "dot: \(x.count) against \(y.count) elements")
  return x.withUnsafeBufferPointer { x in
    y.withUnsafeBufferPointer { y in
      guard let x = x.baseAddress, let first = y.baseAddress else { return 0 }
      return set.dot(x, first, count: y.count)
    }
  }
}

/// y ← y + alpha·x.
package func axpy(_ alpha: Double, _ x: Span<Double>, into y: inout MutableSpan<Double>) {
  precondition(x.count == y.count, "axpy: \(x.count) against \(y.count) elements")
  axpy(alpha, x, into: &y, at: 0, using: KernelTable.current.set)
}

package func axpy(_ alpha: Double, _ x: Span<Double>, into y: inout MutableSpan<Double>, using kernels: KernelTable) {
  precondition(x.count == y.count, "axpy: \(x.count) against \(y.count) elements")
  axpy(alpha, x, into: &y, at: 0, using: kernels.set)
}

/// y[offset..<offset + n] ← y[offset..<offset + n] + alpha·x.
///
/// - Shapes: `x` [n], `y` [≥ offset + n].
package func axpy(_ alpha: Double, _ x: Span<Double>, into y: inout MutableSpan<Double>, at offset: Int) {
  axpy(alpha, x, into: &y, at: offset, using: KernelTable.current.set)
}

private func axpy(
  _ alpha: Double, _ x: Span<Double>, into y: inout MutableSpan<Double>, at offset: Int, using set: any KernelSet.Type
) {
  precondition(offset >= 0 && offset + x.count <= y.count, "axpy: \(x.count) elements at \(offset) of \(y.count)")
  x.withUnsafeBufferPointer { x in
    y.withUnsafeMutableBufferPointer { y in
      guard let source = x.baseAddress, let target = y.baseAddress else { return }
      set.axpy(alpha, source, target + offset, count: x.count)
    }
  }
}
