// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A = Q·T·Qᵀ with T tridiagonal and Q = H₍ₙ₋₁₎ ⋯ H₁, each Hᵢ = I − vvᵀ/h a reflection of the coordinates 0..<i.
///
/// Rows are reduced from the last to the first, so the last coordinate is never touched: Qeₙ = eₙ. A thick restart
/// depends on that, because the last coordinate stands for the vector that continues the recurrence.
///
/// - Numerics: only the lower triangle is read and updated, (2/3)n³ multiplications; backward error O(ε·‖A‖).
/// - Source: Golub & Van Loan, 4th ed., §5.1 and §8.3.1; row order of Martin, Reinsch & Wilkinson 1968 (`tred1`).
package struct HouseholderReduction {
  /// Squared norms below this, in a matrix scaled to 1, are zero: a square that has lost bits to underflow would make
  /// the reflection visibly non-orthogonal.
  private static let negligible = 0x1p-900

  package let dimension: Int
  package private(set) var diagonal: ContiguousArray<Double>
  /// Element i joins i and i + 1 of T; [n], the last one unused.
  package private(set) var coupling: ContiguousArray<Double>
  /// Row i holds the i components of its reflection vector.
  private var elements: ContiguousArray<Double>
  /// 1/h of every reflection, 0 where none was needed.
  private var factors: ContiguousArray<Double>

  /// - Shapes: `elements` [n, n] row-major, its largest magnitude within a few powers of two of 1.
  package init(dimension n: Int, elements: ContiguousArray<Double>) {
    precondition(elements.count == n * n, "\(elements.count) elements for order \(n)")
    dimension = n
    self.elements = elements
    diagonal = ContiguousArray(repeating: 0, count: n)
    coupling = ContiguousArray(repeating: 0, count: n)
    factors = ContiguousArray(repeating: 0, count: n)
    var vector = ContiguousArray(repeating: 0.0, count: n)
    var product = ContiguousArray(repeating: 0.0, count: n)
    for i in stride(from: n - 1, through: 1, by: -1) {
      diagonal[i] = self.elements[i * n + i]
      makeReflection(i, &vector)
      if factors[i] != 0 { update(i, vector, &product) }
    }
    if n > 0 { diagonal[0] = self.elements[0] }
  }

  /// Chooses v so that Hᵢ maps row i to a multiple of its last component, the coupling.
  private mutating func makeReflection(_ i: Int, _ vector: inout ContiguousArray<Double>) {
    let start = i * dimension
    let last = elements[start + i - 1]
    for k in 0..<i { vector[k] = elements[start + k] }
    let tail = squaredNorm(vector.span.extracting(0..<i - 1))
    guard tail > Self.negligible else {
      coupling[i - 1] = last
      return
    }
    let square = tail + last * last
    let target = last > 0 ? -square.squareRoot() : square.squareRoot()
    coupling[i - 1] = target
    elements[start + i - 1] = last - target
    vector[i - 1] = last - target
    factors[i] = 1 / (square - target * last)
  }

  /// A ← HᵢAHᵢ = A − vqᵀ − qvᵀ on the leading i × i block, q = p − (vᵀp/2h)·v, p = Av/h.
  private mutating func update(
    _ i: Int, _ vector: ContiguousArray<Double>, _ product: inout ContiguousArray<Double>
  ) {
    let n = dimension
    let factor = factors[i]
    for j in 0..<i {
      let row = elements.span.extracting(j * n..<j * n + j)
      let sum = dot(row, vector.span.extracting(0..<j))
      product[j] = sum + elements[j * n + j] * vector[j]
      var p = product.mutableSpan
      axpy(vector[j], row, into: &p, at: 0)
    }
    let v = vector.span
    let projection = 0.5 * factor * factor * dot(v.extracting(0..<i), product.span.extracting(0..<i))
    for j in 0..<i { product[j] = factor * product[j] - projection * v[j] }
    let q = product.span
    var rows = elements.mutableSpan
    for j in 0..<i {
      axpy(-v[j], q.extracting(0..<j + 1), into: &rows, at: j * n)
      axpy(-q[j], v.extracting(0..<j + 1), into: &rows, at: j * n)
    }
  }

  /// z ← Q·z: an eigenvector of T becomes one of A.
  package func backTransform(_ z: inout MutableSpan<Double>) {
    precondition(z.count == dimension, "\(z.count) components for order \(dimension)")
    for i in stride(from: 1, to: dimension, by: 1) where factors[i] != 0 {
      let v = elements.span.extracting(i * dimension..<i * dimension + i)
      let amount = factors[i] * dot(v, z.span.extracting(0..<i))
      axpy(-amount, v, into: &z, at: 0)
    }
  }
}
