// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Eigenpairs under construction. Shapes as in `EigenPairs`.
struct RitzPairs {
  let dimension: Int
  private(set) var values: ContiguousArray<Double> = []
  private(set) var vectors: ContiguousArray<Double> = []
  private(set) var residualNorms: ContiguousArray<Double> = []
  /// The search space was everything, so no copy of a multiple eigenvalue is missing.
  private(set) var isComplete = false

  init(dimension: Int) { self.dimension = dimension }

  /// The Ritz pairs of some indices, their vectors normalized.
  init(_ factorization: LanczosFactorization, _ ritz: TridiagonalEigensolver, _ indices: [Int]) {
    let j = factorization.length
    dimension = factorization.dimension
    isComplete = factorization.isExhausted
    for i in indices {
      append(factorization, value: ritz.diagonal[i], coefficients: ContiguousArray(ritz.rows[i * j..<(i + 1) * j]))
    }
  }

  /// The Ritz pair of one eigenvector of T.
  init(_ factorization: LanczosFactorization, _ pair: SmallestTridiagonalPair) {
    dimension = factorization.dimension
    isComplete = factorization.isExhausted
    append(factorization, value: pair.value, coefficients: pair.vector, excess: pair.residualNorm)
  }

  /// - Parameter excess: residual norm of the coefficients as an eigenvector of T.
  private mutating func append(
    _ factorization: LanczosFactorization, value: Double, coefficients: ContiguousArray<Double>, excess: Double = 0
  ) {
    values.append(value)
    var vector = factorization.combine(coefficients)
    var v = vector.mutableSpan
    scale(&v, by: 1 / norm(v.span))
    vectors.append(contentsOf: vector)
    // Below ε·‖A‖ the recurrence knows nothing of the true residual.
    let bound = factorization.residualNorm * coefficients[coefficients.count - 1].magnitude + excess
    residualNorms.append(max(bound, .ulpOfOne * factorization.normEstimate))
  }

  /// Drops the largest pair and inserts one of a search on the complement of other pairs.
  ///
  /// - Parameter deflatedResiduals: ‖r‖ of those pairs. They are approximate, so A leads out of their complement: a vector y of
  ///   it has uᵀAy = rᵀy for each of them.
  mutating func replaceLast(with other: RitzPairs, deflatedResiduals: ContiguousArray<Double>) {
    let last = values.count - 1
    let position = values.firstIndex { $0 > other.values[0] } ?? last
    values.remove(at: last)
    vectors.removeSubrange(last * dimension..<(last + 1) * dimension)
    residualNorms.remove(at: last)
    values.insert(other.values[0], at: position)
    vectors.insert(contentsOf: other.vectors, at: position * dimension)
    let residuals = deflatedResiduals + other.residualNorms
    residualNorms.insert(norm(residuals.span), at: position)
  }
}

/// Settings of a search, checked.
struct LanczosLimits {
  let basis: Int
  let retained: Int
  let applications: Int
}

/// One or several Lanczos runs on the same operator that share a budget of applications.
struct LanczosSearch<Matrix: SymmetricOperator> {
  let matrix: Matrix
  let tolerance: Double
  let limits: LanczosLimits
  /// The largest estimate of ‖A‖ of any run.
  private(set) var normEstimate = 0.0
  private(set) var applications = 0
  private(set) var restarts = 0
  private var runs: UInt64 = 0

  init(matrix: Matrix, tolerance: Double, limits: LanczosLimits) {
    self.matrix = matrix
    self.tolerance = tolerance
    self.limits = limits
  }

  func result(_ pairs: RitzPairs) -> EigenPairs {
    EigenPairs(
      dimension: matrix.dimension, values: pairs.values, vectors: pairs.vectors, residualNorms: pairs.residualNorms,
      applications: applications, restarts: restarts)
  }

  func notConverged(_ pairs: RitzPairs? = nil) -> EigensolverError {
    .notConverged(partial: result(pairs ?? RitzPairs(dimension: matrix.dimension)), tolerance: tolerance)
  }

  /// The smallest Ritz pairs that meet the tolerance, one of every eigenspace unless a breakdown supplied more.
  ///
  /// - Shapes: `deflated` [k, n] orthonormal rows, k + count ≤ n.
  /// - Parameter limit: pairs above it are of no interest. Their residual needs only to rule out that a smaller
  ///   eigenvalue is still hidden. The Ritz polynomial is larger at every smaller eigenvalue than at the Ritz value, so
  ///   a residual of δ·(θ − limit) leaves it hidden only if the random start favored θ's vector by a factor 1/δ:
  ///   δ = √tolerance.
  mutating func smallest(
    _ count: Int, deflated: ContiguousArray<Double>, below limit: Double = .infinity
  ) throws(EigensolverError) -> RitzPairs {
    // Every run starts elsewhere: the previous start has no component along the eigenvectors it missed.
    var factorization = LanczosFactorization(
      dimension: matrix.dimension, capacity: limits.basis, deflated: deflated,
      generator: DeterministicGenerator(stream: runs))
    runs += 1
    var schedule = ConvergenceSchedule(from: count)
    while applications < limits.applications {
      applications += 1
      guard factorization.extend(by: matrix) else {
        throw .nonFinite("the result of operator application \(applications)")
      }
      let isLast = applications == limits.applications
      let isDue = factorization.isFull || factorization.isInvariant || schedule.isDue(factorization.length)
      guard isLast || (isDue && factorization.length >= count) else { continue }

      if count == 1, !isLast, let pair = factorization.smallestProjectedPair {
        normEstimate = max(normEstimate, factorization.normEstimate)
        let target = tolerance * normEstimate
        let bound = factorization.residualNorm * pair.vector[pair.vector.count - 1].magnitude + pair.residualNorm
        if bound <= max(target, tolerance.squareRoot() * (pair.value - limit)) {
          return RitzPairs(factorization, pair)
        }
        if !factorization.isFull {
          schedule.record(worst: bound, target: target, at: factorization.length)
          continue
        }
      }
      guard let ritz = factorization.solveProjected(.lastComponents) else { throw notConverged() }
      for value in ritz.diagonal { normEstimate = max(normEstimate, value.magnitude) }
      normEstimate = max(normEstimate, factorization.normEstimate)
      let target = tolerance * normEstimate
      let wanted = 0..<min(count, factorization.length)
      let bounds = wanted.map { factorization.residualNorm * ritz.rows[$0].magnitude }
      let converged = wanted.filter { i in
        bounds[i] <= max(target, tolerance.squareRoot() * (ritz.diagonal[i] - limit))
      }
      if converged.count == count || isLast {
        guard let full = factorization.solveProjected(.vectors) else { throw notConverged() }
        let pairs = RitzPairs(factorization, full, converged)
        guard converged.count == count else { throw notConverged(pairs) }
        return pairs
      }
      if factorization.isFull {
        guard let full = factorization.solveProjected(.vectors) else { throw notConverged() }
        factorization.restart(retaining: limits.retained, full)
        restarts += 1
        schedule = ConvergenceSchedule(from: limits.retained)
      } else {
        schedule.record(worst: bounds.max() ?? 0, target: target, at: factorization.length)
      }
    }
    throw notConverged()
  }
}
