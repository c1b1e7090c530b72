// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The smallest eigenpairs of a symmetric operator by the thick-restart Lanczos method.
///
/// A pair is accepted when ‖Av − λv‖ ≤ `tolerance`·‖A‖, ‖A‖ estimated by the largest Ritz value. Starting vectors come
/// from a fixed sequence: equal operators give bitwise equal results.
///
/// - Numerics: an eigenvalue is then within `tolerance`·‖A‖, its eigenvector within `tolerance`·‖A‖/gap of the
///   eigenspace (Parlett §11.7).
/// - Source: Wu & Simon, "Thick-restart Lanczos method for large symmetric eigenvalue problems", SIAM J. Matrix Anal.
///   Appl. 22, 2000.
public struct LanczosEigensolver: Sendable {
  /// Bound of the residual norm relative to ‖A‖; at least ε.
  public var tolerance: Double
  /// Lanczos vectors kept before a restart; nil stands for 96, enough for most Laplacians without any, or 3·count.
  public var maximumBasis: Int?
  /// Ritz vectors that survive a restart; nil stands for a third of the basis, at least count.
  public var retained: Int?
  /// Limit of operator applications; nil stands for 1000 + 10n.
  public var maximumApplications: Int?

  public init(
    tolerance: Double = 1e-10, maximumBasis: Int? = nil, retained: Int? = nil, maximumApplications: Int? = nil
  ) {
    self.tolerance = tolerance
    self.maximumBasis = maximumBasis
    self.retained = retained
    self.maximumApplications = maximumApplications
  }

  /// The `count` smallest eigenpairs of `matrix` on the complement of `known`.
  ///
  /// With several pairs the multiplicity of each is settled by a further search on the complement of those found: it
  /// has to end at a value not below the largest of them, or that value takes its place. Residuals of such late pairs
  /// are within √(2·`count`)·`tolerance`·‖A‖: they inherit those of the pairs found before.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - matrix: the operator.
  ///   - known: eigenvectors of the operator, not necessarily normalized. The iteration stays orthogonal to
  ///     them at every step.
  /// - Throws: `invalidArgument`; `nonFinite`; `notConverged` with the pairs that had converged.
  public func smallest(
    _ count: Int = 1, of matrix: some SymmetricOperator, deflating known: [ContiguousArray<Double>] = []
  ) throws(EigensolverError) -> EigenPairs {
    let n = matrix.dimension
    guard n > 0 else { throw .invalidArgument("an operator of dimension \(n)") }
    var deflated = try orthonormalBasis(of: known, dimension: n)
    let limits = try limits(count, dimension: n, available: n - deflated.count / n)
    var search = LanczosSearch(matrix: matrix, tolerance: tolerance, limits: limits)
    var pairs = try search.smallest(count, deflated: deflated)
    deflated.append(contentsOf: pairs.vectors)
    var deflatedResiduals = pairs.residualNorms
    while count > 1, !pairs.isComplete, deflated.count < n * n {
      let next: RitzPairs
      do {
        next = try search.smallest(1, deflated: deflated, below: pairs.values[count - 1])
      } catch .notConverged {
        // The multiplicities are open, the pairs themselves are not.
        throw search.notConverged(pairs)
      }
      guard next.values[0] < pairs.values[count - 1] - tolerance * search.normEstimate else { break }
      deflated.append(contentsOf: next.vectors)
      pairs.replaceLast(with: next, deflatedResiduals: deflatedResiduals)
      deflatedResiduals += next.residualNorms
    }
    return search.result(pairs)
  }

  /// The settings with defaults filled in.
  private func limits(_ count: Int, dimension n: Int, available: Int) throws(EigensolverError) -> LanczosLimits {
    guard count >= 1, count <= available else {
      throw .invalidArgument("\(count) eigenpairs of \(available) available ones")
    }
    guard tolerance >= .ulpOfOne, tolerance < 1 else {
      throw .invalidArgument("tolerance \(tolerance) outside \(Double.ulpOfOne)..<1")
    }
    if let limit = maximumApplications, limit < 1 {
      throw .invalidArgument("at most \(limit) operator applications")
    }
    let basis = maximumBasis ?? max(96, 3 * count)
    let retained = retained ?? max(basis / 3, count)
    // A basis that spans everything is never restarted.
    guard basis >= available || (retained >= count && retained <= basis - 2) else {
      throw .invalidArgument("\(retained) retained vectors for \(count) pairs and a basis of \(basis)")
    }
    return LanczosLimits(
      basis: basis, retained: retained, applications: maximumApplications ?? 1000 + 10 * n)
  }
}
