// SPDX-License-Identifier: Apache-2.0

/// Operands of kernels for benchmarks, and the comparison of results with expected values.
package enum BenchData {
  /// Numbers from −1 to 1 without a pattern, the same ones in every run.
  package static func tensor(_ shape: [Int], seed: UInt64 = 1) -> Tensor {
    var result = Tensor(zeros: Tensor.Shape(shape))
    Parallel.fillRows(of: &result) { row, values in
      var state = (seed << 32 | UInt64(row)) &* 0x9E37_79B9_7F4A_7C15
      for i in 0..<values.count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        values[i] = Float(state >> 40) * 0x1p-23 - 1
      }
    }
    return result
  }

  /// At most `count` indices spread over 0 ..< length, the first and the last one among them.
  package static func sample(_ count: Int, of length: Int) -> [Int] {
    guard count < length else { return Array(0..<length) }
    return count < 2 ? [0] : (0..<count).map { $0 * (length - 1) / (count - 1) }
  }

  /// Some rows of a matrix in double precision; nil takes all columns.
  package static func rows(_ rows: [Int], _ columns: [Int]? = nil, of matrix: Tensor) -> [Double] {
    let width = matrix.shape.extents.last ?? 1
    let columns = columns ?? Array(0..<width)
    return matrix.withSpan { values in
      rows.flatMap { row in columns.map { Double(values[row * width + $0]) } }
    }
  }

  /// The largest |found − expected| as a share of the magnitude; NaN where a number is no number.
  package static func error(_ found: [Double], _ expected: [Double], magnitudes: [Double]) -> Double {
    var worst = 0.0
    for i in expected.indices {
      let error = abs(found[i] - expected[i]) / max(magnitudes[i], .leastNormalMagnitude)
      if error.isNaN { return .nan }
      worst = max(worst, error)
    }
    return worst
  }
}
