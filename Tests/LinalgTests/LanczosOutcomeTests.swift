// SPDX-License-Identifier: Apache-2.0
import Foundation
import Linalg
import Testing

@Suite struct LanczosOutcomeTests {
  @Test func resultsAreBitwiseReproducible() throws {
    let matrix = SymmetricMatrix.random(150, seed: 4)
    for solver in [LanczosEigensolver(), LanczosEigensolver(maximumBasis: 30)] {
      #expect(try solver.smallest(4, of: matrix) == solver.smallest(4, of: matrix))
    }
  }

  @Test func applicationsAreCounted() throws {
    for count in [1, 6] {
      let observed = ObservedOperator(TestGraph.cycle(60).laplacian)
      let pairs = try LanczosEigensolver().smallest(count, of: observed, deflating: [ones(60)])
      #expect(pairs.applications == observed.applications)
    }
  }

  /// tan∠(v̂, v) ≤ tan∠(start, v)/T₍ⱼ₋₁₎(1 + 2γ), γ = gap/(spread − gap), T the Chebyshev polynomial (Golub & Van Loan
  /// §10.1.5). A random start has a component of about 1/√n along v, less than a tenth of that with probability 0.08.
  /// A stop beyond the bound would be the convergence check's fault.
  @Test(arguments: [0.3, 0.1, 0.02])
  func stepsStayBelowTheChebyshevBound(_ gap: Double) throws {
    let n = 600
    let spectrum = [0] + (0..<n - 1).map { gap + (1 - gap) * Double($0) / Double(n - 2) }
    let solver = LanczosEigensolver()
    let pairs = try solver.smallest(of: PrescribedOperator(spectrum))
    let startTangent = 10 * Double(n).squareRoot()
    let bound = acosh(startTangent / solver.tolerance) / acosh(1 + 2 * gap / (1 - gap)) + 1
    #expect(Double(pairs.applications) <= bound)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity], [1, 2, 9])
  func valuesThatAreNotFinite(_ value: Double, _ application: Int) throws {
    let spoiled = ObservedOperator(SymmetricMatrix.random(40, seed: 2), spoiling: (application, value))
    #expect(throws: EigensolverError.nonFinite("the result of operator application \(application)")) {
      try LanczosEigensolver().smallest(2, of: spoiled)
    }
  }

  /// Whatever the budget, the pairs an error carries meet the tolerance and the budget is kept.
  @Test(arguments: [1, 3, 10, 30, 45, 60, 80, 120])
  func limitOfApplications(_ limit: Int) throws {
    let n = 300
    let spectrum = [0, 0.2, 0.35, 0.5, 0.6] + (0..<n - 5).map { 1 + Double($0) / Double(n) }
    let observed = ObservedOperator(PrescribedOperator(spectrum))
    let solver = LanczosEigensolver(maximumApplications: limit)
    let bound = LinalgTolerance.residual(solver.tolerance, order: n, norm: 2, count: 5)
    switch Result(catching: { try solver.smallest(5, of: observed) }) {
    case .success(let pairs):
      expectEigenpairs(pairs, of: observed.base, residual: bound)
      expectValues(pairs.values, spectrum.prefix(5), within: bound)
      #expect(limit > 30)
    case .failure(EigensolverError.notConverged(let partial, let tolerance)):
      #expect(tolerance == solver.tolerance && partial.applications == limit && limit < 120)
      expectEigenpairs(partial, of: observed.base, residual: bound)
      #expect(partial.values.allSatisfy { value in spectrum.contains { abs($0 - value) <= bound } })
      #expect(limit != 45 || !partial.values.isEmpty)
      #expect(limit != 1 || partial.values.isEmpty)
    case .failure(let error): throw error
    }
    #expect(observed.applications <= limit)
  }

  @Test func invalidArguments() {
    let path = TestGraph.path(5).laplacian
    func expect(
      _ reason: String, _ solver: LanczosEigensolver = LanczosEigensolver(), count: Int = 1,
      deflating known: [ContiguousArray<Double>] = [], sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(throws: EigensolverError.invalidArgument(reason), sourceLocation: sourceLocation) {
        try solver.smallest(count, of: path, deflating: known)
      }
    }
    expect("0 eigenpairs of 5 available ones", count: 0)
    expect("6 eigenpairs of 5 available ones", count: 6)
    expect("5 eigenpairs of 4 available ones", count: 5, deflating: [ones(5)])
    expect("tolerance 0.0 outside \(Double.ulpOfOne)..<1", LanczosEigensolver(tolerance: 0))
    expect("tolerance nan outside \(Double.ulpOfOne)..<1", LanczosEigensolver(tolerance: .nan))
    expect("at most 0 operator applications", LanczosEigensolver(maximumApplications: 0))
    expect(
      "3 retained vectors for 1 pairs and a basis of 4", LanczosEigensolver(maximumBasis: 4, retained: 3))
    expect("deflated vector 1 has 4 elements, the operator dimension 5", deflating: [ones(5), ones(4)])
    expect("deflated vector 0 is zero", deflating: [ContiguousArray(repeating: 0, count: 5)])
    expect("deflated vector 0 has an element inf", deflating: [ContiguousArray(repeating: .infinity, count: 5)])
  }

  @Test func messages() {
    let error = EigensolverError.notConverged(
      partial: .empty(dimension: 3, applications: 7, restarts: 1), tolerance: 1e-10)
    #expect(
      error.description
        == "the eigensolver did not converge: 0 eigenpairs reached tolerance 1e-10 within 7 operator applications and "
        + "1 restarts")
    #expect(
      EigensolverError.nonFinite("a matrix element").description
        == "the eigensolver stopped: a matrix element is NaN or infinite; check the features for extreme values")
  }
}
