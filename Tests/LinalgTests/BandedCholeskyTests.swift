// SPDX-License-Identifier: Apache-2.0
import Linalg
import TestSupport
import Testing

@Suite struct BandedCholeskyTests {
  /// A diagonally dominant band matrix, so that its condition number is small.
  private func band(_ n: Int, _ bandwidth: Int, seed: UInt64) -> ContiguousArray<Double> {
    var generator = SeededGenerator(seed: seed)
    var band = ContiguousArray(repeating: 0.0, count: n * (bandwidth + 1))
    for i in 0..<n {
      for k in max(0, bandwidth - i)..<bandwidth { band[i * (bandwidth + 1) + k] = generator.unit() }
      band[i * (bandwidth + 1) + bandwidth] = Double(2 * bandwidth + 1)
    }
    return band
  }

  @Test(arguments: [1, 2, 3, 17, 64], [1, 2, 5, 16])
  func solutionsSolve(n: Int, bandwidth: Int) throws {
    let band = band(n, bandwidth, seed: UInt64(n * 100 + bandwidth))
    func element(_ i: Int, _ j: Int) -> Double {
      let (low, high) = (min(i, j), max(i, j))
      return high - low > bandwidth ? 0 : band[high * (bandwidth + 1) + bandwidth - (high - low)]
    }
    let cholesky = try #require(BandedCholesky(dimension: n, bandwidth: bandwidth, band: band))
    var generator = SeededGenerator(seed: 1)
    let right = ContiguousArray(generator.doubles(3 * n))
    var solution = right
    cholesky.solve(&solution)
    for vector in 0..<3 {
      for i in 0..<n {
        let product = (0..<n).reduce(0) { $0 + element(i, $1) * solution[vector * n + $1] }
        // ‖A‖·‖x‖ is about ‖b‖ for a dominant diagonal; Golub & Van Loan §4.2.6 bounds the backward error by O(w·u).
        #expect(abs(product - right[vector * n + i]) <= Double(8 * (bandwidth + 1)) * Double.ulpOfOne)
      }
    }
  }

  @Test func indefiniteMatricesHaveNoFactor() {
    #expect(BandedCholesky(dimension: 2, bandwidth: 1, band: [0, 1, 2, 1]) == nil)
    #expect(BandedCholesky(dimension: 1, bandwidth: 1, band: [0, -1]) == nil)
    #expect(BandedCholesky(dimension: 1, bandwidth: 1, band: [0, .nan]) == nil)
  }
}
