// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct AttentionTests {
  struct Case: Sendable, CustomStringConvertible {
    var queries: Int
    var keys: Int
    var heads: Int
    var size: Int
    var causal = false
    var scale: Float?
    var magnitude: Float = 2

    var exactScale: Float { scale ?? Float(1 / Double(size).squareRoot()) }
    var description: String {
      "[\(queries), \(heads)·\(size)] to \(keys)\(causal ? ", causal" : ""), scale \(exactScale), to ±\(magnitude)"
    }
  }

  private static let guardValue: Float = -12_345
  private static let guardCount = 64
  /// Of the exponential, as it is documented.
  private static let exponentialUlps = 1.1
  private static let keysPerBlock = 252

  /// The models' head sizes, one to four heads; queries and keys around tiles and blocks.
  private static let cases: [Case] = [
    Case(queries: 1, keys: 1, heads: 1, size: 1),
    Case(queries: 1, keys: 2, heads: 2, size: 3),
    Case(queries: 5, keys: 13, heads: 3, size: 40),
    Case(queries: 31, keys: 77, heads: 4, size: 64),
    Case(queries: 32, keys: 251, heads: 1, size: 40),
    Case(queries: 33, keys: 252, heads: 1, size: 80),
    Case(queries: 7, keys: 253, heads: 2, size: 160),
    Case(queries: 130, keys: 77, heads: 2, size: 8),
    Case(queries: 257, keys: 20, heads: 1, size: 3),
    Case(queries: 3, keys: 520, heads: 4, size: 80),
    Case(queries: 3, keys: 510, heads: 1, size: 512),
    Case(queries: 2, keys: 300, heads: 2, size: 257),
    Case(queries: 1, keys: 1, heads: 1, size: 8, causal: true),
    Case(queries: 77, keys: 77, heads: 3, size: 16, causal: true),
    Case(queries: 270, keys: 270, heads: 1, size: 4, causal: true),
    Case(queries: 40, keys: 300, heads: 2, size: 8, causal: true),
    Case(queries: 300, keys: 40, heads: 1, size: 8, causal: true),
    Case(queries: 6, keys: 290, heads: 2, size: 40, scale: 1, magnitude: 3),
    Case(queries: 6, keys: 290, heads: 2, size: 40, scale: 0.01),
    Case(queries: 9, keys: 530, heads: 1, size: 64, magnitude: 40),
    Case(queries: 9, keys: 530, heads: 1, size: 64, causal: true, magnitude: 40),
  ]

  private struct Operands {
    var queries: [Float]
    var keys: [Float]
    var values: [Float]

    init(_ layout: Case, seed: UInt64) {
      var generator = SeededGenerator(seed: seed)
      let stride = layout.heads * layout.size
      queries = generator.floats(layout.queries * stride, magnitude: layout.magnitude)
      keys = generator.floats(layout.keys * stride, magnitude: layout.magnitude)
      values = generator.floats(layout.keys * stride)
    }

    func reference(_ layout: Case) -> [Double] {
      Reference.attention(
        queries.map(Double.init), keys: keys.map(Double.init), values: values.map(Double.init), heads: layout.heads,
        size: layout.size, scale: Double(layout.exactScale), causal: layout.causal)
    }

    /// Into memory full of NaN; a write outside of the output is reported.
    func result(_ layout: Case, _ set: InstructionSet, _ precision: Precision = .single) -> [Float] {
      let surround = [Float](repeating: guardValue, count: guardCount)
      var memory = surround + [Float](repeating: .nan, count: queries.count) + surround
      queries.withUnsafeBufferPointer { queries in
        keys.withUnsafeBufferPointer { keys in
          values.withUnsafeBufferPointer { values in
            memory.withUnsafeMutableBufferPointer { output in
              guard let q = queries.baseAddress, let k = keys.baseAddress, let v = values.baseAddress,
                let output = output.baseAddress
              else { return }
              attend(
                queries: q, count: layout.queries, keys: k, values: v, keyCount: layout.keys, heads: layout.heads,
                size: layout.size, scale: layout.exactScale, causal: layout.causal, precision: precision,
                into: output + guardCount,
                using: .table(for: set))
            }
          }
        }
      }
      #expect(memory.prefix(guardCount).elementsEqual(surround), "\(set): wrote before \(layout)")
      #expect(memory.suffix(guardCount).elementsEqual(surround), "\(set): wrote behind \(layout)")
      return Array(memory[guardCount..<guardCount + queries.count])
    }

    /// The relative error e of a weight comes from its exponent t = scale·(score − peak), which is off by
    /// scale·γ_size·Σ|q||k| and by 2u|t|, and from an exponential and a product for itself and for each later block. The
    /// quotient of the two sums is then off by e and by the weights' mean of e, and by the two sums themselves.
    func tolerance(_ layout: Case) -> Tolerance {
      let (heads, size) = (layout.heads, layout.size)
      let scale = Double(layout.exactScale)
      let unit = Tolerance.floatUnit
      let blocks = (layout.keys + keysPerBlock - 1) / keysPerBlock
      let ownError = Double(blocks + 1) * (2 * exponentialUlps + 1) * unit
      let sums = 2 * Tolerance.gamma(min(layout.keys, keysPerBlock) + 2 * blocks + 2, unit)
      var magnitude = [Double](repeating: 0, count: queries.count)
      for head in 0..<heads {
        let (weights, scores, products) = Reference.attentionWeights(
          queries.map(Double.init), keys.map(Double.init), heads: heads, size: size, head: head, scale: scale,
          causal: layout.causal)
        for i in 0..<layout.queries {
          let peak = scores[i].max() ?? 0
          let errors = scores[i].indices.map { j -> Double in
            guard scores[i][j] > -.infinity else { return 0 }
            let product = scale * Tolerance.gamma(size, unit) * products[i][j]
            return ownError + product + 2 * unit * abs(scale * (scores[i][j] - peak))
          }
          let average = Reference.dot(weights[i], errors)
          // Beyond the first order: eᵉ for an error in the exponent, and 1/(1 − ē).
          let growth = Reference.exponential(errors.max() ?? 0) / (1 - average)
          for c in 0..<size {
            let terms = errors.indices.map { j in
              let value = abs(Double(values[(j * heads + head) * size + c]))
              return weights[i][j] * value * (errors[j] + average + sums)
            }
            magnitude[(i * heads + head) * size + c] = terms.reduce(0, +) * growth / unit
          }
        }
      }
      return .reduction(length: 1, magnitude: magnitude)
    }

    /// The same where products are those of integers. A score that is off by δ makes its weight off by e^δ, and the sum of all
    /// as well; the rounded weights of a block are multiplied by rounded values, within the bound of such a product.
    func integerTolerance(_ layout: Case) -> Tolerance {
      let (heads, size) = (layout.heads, layout.size)
      let single = tolerance(layout)
      var bounds = [Double](repeating: 0, count: queries.count)
      for head in 0..<heads {
        func rows(_ values: [Float], _ count: Int) -> Reference.Matrix {
          Reference.Matrix(
            values.map(Double.init), rows: count, columns: size, offset: head * size, rowStride: heads * size)
        }
        let (q, k, v) = (rows(queries, layout.queries), rows(keys, layout.keys), rows(values, layout.keys))
        let scores = IntegerProductTests.tolerance(q, k.transposed)
        let weights = Reference.attentionWeights(
          queries.map(Double.init), keys.map(Double.init), heads: heads, size: size, head: head,
          scale: Double(layout.exactScale), causal: layout.causal
        ).weights
        for i in 0..<layout.queries {
          let delta = (0..<layout.keys).map { scores.bound(i * layout.keys + $0, 0) }.max() ?? 0
          let growth = Reference.exponential(2 * Double(layout.exactScale) * delta)
          var products = [Double](repeating: 0, count: size)
          for first in stride(from: 0, to: layout.keys, by: keysPerBlock) {
            let block = first..<min(layout.keys, first + keysPerBlock)
            let p = Reference.Matrix(block.map { weights[i][$0] }, rows: 1, columns: block.count)
            let part = Reference.Matrix(
              block.flatMap { j in (0..<size).map { v[j, $0] } }, rows: block.count, columns: size)
            let rounding = IntegerProductTests.tolerance(p, part)
            for c in 0..<size { products[c] += rounding.bound(c, 0) }
          }
          for c in 0..<size {
            let magnitude = (0..<layout.keys).reduce(0) { $0 + weights[i][$1] * abs(v[$1, c]) }
            let index = (i * heads + head) * size + c
            bounds[index] = single.bound(index, 0) + (growth - 1) * magnitude + growth * products[c]
          }
        }
      }
      return .reduction(length: 1, magnitude: bounds.map { $0 / Tolerance.floatUnit })
    }
  }

  @Test(arguments: cases)
  func errorStaysWithinTheBound(_ layout: Case) {
    let operands = Operands(layout, seed: 1)
    let (expected, tolerance) = (operands.reference(layout), operands.tolerance(layout))
    for set in InstructionSet.supported {
      expectEqual(operands.result(layout, set), expected, within: tolerance, "\(set)")
    }
  }

  @Test(arguments: cases)
  func errorOfIntegersStaysWithinTheBound(_ layout: Case) {
    let operands = Operands(layout, seed: 1)
    let (expected, tolerance) = (operands.reference(layout), operands.integerTolerance(layout))
    for set in InstructionSet.supported {
      expectEqual(operands.result(layout, set, .fast), expected, within: tolerance, "\(set)")
    }
  }

  /// Equal scores make equal weights: the mean of integers, rounded once, over blocks and rests of blocks.
  @Test(arguments: InstructionSet.supported, [1, 2, 14, 77, 252, 253, 504, 800])
  func equalScoresGiveTheMean(_ set: InstructionSet, _ count: Int) {
    var generator = SeededGenerator(seed: 2)
    let (heads, size) = (3, 21)
    let zeros = Tensor(zeros: [count, heads * size])
    let values = generator.integers(zeros.count)
    for causal in [false, true] {
      var sums = [Double](repeating: 0, count: heads * size)
      var expected: [Double] = []
      for i in 0..<count {
        for c in sums.indices { sums[c] += Double(values[i * sums.count + c]) }
        expected += sums.map { $0 / Double(i + 1) }
      }
      if !causal { expected = (0..<count).flatMap { _ in expected.suffix(sums.count) } }
      expectEqual(
        zeros.attention(
          keys: zeros, values: Tensor(zeros.shape, values: values), heads: heads, causal: causal,
          using: .table(for: set)),
        zeros.shape, expected, within: .roundedOnce, "\(set), \(count) keys, causal \(causal)")
    }
  }

  /// One score far above the others leaves its key's value alone, in whichever block it is.
  @Test(arguments: InstructionSet.supported, [0, 13, 251, 252, 503, 599])
  func theLargestScoreWins(_ set: InstructionSet, _ winner: Int) {
    var generator = SeededGenerator(seed: 3)
    let (m, size) = (600, 5)
    var keys = generator.floats(m * size)
    for key in 0..<m { keys[key * size] = key == winner ? 1 : -1 }
    let values = generator.floats(m * size)
    for score in [1e4, 1e30, 3e38] as [Float] {
      let result = Tensor([1, size], values: [score, 0, 0, 0, 0]).attention(
        keys: Tensor([m, size], values: keys), values: Tensor([m, size], values: values), heads: 1, scale: 1,
        using: .table(for: set))
      expectIdentical(result.values, Array(values[winner * size..<(winner + 1) * size]), "\(set), \(score)")
    }
  }

  /// A query row with a NaN or an infinite score becomes NaN and no other row does; keys at −∞ have no weight, even where
  /// they fill the first blocks.
  @Test(arguments: InstructionSet.supported)
  func valuesThatAreNotFinite(_ set: InstructionSet) {
    let (n, m) = (5, 600)
    // A head of one channel: score = query · key.
    func attention(_ queries: [Float], _ keys: [Float]) -> [Float] {
      Tensor([n, 1], values: queries).attention(
        keys: Tensor([m, 1], values: keys), values: Tensor([m, 1], values: (0..<m).map { Float($0 % 7) }), heads: 1,
        using: .table(for: set)
      ).values
    }
    let ones = [Float](repeating: 1, count: m)
    let poisoned = attention([1, .nan, 2, .infinity, -.infinity], ones)
    #expect(poisoned.map { $0.isNaN } == [false, true, false, true, true], "\(set): \(poisoned)")
    for position in [0, 300, 599] {
      for value in [Float.nan, .infinity] {
        var keys = ones
        keys[position] = value
        #expect(attention([1, 2, 3, 4, 5], keys).allSatisfy { $0.isNaN }, "\(set): \(value) at \(position)")
      }
    }
    for visible in [0..<1, 300..<301, 520..<600] {
      let keys = (0..<m).map { visible.contains($0) ? Float(1) : -.infinity }
      let mean = visible.reduce(0) { $0 + Double($1 % 7) } / Double(visible.count)
      expectEqual(
        attention([1, 2, 3, 4, 5], keys), [Double](repeating: mean, count: n), within: .roundedOnce,
        "\(set): only \(visible)")
    }
    #expect(attention([1, 2, 3, 4, 5], [Float](repeating: -.infinity, count: m)).allSatisfy { $0.isNaN }, "\(set)")
  }

  @Test func noQueries() {
    let keys = Tensor(zeros: [3, 4])
    #expect(Tensor(zeros: [0, 4]).attention(keys: keys, values: keys, heads: 2).shape == [0, 4])
  }
}
