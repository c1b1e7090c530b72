// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct AttentionWeightTests {
  struct Case: Sendable, CustomStringConvertible {
    var queries: Int
    var keys: Int
    var heads: Int
    var size: Int
    var scale: Float?
    var magnitude: Float = 2

    var exactScale: Float { scale ?? Float(1 / Double(size).squareRoot()) }
    var description: String { "[\(queries), \(heads)·\(size)] to \(keys), scale \(exactScale), to ±\(magnitude)" }
  }

  /// Of the exponential, as it is documented.
  private static let exponentialUlps = 1.1

  /// Around vectors, tiles and the blocks of 256 queries.
  private static let cases: [Case] = [
    Case(queries: 1, keys: 1, heads: 1, size: 1),
    Case(queries: 1, keys: 2, heads: 2, size: 3),
    Case(queries: 5, keys: 13, heads: 3, size: 40),
    Case(queries: 31, keys: 77, heads: 4, size: 64),
    Case(queries: 17, keys: 16, heads: 20, size: 8),
    Case(queries: 255, keys: 33, heads: 2, size: 5),
    Case(queries: 256, keys: 3, heads: 1, size: 7),
    Case(queries: 257, keys: 65, heads: 2, size: 8),
    Case(queries: 600, keys: 9, heads: 3, size: 4),
    Case(queries: 3, keys: 520, heads: 4, size: 80),
    Case(queries: 6, keys: 290, heads: 2, size: 40, scale: 1, magnitude: 3),
    Case(queries: 9, keys: 130, heads: 2, size: 64, magnitude: 40),
  ]

  /// A head's weight is off by e = exponential, product, scale·γ_size·Σ|q||k| and 2u|t| of its exponent t, by the mean of e
  /// over the weights, and by the sum; then by the sum over the heads.
  private func tolerance(_ layout: Case, _ queries: [Double], _ keys: [Double]) -> Tolerance {
    let (heads, size, scale) = (layout.heads, layout.size, Double(layout.exactScale))
    let unit = Tolerance.floatUnit
    let own = (2 * Self.exponentialUlps + 2) * unit
    let sums = Tolerance.gamma(layout.keys, unit) + Tolerance.gamma(heads + 1, unit)
    var magnitude = [Double](repeating: 0, count: layout.queries * layout.keys)
    for head in 0..<heads {
      let (weights, scores, products) = Reference.attentionWeights(
        queries, keys, heads: heads, size: size, head: head, scale: scale, causal: false)
      for i in 0..<layout.queries {
        let peak = scores[i].max() ?? 0
        let errors = scores[i].indices.map { j in
          own + scale * Tolerance.gamma(size, unit) * products[i][j] + 2 * unit * abs(scale * (scores[i][j] - peak))
        }
        let average = Reference.dot(weights[i], errors)
        let growth = Reference.exponential(errors.max() ?? 0) / (1 - average)
        for j in 0..<layout.keys {
          // A weight below the least normal number is rounded to a multiple of the least one.
          let term = weights[i][j] * (errors[j] + average + sums) * growth + Double(Float.leastNormalMagnitude)
          magnitude[i * layout.keys + j] += term / Double(heads) / unit
        }
      }
    }
    return .reduction(length: 1, magnitude: magnitude)
  }

  @Test(arguments: cases)
  func errorStaysWithinTheBound(_ layout: Case) {
    var generator = SeededGenerator(seed: 31)
    let width = layout.heads * layout.size
    let queries = generator.floats(layout.queries * width, magnitude: layout.magnitude)
    let keys = generator.floats(layout.keys * width, magnitude: layout.magnitude)
    let (q, k) = (queries.map(Double.init), keys.map(Double.init))
    let expected = Reference.meanAttentionWeights(
      q, to: k, heads: layout.heads, size: layout.size, scale: Double(layout.exactScale))
    let tolerance = tolerance(layout, q, k)
    for set in InstructionSet.supported {
      let result = Tensor([layout.queries, width], values: queries).meanAttentionWeights(
        to: Tensor([layout.keys, width], values: keys), heads: layout.heads, scale: layout.scale,
        using: .table(for: set))
      expectEqual(result, [layout.queries, layout.keys], expected, within: tolerance, "\(set)")
    }
  }

  /// Two heads, each with one winner, share the weight.
  @Test(arguments: InstructionSet.supported)
  func headsAreAveraged(_ set: InstructionSet) {
    let keys = Tensor([3, 2], values: [1, -1, -1, -1, -1, 1])
    let weights = Tensor([1, 2], values: [1e6, 1e6]).meanAttentionWeights(
      to: keys, heads: 2, scale: 1, using: .table(for: set))
    #expect(weights.values == [0.5, 0, 0.5])
  }

  /// A query with a NaN becomes NaN, and no other does.
  @Test(arguments: InstructionSet.supported)
  func valuesThatAreNotFinite(_ set: InstructionSet) {
    let queries = Tensor([3, 2], values: [1, 2, 1, .nan, 3, 4])
    let weights = queries.meanAttentionWeights(
      to: Tensor([2, 2], values: [1, 2, 3, 4]), heads: 2, using: .table(for: set))
    #expect(weights.values.map(\.isNaN) == [false, false, true, true, false, false])
  }

  @Test func noQueries() {
    #expect(Tensor(zeros: [0, 4]).meanAttentionWeights(to: Tensor(zeros: [3, 4]), heads: 2).shape == [0, 3])
  }
}
