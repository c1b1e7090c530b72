// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A Lanczos decomposition A·V = V·T + f·eᵀ on the complement of known vectors U, all of it kept explicitly.
///
/// - Shapes: `basis` [≤ k + m + 1, n] row-major: the k rows of U, then V and, after `length` = j steps, f/‖f‖ in row
///   k + j. Rows are added as they are needed. T is j × j tridiagonal: `diagonal[0..<j]`, `coupling[0..<j − 1]`; ‖f‖ is `coupling[j − 1]`.
/// - Invariant: the k + j + 1 rows are orthonormal to working accuracy after every step. With full
///   reorthogonalization ‖AV − VT − feᵀ‖ stays O(ε·‖A‖), so |‖f‖·s| with s the last component of an eigenvector of T
///   is the residual norm of the Ritz pair (Parlett §13.2).
/// - Source: Golub & Van Loan, 4th ed., §10.1 and §10.3; Paige 1972 for the order of the subtractions.
struct LanczosFactorization {
  let dimension: Int
  let capacity: Int
  let deflatedCount: Int
  private(set) var length = 0
  private(set) var diagonal: ContiguousArray<Double>
  private(set) var coupling: ContiguousArray<Double>
  /// The largest ‖Av‖ seen, v of norm 1: a lower bound of ‖A‖ that is close after a few steps.
  private(set) var normEstimate = 0.0
  private var basis: ContiguousArray<Double>
  private var product: ContiguousArray<Double>
  private var coefficients: ContiguousArray<Double>
  private var generator: DeterministicGenerator

  /// - Precondition: `deflated` [k, n] has orthonormal rows and k < n.
  init(
    dimension n: Int, capacity: Int, deflated: ContiguousArray<Double>, generator: DeterministicGenerator
  ) {
    dimension = n
    deflatedCount = deflated.count / n
    precondition(deflatedCount < n, "\(deflatedCount) deflated vectors of dimension \(n)")
    self.capacity = min(capacity, n - deflatedCount)
    diagonal = ContiguousArray(repeating: 0, count: self.capacity)
    coupling = diagonal
    basis = deflated
    basis.reserveCapacity((deflatedCount + self.capacity + 1) * n)
    product = ContiguousArray(repeating: 0, count: n)
    coefficients = ContiguousArray(repeating: 0, count: deflatedCount + self.capacity)
    self.generator = generator
    beginInvariantSubspace()
  }

  /// V and U span everything: the Ritz pairs are the eigenpairs.
  var isExhausted: Bool { deflatedCount + length == dimension }
  /// f = 0: V spans an invariant subspace.
  var isInvariant: Bool { length > 0 && coupling[length - 1] == 0 }
  var isFull: Bool { length == capacity }

  /// ‖f‖ below this is rounding error of the product, so its direction means nothing.
  private var breakdownThreshold: Double {
    4 * Double.ulpOfOne * Double(dimension).squareRoot() * normEstimate
  }

  /// Appends one basis vector and one row of T.
  ///
  /// - Returns: false when the product is not finite.
  mutating func extend(by matrix: some SymmetricOperator) -> Bool {
    let step = Self.step(
      matrix, basis, row: deflatedCount + length, previous: length > 0 ? coupling[length - 1] : 0,
      product: &product, coefficients: &coefficients)
    guard step.norm.isFinite else { return false }
    normEstimate = max(normEstimate, step.norm)
    diagonal[length] = step.alpha
    length += 1
    if isExhausted {
      coupling[length - 1] = 0
    } else if step.beta > breakdownThreshold {
      coupling[length - 1] = step.beta
      store(product, row: deflatedCount + length, length: step.beta)
    } else {
      coupling[length - 1] = 0
      beginInvariantSubspace()
    }
    return true
  }

  /// The three-term recurrence w = Av − βv₋ − αv, then full reorthogonalization.
  ///
  /// - Returns: ‖Av‖, α and ‖w‖; `product` holds w.
  private static func step(
    _ matrix: some SymmetricOperator, _ basis: ContiguousArray<Double>, row: Int, previous: Double,
    product: inout ContiguousArray<Double>, coefficients: inout ContiguousArray<Double>
  ) -> (norm: Double, alpha: Double, beta: Double) {
    let n = product.count
    let v = basis.span.extracting(row * n..<(row + 1) * n)
    var w = product.mutableSpan
    matrix.apply(v, into: &w)
    let applied = norm(w.span)
    if previous != 0 { axpy(-previous, basis.span.extracting((row - 1) * n..<row * n), into: &w) }
    let alpha = dot(v, w.span)
    axpy(-alpha, v, into: &w)
    var c = coefficients.mutableSpan
    let beta = orthogonalize(&w, against: basis.span.extracting(0..<(row + 1) * n), coefficients: &c)
    return (applied, alpha, beta)
  }

  /// Continues with a vector unrelated to the previous ones. Another copy of a multiple eigenvalue can only be found
  /// this way: a Krylov space holds a single vector of each eigenspace.
  private mutating func beginInvariantSubspace() {
    let row = deflatedCount + length
    var length = 0.0
    // A random vector lies in a given subspace with probability zero; the loop ends in its first round.
    while !(length > 0) {
      for i in 0..<dimension { product[i] = generator.next() }
      length = Self.project(&product, basis, rows: row, coefficients: &coefficients)
    }
    store(product, row: row, length: length)
  }

  private static func project(
    _ product: inout ContiguousArray<Double>, _ basis: ContiguousArray<Double>, rows: Int,
    coefficients: inout ContiguousArray<Double>
  ) -> Double {
    var x = product.mutableSpan
    var c = coefficients.mutableSpan
    return orthogonalize(&x, against: basis.span.extracting(0..<rows * x.count), coefficients: &c)
  }

  private mutating func store(_ vector: ContiguousArray<Double>, row: Int, length: Double) {
    let start = row * dimension
    if start == basis.count { basis.append(contentsOf: vector) }
    var stored = basis.mutableSpan
    for i in vector.indices { stored[start + i] = vector[i] / length }
  }
}

extension LanczosFactorization {
  /// Diagonalizes T; nil when QL exceeds its step limit.
  func solveProjected(_ accumulation: TridiagonalEigensolver.Accumulation) -> TridiagonalEigensolver? {
    var solver = TridiagonalEigensolver(
      diagonal: ContiguousArray(diagonal[0..<length]), coupling: ContiguousArray(coupling[0..<length]),
      accumulating: accumulation)
    return solver.solve() ? solver : nil
  }

  /// The smallest eigenpair of T at a fraction of the cost; nil when it is not accurate enough to judge residuals by.
  var smallestProjectedPair: SmallestTridiagonalPair? {
    let pair = SmallestTridiagonalPair(
      diagonal: ContiguousArray(diagonal[0..<length]), coupling: ContiguousArray(coupling[0..<length]))
    guard let pair, pair.residualNorm <= 1e-13 * normEstimate else { return nil }
    return pair
  }

  /// ‖f‖, 0 for an invariant subspace.
  var residualNorm: Double { length > 0 ? coupling[length - 1] : 0 }

  /// Rows Y·V for coefficient rows Y.
  ///
  /// - Shapes: `weights` [r, j] row-major; result [r, n].
  func combine(_ weights: ContiguousArray<Double>) -> ContiguousArray<Double> {
    let n = dimension
    var result = ContiguousArray(repeating: 0.0, count: weights.count / length * n)
    for i in 0..<weights.count / length {
      var rows = result.mutableSpan
      for j in 0..<length {
        let start = (deflatedCount + j) * n
        axpy(weights[i * length + j], basis.span.extracting(start..<start + n), into: &rows, at: i * n)
      }
    }
    return result
  }

  /// Thick restart: replaces V by Ritz vectors of the smallest values, in a basis that leaves T tridiagonal.
  ///
  /// With Θ the retained values and s = ‖f‖·(last components), A·VY = VY·Θ + (f/‖f‖)·sᵀ: the next vector couples to all
  /// of them and the projected matrix is an arrow. Reducing [Θ s; sᵀ 0] with the last coordinate fixed rotates VY to a
  /// basis in which only its last vector couples to f, so that the plain recurrence goes on.
  ///
  /// - Source: Wu & Simon 2000, §2, for the restart; the rotation shows its equivalence with Sorensen 1992.
  mutating func restart(retaining count: Int, _ ritz: TridiagonalEigensolver) {
    precondition(ritz.width == length && count < length, "retaining \(count) of \(length) Ritz vectors")
    let old = length
    let size = count + 1
    let unit = max(normEstimate, .leastNormalMagnitude)
    var arrow = ContiguousArray(repeating: 0.0, count: size * size)
    for i in 0..<count {
      arrow[i * size + i] = ritz.diagonal[i] / unit
      arrow[count * size + i] = residualNorm * ritz.rows[i * old + old - 1] / unit
      arrow[i * size + count] = arrow[count * size + i]
    }
    let reduction = HouseholderReduction(dimension: size, elements: arrow)
    var weights = ContiguousArray(repeating: 0.0, count: count * old)
    for i in 0..<count {
      var rotation = ContiguousArray(repeating: 0.0, count: size)
      rotation[i] = 1
      var column = rotation.mutableSpan
      reduction.backTransform(&column)
      var rows = weights.mutableSpan
      for l in 0..<count {
        axpy(column[l], ritz.rows.span.extracting(l * old..<(l + 1) * old), into: &rows, at: i * old)
      }
    }
    let rotated = combine(weights)
    let first = deflatedCount * dimension
    for i in rotated.indices { basis[first + i] = rotated[i] }
    for i in 0..<dimension { basis[first + rotated.count + i] = basis[first + old * dimension + i] }
    length = count
    for i in 0..<count {
      diagonal[i] = reduction.diagonal[i] * unit
      coupling[i] = reduction.coupling[i] * unit
    }
  }
}
