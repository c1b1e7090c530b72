// SPDX-License-Identifier: Apache-2.0
import Linalg
import Testing

/// Ascending values, unit vectors orthogonal to each other and to `known`, true residuals within a bound.
func expectEigenpairs(
  _ pairs: EigenPairs, of matrix: some SymmetricOperator, residual bound: Double,
  deflating known: [ContiguousArray<Double>] = [], sourceLocation: SourceLocation = #_sourceLocation
) {
  let n = matrix.dimension
  #expect(pairs.dimension == n && pairs.vectors.count == n * pairs.count, sourceLocation: sourceLocation)
  #expect(zip(pairs.values, pairs.values.dropFirst()).allSatisfy { $0 <= $1 }, sourceLocation: sourceLocation)
  for (i, residual) in pairs.residuals(of: matrix).enumerated() {
    #expect(residual <= bound, "residual of pair \(i)", sourceLocation: sourceLocation)
    #expect(pairs.residualNorms[i] <= bound, "reported residual of pair \(i)", sourceLocation: sourceLocation)
  }
  let vectors = (0..<pairs.count).map { pairs.vector($0) }
  let orthonormality = LinalgTolerance.orthonormality(order: n)
  for i in vectors.indices {
    for j in 0...i {
      let error = abs(product(vectors[i], vectors[j]) - (i == j ? 1 : 0))
      #expect(error <= orthonormality, "⟨v\(i), v\(j)⟩", sourceLocation: sourceLocation)
    }
    for u in known {
      let error = abs(product(vectors[i], u)) / product(u, u).squareRoot()
      #expect(error <= orthonormality, "⟨v\(i), u⟩", sourceLocation: sourceLocation)
    }
  }
}

func expectValues(
  _ values: ContiguousArray<Double>, _ expected: some Collection<Double>, within bound: Double,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(values.count == expected.count, sourceLocation: sourceLocation)
  for (i, (value, exact)) in zip(values, expected).enumerated() {
    #expect(abs(value - exact) <= bound, "eigenvalue \(i): \(value), \(exact)", sourceLocation: sourceLocation)
  }
}

func product(_ x: some Collection<Double>, _ y: some Collection<Double>) -> Double {
  zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
}

/// The part of a unit vector outside the span of orthonormal ones: the sine of the angle to that space.
func sine(_ vector: some Collection<Double>, _ space: [[Double]]) -> Double {
  var rest = Array(vector)
  for axis in space {
    let amount = product(rest, axis)
    for i in rest.indices { rest[i] -= amount * axis[i] }
  }
  return product(rest, rest).squareRoot()
}
