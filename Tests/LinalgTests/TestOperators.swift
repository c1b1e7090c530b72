// SPDX-License-Identifier: Apache-2.0
import Foundation
import Linalg

/// Q·diag(spectrum)·Qᵀ with Q a product of eight reflections: every eigenpair is known without being computed.
struct PrescribedOperator: SymmetricOperator {
  let spectrum: [Double]
  private let reflections: [[Double]]

  init(_ spectrum: [Double], seed: UInt64 = 1) {
    self.spectrum = spectrum
    var random = TestRandom(seed: seed)
    reflections = (0..<8).map { _ in
      let v = spectrum.indices.map { _ in random.next() }
      let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return v.map { $0 / length }
    }
  }

  var dimension: Int { spectrum.count }

  func apply(_ x: Span<Double>, into y: inout MutableSpan<Double>) {
    var values = [Double]()
    for i in x.indices { values.append(x[i]) }
    let z = rotate(values, reflections.reversed())
    let product = rotate(zip(spectrum, z).map { $0 * $1 }, reflections)
    for i in product.indices { y[i] = product[i] }
  }

  /// The exact unit eigenvector of `spectrum[index]`.
  func vector(_ index: Int) -> [Double] {
    var axis = [Double](repeating: 0, count: dimension)
    axis[index] = 1
    return rotate(axis, reflections)
  }

  private func rotate(_ x: [Double], _ reflections: [[Double]]) -> [Double] {
    var x = x
    for v in reflections {
      let amount = 2 * zip(v, x).reduce(0) { $0 + $1.0 * $1.1 }
      for i in x.indices { x[i] -= amount * v[i] }
    }
    return x
  }
}

/// Counts applications and may spoil one of them.
final class ObservedOperator<Base: SymmetricOperator>: SymmetricOperator {
  let base: Base
  private(set) var applications = 0
  private let spoiled: (application: Int, value: Double)?

  init(_ base: Base, spoiling spoiled: (application: Int, value: Double)? = nil) {
    self.base = base
    self.spoiled = spoiled
  }

  var dimension: Int { base.dimension }

  func apply(_ x: Span<Double>, into y: inout MutableSpan<Double>) {
    applications += 1
    // What the contract allows on entry: anything.
    for i in y.indices { y[i] = .nan }
    base.apply(x, into: &y)
    if let spoiled, spoiled.application == applications { y[y.count / 2] = spoiled.value }
  }
}

extension SymmetricOperator {
  /// A·x.
  func image(of x: ContiguousArray<Double>) -> ContiguousArray<Double> {
    var product = ContiguousArray(repeating: 0.0, count: dimension)
    var y = product.mutableSpan
    apply(x.span, into: &y)
    return product
  }
}

extension SymmetricMatrix {
  /// Every application of an operator to an axis.
  init(of matrix: some SymmetricOperator) {
    let n = matrix.dimension
    var columns = [[Double]]()
    for i in 0..<n {
      var axis = ContiguousArray(repeating: 0.0, count: n)
      axis[i] = 1
      columns.append(Array(matrix.image(of: axis)))
    }
    self.init(dimension: n) { i, j in (columns[i][j] + columns[j][i]) / 2 }
  }

  static func random(_ n: Int, seed: UInt64) -> SymmetricMatrix {
    var random = TestRandom(seed: seed)
    return SymmetricMatrix(dimension: n) { _, _ in random.next() }
  }

  /// ‖A‖∞ ≥ ‖A‖₂.
  var norm: Double {
    (0..<dimension).map { i in (0..<dimension).reduce(0) { $0 + abs(self[i, $1]) } }.max() ?? 0
  }
}

/// Xorshift64*: other numbers than the solver's own.
struct TestRandom {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// Uniform in [−1, 1).
  mutating func next() -> Double {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return Double(Int64(bitPattern: state &* 0x2545_F491_4F6C_DD1D) >> 11) * 0x1p-52
  }
}
