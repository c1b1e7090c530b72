// SPDX-License-Identifier: Apache-2.0

extension Reference {
  /// C = A·B + bias (+ C₀).
  ///
  /// - Shapes: `a` [m, k], `b` [k, n], `bias` [n], `initial` [m, n]; result [m, n] row-major.
  package static func gemm(
    _ a: Matrix, _ b: Matrix, bias: [Double]? = nil, addingTo initial: [Double]? = nil
  ) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(a.rows * b.columns)
    for i in 0..<a.rows {
      for j in 0..<b.columns {
        var sum = (bias?[j] ?? 0) + (initial?[i * b.columns + j] ?? 0)
        for p in 0..<a.columns { sum += a[i, p] * b[p, j] }
        result.append(sum)
      }
    }
    return result
  }

  /// Σ|a||b| (+ |bias| + |C₀|): what an error bound of `gemm` is relative to.
  package static func gemmMagnitude(
    _ a: Matrix, _ b: Matrix, bias: [Double]? = nil, addingTo initial: [Double]? = nil
  ) -> [Double] {
    gemm(a.magnitudes, b.magnitudes, bias: bias?.map(abs), addingTo: initial?.map(abs))
  }

  /// xᵀy.
  package static func dot(_ x: [Double], _ y: [Double]) -> Double {
    var sum = 0.0
    for i in x.indices { sum += x[i] * y[i] }
    return sum
  }

  /// y + alpha·x.
  package static func axpy(_ alpha: Double, _ x: [Double], _ y: [Double]) -> [Double] {
    y.indices.map { y[$0] + alpha * x[$0] }
  }

  /// A·x.
  ///
  /// - Shapes: `a` [m, n], `x` [n], result [m].
  package static func multiply(_ a: Matrix, _ x: [Double]) -> [Double] {
    (0..<a.rows).map { row in
      var sum = 0.0
      for column in 0..<a.columns { sum += a[row, column] * x[column] }
      return sum
    }
  }
}
