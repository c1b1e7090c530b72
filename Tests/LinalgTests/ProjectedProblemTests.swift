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
