// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Tensor
import TestSupport
import Testing

/// The thread count is the process's: every test that sets it is in this suite, one after the other.
@Suite(.serialized) struct ThreadCountTests {
  private static let counts = [1, 2, 3, 8]

  private func withThreads<Result>(_ count: Int, _ body: () -> Result) -> Result {
    let before = Parallel.threadCount
    Parallel.threadCount = count
    defer { Parallel.threadCount = before }
    return body()
  }

  /// Runs an operation with every thread count and expects the same bits.
  private func expectSameBits(_ label: String, _ operation: () -> Tensor) {
    let single = withThreads(1, operation).values
    for count in Self.counts.dropFirst() {
      expectIdentical(withThreads(count, operation).values, single, "\(label) with \(count) threads")
    }
  }

  private func tensor(_ shape: Tensor.Shape, seed: UInt64) -> Tensor {
    var generator = SeededGenerator(seed: seed)
    return Tensor(shape, values: generator.floats(shape.count))
  }

  @Test func countIsAtLeastOne() {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = -3
    #expect(Parallel.threadCount == 1)
  }

  @Test(arguments: InstructionSet.supported)
  func matrixProducts(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    for (m, n, k) in [(1, 500, 300), (5, 7, 2600), (100, 37, 300), (301, 64, 257), (40, 3100, 33)] {
      let (a, b, bias) = (tensor([m, k], seed: 1), tensor([k, n], seed: 2), tensor([n], seed: 3))
      expectSameBits("\(set) [\(m), \(k)]·[\(k), \(n)]") { a.multiplied(by: b, bias: bias, using: kernels) }
      let weight = WeightMatrix(tensor([n, k], seed: 2), precision: .fast)
      expectSameBits("\(set) [\(m), \(k)]·[\(k), \(n)] of integers") {
        a.multiplied(by: weight, bias: bias, using: kernels)
      }
    }
    let (m, n, length) = (70, 90, 300)
    let a = ContiguousArray(tensor([m * length], seed: 4).values.map(Double.init))
    let b = ContiguousArray(tensor([n * length], seed: 5).values.map(Double.init))
    func products() -> [Double] {
      var result = ContiguousArray<Double>(repeating: .nan, count: m * n)
      var span = result.mutableSpan
      innerProducts(a.span, b.span, length: length, into: &span, using: kernels)
      return Array(result)
    }
    let single = withThreads(1, products)
    for count in Self.counts { expectIdentical(withThreads(count, products), single, "\(set), \(count) threads") }
  }

  /// With one part, with parts for threads that are awake, and with those for threads that are woken.
  @Test(arguments: InstructionSet.supported, [SymmetricTensor.teamDimension - 1, SymmetricTensor.teamDimension, 1601])
  func matrixTimesVector(_ set: InstructionSet, _ n: Int) {
    let matrix = SymmetricTensor(lower: tensor([n, n], seed: 6))
    let x = ContiguousArray(tensor([n], seed: 7).values.map(Double.init))
    func product(by team: ParallelTeam? = nil) -> [Double] {
      var result = ContiguousArray<Double>(repeating: .nan, count: n)
      var span = result.mutableSpan
      matrix.multiply(x.span, into: &span, by: team, using: .table(for: set))
      return Array(result)
    }
    let single = withThreads(1) { product() }
    for count in Self.counts {
      expectIdentical(withThreads(count) { product() }, single, "\(set), \(count) threads")
      let teams = withThreads(count) { Parallel.withTeam { team in product(by: team) } }
      expectIdentical(teams, single, "\(set), a team of \(count)")
    }
  }

  @Test(arguments: counts)
  func submatrices(_ threads: Int) {
    let matrix = SymmetricTensor(lower: tensor([70, 70], seed: 8))
    let withGaps = (0..<70).filter { $0 % 5 != 1 }
    for indices in [[], [69], Array(0..<70), Array(3..<60), withGaps, [0, 2, 3, 17, 18, 19, 40]] {
      let part = withThreads(threads) { Parallel.withTeam { team in matrix.submatrix(indices, by: team) } }
      let alone = matrix.submatrix(indices)
      #expect(part.dimension == indices.count && alone.dimension == indices.count)
      for i in indices.indices {
        for j in indices.indices {
          #expect(part[i, j] == matrix[indices[i], indices[j]] && alone[i, j] == part[i, j], "\(indices), [\(i), \(j)]")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.supported)
  func rowsImagesAndAffinities(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    let image = tensor([41, 29, 24], seed: 8)
    let (weight, bias) = (tensor([24], seed: 9), tensor([24], seed: 10))
    expectSameBits("\(set) group norm") {
      image.groupNorm(groups: 4, weight: weight, bias: bias, epsilon: 1e-6, using: kernels)
    }
    expectSameBits("\(set) layer norm") { image.layerNorm(weight: weight, bias: bias, epsilon: 1e-5, using: kernels) }
    expectSameBits("\(set) softmax") { image.softmax(using: kernels) }
    expectSameBits("\(set) gelu") { image.gelu(using: kernels) }
    expectSameBits("\(set) geglu") { image.geglu(using: kernels) }
    expectSameBits("\(set) swiglu") { image.swiglu(using: kernels) }
    expectSameBits("\(set) bilinear") { image.resized(height: 77, width: 19, using: kernels) }
    expectSameBits("\(set) nearest") { image.resized(height: 77, width: 19, .nearest, using: kernels) }
    expectSameBits("\(set) bicubic") { image.resized(height: 77, width: 19, .bicubicAntialiased, using: kernels) }
    let (n, channels) = (300, 70)
    let rows = ContiguousArray(tensor([n * channels], seed: 11).values.map(Double.init))
    expectSameBits("\(set) affinity") {
      let gram = GramMatrix(of: rows.span, length: channels, using: kernels)
      let affinity = gram.map(ScaledPower(minimum: -30, range: 60, exponent: 10))
      return Tensor([n, n], values: (0..<n * n).map { affinity[$0 / n, $0 % n] })
    }
    func strips() -> [Double] {
      let result = Mutex([Double](repeating: .nan, count: n * n))
      forEachProductStrip(of: rows.span, length: channels, using: kernels) { rows, products, stride in
        for row in rows {
          for j in 0...row {
            result.withLock { $0[row * n + j] = products[(row - rows.lowerBound) * stride + j] }
          }
        }
      }
      return result.withLock { $0 }
    }
    let single = withThreads(1, strips)
    for count in Self.counts { expectIdentical(withThreads(count, strips), single, "\(set) strips, \(count) threads") }
  }

  @Test(arguments: InstructionSet.supported)
  func convolutionsAndAttention(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    for (height, width, inputs, outputs) in [(1, 1, 40, 70), (5, 3, 30, 300), (31, 17, 35, 40)] {
      let (image, bias) = (tensor([height, width, inputs], seed: 12), tensor([outputs], seed: 13))
      let weight = tensor([outputs, inputs, 3, 3], seed: 14)
      let addend = tensor([height, width, outputs], seed: 15)
      let label = "\(set) [\(height), \(width), \(inputs)] to \(outputs)"
      expectSameBits(label) {
        image.convolved(with: weight, bias: bias, padding: Padding(1), adding: addend, using: kernels)
      }
    }
    let right = tensor([100, 1300], seed: 17)
    for rows in [1, 77, 301] {
      let left = tensor([rows, 1300], seed: 16)
      expectSameBits("\(set) weight, \(rows) rows") { left.multiplied(by: WeightMatrix(right), using: kernels) }
    }
    for (n, m, heads, size) in [(1, 300, 1, 20), (77, 77, 3, 16), (300, 600, 2, 40)] {
      let (queries, keys) = (tensor([n, heads * size], seed: 18), tensor([m, heads * size], seed: 19))
      let values = tensor([m, heads * size], seed: 20)
      for causal in [false, true] {
        expectSameBits("\(set) attention of [\(n), \(heads)·\(size)] to \(m)") {
          queries.attention(keys: keys, values: values, heads: heads, causal: causal, using: kernels)
        }
        expectSameBits("\(set) attention of [\(n), \(heads)·\(size)] to \(m), of integers") {
          queries.attention(
            keys: keys, values: values, heads: heads, causal: causal, precision: .fast, using: kernels)
        }
      }
    }
    for (n, m, heads, size) in [(1, 300, 1, 20), (300, 77, 3, 16), (600, 40, 2, 40)] {
      let (queries, keys) = (tensor([n, heads * size], seed: 18), tensor([m, heads * size], seed: 19))
      expectSameBits("\(set) weights of [\(n), \(heads)·\(size)] to \(m)") {
        queries.meanAttentionWeights(to: keys, heads: heads, using: kernels)
      }
    }
    let image = tensor([67, 53, 11], seed: 21)
    expectSameBits("\(set) quick GELU") { image.quickGELU(using: kernels) }
    expectSameBits("\(set) additions") {
      var sum = image
      sum.add(image, using: kernels)
      sum.addToRows(tensor([11], seed: 22), using: kernels)
      return sum
    }
  }

  @Test(arguments: counts, [0, 1, 2, 3, 7, 64, 1001])
  func everyItemOnce(_ threads: Int, _ count: Int) {
    withThreads(threads) {
      let visits = Mutex([Int](repeating: 0, count: count))
      Parallel.forEach(count) { item in visits.withLock { $0[item] += 1 } }
      #expect(visits.withLock { $0.allSatisfy { $0 == 1 } })
      Parallel.forEach(-1) { _ in Issue.record("an item of a negative count") }
    }
  }

  /// One short operation after the other, so that helpers come late, early and not at all.
  @Test(arguments: counts)
  func teamRunsEveryItemOnce(_ threads: Int) {
    withThreads(threads) {
      let order = Parallel.withTeam { team in
        team.forEach(-1) { _ in Issue.record("an item of a negative count") }
        #expect(team.map(-1) { $0 }.isEmpty)
        return (0..<3000).map { round in
          // An octal digit for each item.
          let visits = Atomic<Int>(0)
          team.forEach(round % 7) { item in visits.wrappingAdd(1 << (3 * item), ordering: .relaxed) }
          #expect(visits.load(ordering: .relaxed) == 0o111_1111 & (1 << (3 * (round % 7)) - 1), "round \(round)")
          return team.map(round % 5) { "\(round) \($0)" }
        }
      }
      for (round, items) in order.enumerated() { #expect(items == (0..<round % 5).map { "\(round) \($0)" }) }
    }
  }

  /// While others have nothing to do they leave the processor to those that have.
  @Test(arguments: counts)
  func teamsSideBySide(_ threads: Int) {
    withThreads(threads) {
      let sums: ContiguousArray<Int> = Parallel.array(count: 4, chunkSize: 1) { _, sum in
        sum[0] = Parallel.withTeam { team in
          (0..<100).reduce(0) { total, round in total + team.map(5) { $0 * round }.reduce(0, +) }
        }
      }
      #expect(sums == [49_500, 49_500, 49_500, 49_500])
    }
  }

  @Test(arguments: counts)
  func teamsOwnerMayThrow(_ threads: Int) {
    struct Failure: Error, Equatable { var item: Int }
    withThreads(threads) {
      var caught: Failure?
      do throws(Failure) {
        try Parallel.withTeam { team throws(Failure) in
          if let item = team.map(9, { $0 }).first(where: { $0 % 5 == 3 }) { throw Failure(item: item) }
        }
      } catch {
        caught = error
      }
      #expect(caught == Failure(item: 3))
    }
  }

  @Test(arguments: counts, [0, 1, 2, 63, 64, 65, 1001])
  func everyChunkOnce(_ threads: Int, _ count: Int) {
    withThreads(threads) {
      for chunkSize in [1, 3, 64, 1000, 5000, .max] {
        var array = ContiguousArray<Int>(repeating: 0, count: count)
        Parallel.fillChunks(of: &array, chunkSize: chunkSize) { index, chunk in
          for i in 0..<chunk.count { chunk[i] += index * min(chunkSize, count) + i + 1 }
        }
        #expect(array.elementsEqual(1..<count + 1), "\(count) in chunks of \(chunkSize)")
        let made: ContiguousArray<Int> = Parallel.array(count: count, chunkSize: chunkSize) { index, chunk in
          for i in 0..<chunk.count { chunk[i] = index * min(chunkSize, count) + i + 1 }
        }
        #expect(made == array, "\(count) in chunks of \(chunkSize)")
      }
    }
  }

  @Test(arguments: counts, [[0, 3], [3, 0], [1, 5], [7, 3], [65, 2]])
  func everyRowOnce(_ threads: Int, _ extents: [Int]) {
    withThreads(threads) {
      let shared = Tensor(zeros: Tensor.Shape(extents + [2]))
      var tensor = shared
      Parallel.fillRows(of: &tensor) { row, values in
        for i in 0..<values.count { values[i] += Float(row * values.count + i + 1) }
      }
      #expect(tensor.values == (0..<tensor.count).map { Float($0 + 1) })
      #expect(shared.values.allSatisfy { $0 == 0 }, "the other owner of the storage is not written")
      var scalar = Tensor(zeros: [])
      Parallel.fillRows(of: &scalar) { _, values in values[0] += 1 }
      #expect(scalar.values == [1])
    }
  }

  /// An item may itself be split.
  @Test(arguments: counts)
  func nested(_ threads: Int) {
    withThreads(threads) {
      let total = Atomic<Int>(0)
      Parallel.forEach(9) { outer in
        Parallel.forEach(outer) { inner in total.wrappingAdd(inner + 1, ordering: .relaxed) }
      }
      #expect(total.load(ordering: .relaxed) == (0..<9).reduce(0) { $0 + $1 * ($1 + 1) / 2 })
    }
  }

  @Test(arguments: InstructionSet.supported)
  func localAffinityAndAveragedMasks(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    let (height, width) = (150, 200)
    let image = Tensor(
      [height, width, 3], values: tensor([height * width * 3], seed: 21).values.map { 128 + 100 * $0 })
    let ranks = ContiguousArray((0..<height * width).map { Int32($0 % width / 30 + $0 / width / 100 * 7) })
    expectSameBits("\(set), weights") { LocalAffinity(image, dilations: [1, 24], using: kernels).planes }
    expectSameBits("\(set), masks") {
      LocalAffinity(image, dilations: [1, 24], using: kernels).averagedMasks(
        of: ranks.span, size: (height, width), count: 14, iterations: 4, using: kernels)
    }
  }
}
