// SPDX-License-Identifier: Apache-2.0
import Linalg
import Testing

/// The two halves of the dense solver, which thick restart also uses one by one.
@Suite struct ProjectedProblemTests {
  private let diagonal: ContiguousArray<Double> = [4, -1, 0, 1e-9, 2, 2, 0, 7]
  private let coupling: ContiguousArray<Double> = [1, 1e-3, 0.5, 1e-12, 0, 3, 1e-200]

  /// A Lanczos residual bound and the vector computed later must not disagree.
  @Test func lastComponentsAreThoseOfTheVectors() throws {
    var whole = TridiagonalEigensolver(diagonal: diagonal, coupling: coupling, accumulating: .vectors)
    var last = TridiagonalEigensolver(diagonal: diagonal, coupling: coupling, accumulating: .lastComponents)
    let solved = (whole.solve(), last.solve())
    #expect(solved.0 && solved.1)
    #expect(whole.diagonal == last.diagonal)
    let m = diagonal.count
    #expect(last.rows == ContiguousArray((0..<m).map { whole.rows[$0 * m + m - 1] }))
  }

  @Test func stepLimitIsReported() {
    var solver = TridiagonalEigensolver(diagonal: diagonal, coupling: coupling, accumulating: .lastComponents)
    let hurried = solver.solve(stepLimit: 0)
    #expect(!hurried)
    var empty = TridiagonalEigensolver(diagonal: [], coupling: [], accumulating: .vectors)
    let solved = empty.solve()
    #expect(solved && empty.diagonal.isEmpty)
  }

  /// Lanczos matrices have positive couplings. Random ones; Wilkinson's W⁺₂₁ turned over, whose least two eigenvalues
  /// agree to fourteen digits; a decoupled one; all zero.
  private static let lanczosMatrices: [(ContiguousArray<Double>, ContiguousArray<Double>)] = {
    var matrices: [(ContiguousArray<Double>, ContiguousArray<Double>)] = [
      ([3], []), ([0, 0], [0]), (ContiguousArray((-10...10).map { -abs(Double($0)) }), .init(repeating: 1, count: 20)),
      ([2, 1, 1, 5], [1, 0, 0.5]), ([1, 1e-12, 1e-6, 1], [1e-7, 1e-10, 1e-3]), ([-1e200, 1e200, 0], [1e199, 1e200]),
    ]
    for m in [2, 3, 8, 40, 96] {
      let matrix = SymmetricMatrix.random(m, seed: UInt64(m))
      matrices.append(
        (
          ContiguousArray((0..<m).map { matrix[$0, $0] }),
          ContiguousArray((0..<m - 1).map { abs(matrix[$0, $0 + 1]) })
        ))
    }
    return matrices
  }()

  @Test(arguments: 0..<11)
  func smallestPairIsThatOfQL(_ index: Int) throws {
    let (diagonal, coupling) = Self.lanczosMatrices[index]
    let m = diagonal.count
    var solver = TridiagonalEigensolver(diagonal: diagonal, coupling: coupling, accumulating: .vectors)
    let solved = solver.solve()
    let pair = try #require(SmallestTridiagonalPair(diagonal: diagonal, coupling: coupling))
    var norm = 0.0
    for value in solver.diagonal { norm = max(norm, value.magnitude) }
    let bound = LinalgTolerance.dense(order: m, norm: norm)
    #expect(solved && abs(pair.value - solver.diagonal[0]) <= bound && pair.residualNorm <= bound)
    #expect(abs(product(pair.vector, pair.vector) - 1) <= LinalgTolerance.orthonormality(order: m))
    for i in 0..<m {
      let before = i > 0 ? coupling[i - 1] * pair.vector[i - 1] : 0
      let after = i + 1 < m ? coupling[i] * pair.vector[i + 1] : 0
      #expect(abs(before + (diagonal[i] - pair.value) * pair.vector[i] + after) <= 2 * bound)
    }
  }

  /// Small residuals have to be told from rounding: the last row of T·s = θ·s gives the ratio of the last two.
  @Test func lastComponentIsAccurateBelowRounding() throws {
    let m = 9
    let diagonal = ContiguousArray((0..<m).map { $0 == 0 ? 0.0 : 1.0 })
    let pair = try #require(
      SmallestTridiagonalPair(diagonal: diagonal, coupling: ContiguousArray(repeating: 0.01, count: m)))
    let expected = -0.01 / (1 - pair.value) * pair.vector[m - 2]
    #expect(abs(pair.vector[m - 1]) < 1e-15 && abs(pair.vector[m - 1] - expected) <= 1e-3 * abs(expected))
  }

  @Test func smallestPairOfNothing() {
    #expect(SmallestTridiagonalPair(diagonal: [], coupling: []) == nil)
    #expect(SmallestTridiagonalPair(diagonal: [1, .nan], coupling: [1]) == nil)
    #expect(SmallestTridiagonalPair(diagonal: [1, 2], coupling: [.infinity]) == nil)
  }

  @Test(arguments: [1, 2, 3, 7, 24])
  func reductionIsASimilarityThatFixesTheLastAxis(_ n: Int) throws {
    let matrix = SymmetricMatrix.random(n, seed: UInt64(n))
    let reduction = HouseholderReduction(dimension: n, elements: matrix.elements)
    var columns: [ContiguousArray<Double>] = []
    for i in 0..<n {
      var column = ContiguousArray(repeating: 0.0, count: n)
      column[i] = 1
      var z = column.mutableSpan
      reduction.backTransform(&z)
      columns.append(column)
    }
    #expect(columns[n - 1].dropLast().allSatisfy { $0 == 0 } && columns[n - 1][n - 1] == 1)
    let bound = LinalgTolerance.dense(order: n, norm: matrix.norm)
    for i in 0..<n {
      let image = matrix.image(of: columns[i])
      for j in 0..<n {
        let expected =
          switch i - j {
          case 0: reduction.diagonal[i]
          case 1: reduction.coupling[j]
          case -1: reduction.coupling[i]
          default: 0.0
          }
        #expect(abs(product(image, columns[j]) - expected) <= bound, "QᵀAQ [\(j), \(i)]")
        #expect(abs(product(columns[i], columns[j]) - (i == j ? 1 : 0)) <= LinalgTolerance.orthonormality(order: n))
      }
    }
  }
}
