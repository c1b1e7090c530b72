// SPDX-License-Identifier: Apache-2.0
import Foundation
import Linalg
import Testing

/// A graph whose Laplacian D − W has a spectrum in closed form.
struct TestGraph: CustomTestStringConvertible, Sendable {
  let name: String
  let laplacian: SymmetricMatrix
  /// Ascending.
  let spectrum: [Double]

  var testDescription: String { "\(name) of \(laplacian.dimension)" }

  private init(_ name: String, _ n: Int, spectrum: [Double], isEdge: (Int, Int) -> Bool) {
    self.name = name
    self.spectrum = spectrum.sorted()
    laplacian = SymmetricMatrix.laplacian(n) { i, j in isEdge(i, j) ? 1 : 0 }
  }

  static func path(_ n: Int) -> TestGraph {
    let spectrum = (0..<n).map { 2 - 2 * cos(.pi * Double($0) / Double(n)) }
    return TestGraph("path", n, spectrum: spectrum) { i, j in i - j == 1 }
  }

  /// All eigenvalues double but 0 and, for even n, 4.
  static func cycle(_ n: Int) -> TestGraph {
    let spectrum = (0..<n).map { 2 - 2 * cos(2 * .pi * Double($0) / Double(n)) }
    return TestGraph("cycle", n, spectrum: spectrum) { i, j in i - j == 1 || i - j == n - 1 }
  }

  /// n with multiplicity n − 1.
  static func complete(_ n: Int) -> TestGraph {
    TestGraph("complete graph", n, spectrum: [0] + Array(repeating: Double(n), count: n - 1)) { _, _ in true }
  }

  /// 1 with multiplicity n − 2.
  static func star(_ n: Int) -> TestGraph {
    let spectrum = [0] + Array(repeating: 1.0, count: n - 2) + [Double(n)]
    return TestGraph("star", n, spectrum: spectrum) { _, j in j == 0 }
  }

  /// 2k with multiplicity binomial(d, k).
  static func hypercube(_ d: Int) -> TestGraph {
    let spectrum = (0..<1 << d).map { 2 * Double($0.nonzeroBitCount) }
    return TestGraph("hypercube", 1 << d, spectrum: spectrum) { i, j in (i ^ j).nonzeroBitCount == 1 }
  }

  static let all: [TestGraph] = [
    .path(2), .path(3), .path(10), .path(64), .cycle(3), .cycle(4), .cycle(11), .cycle(60), .complete(2), .complete(3),
    .complete(50), .star(3), .star(40), .hypercube(1), .hypercube(3), .hypercube(6),
  ]
}

extension SymmetricMatrix {
  /// D − W; weights are asked for i > j.
  static func laplacian(_ n: Int, weight: (Int, Int) -> Double) -> SymmetricMatrix {
    let weights = SymmetricMatrix(dimension: n) { i, j in i == j ? 0 : weight(i, j) }
    let degrees = weights.rowSums
    return SymmetricMatrix(dimension: n) { i, j in i == j ? degrees[i] : -weights[i, j] }
  }

  /// I − D^−½WD^−½ with D^½·1, its eigenvector for 0.
  static func normalizedLaplacian(_ n: Int, weight: (Int, Int) -> Double) -> (SymmetricMatrix, ContiguousArray<Double>)
  {
    let weights = SymmetricMatrix(dimension: n) { i, j in i == j ? 0 : weight(i, j) }
    let roots = ContiguousArray(weights.rowSums.map { $0.squareRoot() })
    let matrix = SymmetricMatrix(dimension: n) { i, j in (i == j ? 1 : 0) - weights[i, j] / (roots[i] * roots[j]) }
    return (matrix, roots)
  }

  private var rowSums: [Double] { (0..<dimension).map { i in (0..<dimension).reduce(0) { $0 + self[i, $1] } } }
}

func ones(_ n: Int) -> ContiguousArray<Double> { ContiguousArray(repeating: 1, count: n) }
