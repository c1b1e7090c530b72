// SPDX-License-Identifier: Apache-2.0

/// The smallest eigenpair of a symmetric tridiagonal matrix T in O(m), where QL takes O(m²) for all of them.
///
/// Eigenvalues below a shift are counted by Sturm's theorem, eight shifts at a time; the interval that holds the smallest
/// shrinks ninefold with each pass. Inverse iteration from its lower end follows: T − σI is definite there, so LDLᵀ
/// needs no pivoting. With positive couplings the vector alternates in sign, as the start does: nothing cancels, and
/// its last component, by which a Lanczos residual is judged, is accurate far below ε.
///
/// - Numerics: `residualNorm` is computed, not estimated; callers take QL instead where it is not small enough.
/// - Source: Golub & Van Loan, 4th ed., §8.4.1 and §8.2.2; Barth, Martin & Wilkinson 1967 for the counts.
package struct SmallestTridiagonalPair: Sendable, Equatable {
  package private(set) var value: Double
  /// [m], of norm 1.
  package private(set) var vector: ContiguousArray<Double>
  /// ‖T·s − θ·s‖₂.
  package private(set) var residualNorm: Double

  /// Passes of the first attempt and of the second: to about 1e-7·‖T‖, which is near enough when the second eigenvalue is
  /// well apart, and to rounding.
  private static let passes = [7, 17]
  /// Of the first attempt's residual, relative to ‖T‖, above which the second is made.
  private static let sufficient = 1e-14
  private static let inverseIterations = 3

  /// Nil for a matrix without rows or with elements that are not finite.
  ///
  /// - Shapes: `diagonal` [m], `coupling` [≥ m − 1], element i joining i and i + 1.
  package init?(diagonal: ContiguousArray<Double>, coupling: ContiguousArray<Double>) {
    let m = diagonal.count
    guard m > 0 else { return nil }
    precondition(coupling.count >= m - 1, "\(coupling.count) couplings for order \(m)")
    // Gershgorin from below, the least diagonal element from above.
    var (low, high, scale, isFinite) = (Double.infinity, Double.infinity, 0.0, true)
    for i in 0..<m {
      let radius = (i > 0 ? coupling[i - 1].magnitude : 0) + (i + 1 < m ? coupling[i].magnitude : 0)
      low = min(low, diagonal[i] - radius)
      high = min(high, diagonal[i])
      scale = max(scale, diagonal[i].magnitude + radius)
      isFinite = isFinite && (diagonal[i].magnitude + radius).isFinite
    }
    guard isFinite else { return nil }
    value = high
    vector = ContiguousArray(repeating: 0, count: m)
    residualNorm = 0
    vector[0] = 1
    guard m > 1, scale > 0 else { return }
    // Keeps every square in range.
    let unit = powerOfTwo(near: scale)
    let diagonal = ContiguousArray(diagonal.map { $0 / unit })
    let coupling = ContiguousArray(coupling.map { $0 / unit })
    scale /= unit
    let floor = .ulpOfOne * scale
    (low, high) = (low / unit - 4 * floor, high / unit)
    for passes in Self.passes {
      for _ in 0..<passes where high - low > 2 * floor {
        Self.narrow(&low, &high, diagonal, coupling, floor: floor)
      }
      inverseIteration(shift: low, diagonal, coupling, floor: floor)
      if residualNorm <= Self.sufficient * scale { break }
    }
    value *= unit
    residualNorm *= unit
  }

  /// Replaces the interval by the ninth of it in which the number of smaller eigenvalues leaves zero.
  private static func narrow(
    _ low: inout Double, _ high: inout Double, _ diagonal: ContiguousArray<Double>,
    _ coupling: ContiguousArray<Double>, floor: Double
  ) {
    let step = (high - low) / 9
    let shifts = low + step * SIMD8<Double>(1, 2, 3, 4, 5, 6, 7, 8)
    var pivot = diagonal[0] - shifts
    var least = pivot
    for i in 1..<diagonal.count {
      let square = coupling[i - 1] * coupling[i - 1]
      // A pivot of zero counts as a tiny positive one; past a negative pivot the lane is decided.
      pivot.replace(with: floor * floor, where: pivot .== 0)
      pivot = (diagonal[i] - shifts) - square / pivot
      least.replace(with: pivot, where: pivot .< least)
    }
    let isBelow = least .>= 0
    var lane = 0
    while lane < 8 && isBelow[lane] { lane += 1 }
    if lane < 8 { high = shifts[lane] }
    if lane > 0 { low = shifts[lane - 1] }
  }

  /// Sets vector, value and residual from solutions of (T − σI) z = z₋.
  private mutating func inverseIteration(
    shift: Double, _ diagonal: ContiguousArray<Double>, _ coupling: ContiguousArray<Double>, floor: Double
  ) {
    let m = diagonal.count
    var pivots = diagonal
    var factors = ContiguousArray(repeating: 0.0, count: m)
    for i in 0..<m {
      let before = i > 0 ? factors[i - 1] * coupling[i - 1] : 0
      // Rounding may bring the pivots of a matrix that is definite only just to zero.
      pivots[i] = max(diagonal[i] - shift - before, floor)
      if i + 1 < m { factors[i] = coupling[i] / pivots[i] }
    }
    var z = ContiguousArray((0..<m).map { $0 % 2 == 0 ? 1.0 : -1.0 })
    for _ in 0..<Self.inverseIterations {
      for i in 1..<m { z[i] -= factors[i - 1] * z[i - 1] }
      for i in 0..<m { z[i] /= pivots[i] }
      for i in (0..<m - 1).reversed() { z[i] -= factors[i] * z[i + 1] }
      var square = 0.0
      for i in 0..<m { square += z[i] * z[i] }
      let length = square.squareRoot()
      for i in 0..<m { z[i] /= length }
    }
    // The quotient of T − σI, so that a value near σ keeps its digits; then what is left over.
    func product(_ i: Int) -> Double {
      (diagonal[i] - shift) * z[i] + (i > 0 ? coupling[i - 1] * z[i - 1] : 0)
        + (i + 1 < m ? coupling[i] * z[i + 1] : 0)
    }
    var quotient = 0.0
    for i in 0..<m { quotient += z[i] * product(i) }
    var square = 0.0
    for i in 0..<m {
      let difference = product(i) - quotient * z[i]
      square += difference * difference
    }
    value = shift + quotient
    vector = z
    residualNorm = square.squareRoot()
  }
}
