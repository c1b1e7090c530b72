// SPDX-License-Identifier: Apache-2.0

extension Reference {
  /// A·Bᵀ for two sets of rows.
  package static func innerProducts(_ a: [Double], _ b: [Double], length: Int) -> [Double] {
    gemm(
      Matrix(a, rows: a.count / length, columns: length),
      Matrix(b, rows: b.count / length, columns: length).transposed)
  }

  /// (max((x − minimum) / range, floor), rounded to Float)^exponent, not rounded again.
  package static func scaledPower(
    _ x: Double, minimum: Double, range: Double, exponent: Double, floor: Double = 0
  ) -> Double {
    Platform.power(Double(Float(max((x - minimum) / range, floor))), exponent)
  }

  /// The smallest and the largest number; NaN for both when one is not finite, nil for none.
  package static func extent(_ values: [Double]) -> (minimum: Double, maximum: Double)? {
    guard let minimum = values.min(), let maximum = values.max() else { return nil }
    return values.allSatisfy(\.isFinite) ? (minimum, maximum) : (.nan, .nan)
  }

  /// The rows and columns `indices` of a square matrix.
  package static func submatrix(_ matrix: Matrix, _ indices: [Int]) -> [Double] {
    indices.flatMap { row in indices.map { column in matrix[row, column] } }
  }

  /// Σ_j A_ij over the j whose key is less than that of i.
  package static func sumsOfPreceding(_ matrix: Matrix, keys: [Double]) -> [Double] {
    keys.indices.map { i in
      keys.indices.reduce(0) { sum, j in keys[j] < keys[i] ? sum + matrix[i, j] : sum }
    }
  }
}
