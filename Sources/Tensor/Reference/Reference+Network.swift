// SPDX-License-Identifier: Apache-2.0

extension Reference {
  /// addend + bias + Σ image·weight over a window, zero outside of the image (torch `conv2d`).
  ///
  /// - Shapes: `image` [h, w, inputs]; `weight` [outputs, inputs, kernel height, kernel width]; `bias` [outputs]; `addend`
  ///   and result [rows, columns, outputs].
  package static func convolved(
    _ image: [Double], height: Int, width: Int, weight: [Double], weightShape: [Int], bias: [Double]? = nil,
    stride: Int, padding: Padding, addingTo addend: [Double]? = nil
  ) -> [Double] {
    let (outputs, inputs, kernelHeight, kernelWidth) = (
      weightShape[0], weightShape[1], weightShape[2], weightShape[3]
    )
    let rows = (height + padding.top + padding.bottom - kernelHeight) / stride + 1
    let columns = (width + padding.left + padding.right - kernelWidth) / stride + 1
    var result: [Double] = []
    for row in 0..<rows {
      for column in 0..<columns {
        for output in 0..<outputs {
          var sum = (bias?[output] ?? 0) + (addend?[(row * columns + column) * outputs + output] ?? 0)
          for i in 0..<kernelHeight {
            for j in 0..<kernelWidth {
              let (y, x) = (row * stride + i - padding.top, column * stride + j - padding.left)
              guard y >= 0 && y < height && x >= 0 && x < width else { continue }
              for input in 0..<inputs {
                sum +=
                  image[(y * width + x) * inputs + input]
                  * weight[((output * inputs + input) * kernelHeight + i) * kernelWidth + j]
              }
            }
          }
          result.append(sum)
        }
      }
    }
    return result
  }

  /// One head's attention weights, scores and Σ|q||k|, each [n, m]; a later key has weight 0 and score −∞ when `causal`.
  package static func attentionWeights(
    _ queries: [Double], _ keys: [Double], heads: Int, size: Int, head: Int, scale: Double, causal: Bool
  ) -> (weights: [[Double]], scores: [[Double]], magnitudes: [[Double]]) {
    let stride = heads * size
    func slice(_ values: [Double], _ row: Int) -> [Double] {
      Array(values[row * stride + head * size..<row * stride + (head + 1) * size])
    }
    let keyRows = (0..<keys.count / stride).map { slice(keys, $0) }
    var (weights, scores, magnitudes): ([[Double]], [[Double]], [[Double]]) = ([], [], [])
    for i in 0..<queries.count / stride {
      let query = slice(queries, i)
      let row = keyRows.indices.map { causal && $0 > i ? -.infinity : dot(query, keyRows[$0]) }
      scores.append(row)
      magnitudes.append(keyRows.map { dot(query.map(abs), $0.map(abs)) })
      weights.append(softmax(row, scale: scale))
    }
    return (weights, scores, magnitudes)
  }

  /// softmax(scale · Q·Kᵀ)·V for every head.
  ///
  /// - Shapes: `queries` [n, heads · size], `keys` and `values` [m, heads · size], result [n, heads · size].
  package static func attention(
    _ queries: [Double], keys: [Double], values: [Double], heads: Int, size: Int, scale: Double, causal: Bool = false
  ) -> [Double] {
    let stride = heads * size
    var result = [Double](repeating: 0, count: queries.count)
    for head in 0..<heads {
      let weights = attentionWeights(
        queries, keys, heads: heads, size: size, head: head, scale: scale, causal: causal
      ).weights
      for (i, row) in weights.enumerated() {
        for c in 0..<size {
          result[i * stride + head * size + c] = dot(row, row.indices.map { values[$0 * stride + head * size + c] })
        }
      }
    }
    return result
  }

  /// Mean over the heads of softmax(scale · Q·Kᵀ), [n, m].
  package static func meanAttentionWeights(
    _ queries: [Double], to keys: [Double], heads: Int, size: Int, scale: Double
  ) -> [Double] {
    let count = keys.count / (heads * size)
    var result = [Double](repeating: 0, count: queries.count / (heads * size) * count)
    for head in 0..<heads {
      let weights = attentionWeights(
        queries, keys, heads: heads, size: size, head: head, scale: scale, causal: false
      ).weights
      for (i, weight) in weights.joined().enumerated() { result[i] += weight / Double(heads) }
    }
    return result
  }

  /// x / (1 + e^{−1.702·x}).
  package static func quickGELU(_ x: Double) -> Double { x / (1 + Platform.exponential(-1.702 * x)) }
}
