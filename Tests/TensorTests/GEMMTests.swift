// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct GEMMTests {
  /// What surrounds C in memory, before, after and between its rows.
  private static let guardValue = -12_345.0
  private static let guardCount = 64

  /// Runs `gemm` on memory that holds the operands as they lie, C filled with NaN or the values to add to.
  ///
  /// A write outside of C is reported.
  private func product<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    _ a: Reference.Matrix, _ b: Reference.Matrix, _ kernel: GEMMKernel<Scalar>, gap: Int = 0,
    addingTo initial: [Double]? = nil
  ) -> [Double] {
    let (m, n) = (a.rows, b.columns)
    let stride = n + gap
    var memory = [Scalar](repeating: Scalar(Self.guardValue), count: m * stride + 2 * Self.guardCount)
    func index(_ i: Int, _ j: Int) -> Int { Self.guardCount + i * stride + j }
    for i in 0..<m { for j in 0..<n { memory[index(i, j)] = initial.map { Scalar($0[i * n + j]) } ?? .nan } }
    a.elements.map { Scalar($0) }.withUnsafeBufferPointer { left in
      b.elements.map { Scalar($0) }.withUnsafeBufferPointer { right in
        memory.withUnsafeMutableBufferPointer { c in
          guard let left = left.baseAddress, let right = right.baseAddress, let c = c.baseAddress else { return }
          gemm(
            MatrixView(
              left + a.offset, rows: m, columns: a.columns, rowStride: a.rowStride, columnStride: a.columnStride),
            MatrixView(
              right + b.offset, rows: b.rows, columns: n, rowStride: b.rowStride, columnStride: b.columnStride),
            into: c + Self.guardCount, rowStride: stride, accumulate: initial != nil, kernel: kernel)
        }
      }
    }
    var result: [Double] = []
    for i in 0..<m {
      for j in 0..<n {
        result.append(Double(memory[index(i, j)]))
        memory[index(i, j)] = Scalar(Self.guardValue)
      }
    }
    #expect(memory.allSatisfy { $0 == Scalar(Self.guardValue) }, "wrote outside of C: [\(m), \(n)], gap \(gap)")
    return result
  }

  private func random(_ rows: Int, _ columns: Int, _ generator: inout SeededGenerator) -> Reference.Matrix {
    Reference.Matrix(generator.floats(rows * columns).map(Double.init), rows: rows, columns: columns)
  }

  private func integers(_ rows: Int, _ columns: Int, _ generator: inout SeededGenerator) -> Reference.Matrix {
    Reference.Matrix(generator.integers(rows * columns).map(Double.init), rows: rows, columns: columns)
  }

  /// Sizes around the tile of a kernel and its half, depths around the block of 1280, and one whose rows push each other
  /// out of a cache.
  private func edgeSizes<Scalar>(_ kernel: GEMMKernel<Scalar>) -> [(m: Int, n: Int, k: Int)] {
    let (mr, nr) = (kernel.rows, kernel.columns)
    var sizes: [(Int, Int, Int)] = []
    for m in [1, mr / 2, mr / 2 + 1, mr, mr + 1, mr + mr / 2, 2 * mr - 1, 2 * mr + 1] {
      for n in [1, nr - 1, nr, nr + 1, 2 * nr - 1] {
        for k in [1, 2, 13, 1024, 1279, 1280, 1283] { sizes.append((m, n, k)) }
      }
    }
    return sizes
  }

  private func checkExact<Scalar>(_ kernel: GEMMKernel<Scalar>, _ label: String) {
    var generator = SeededGenerator(seed: 1)
    for (m, n, k) in edgeSizes(kernel) {
      let (a, b) = (integers(m, k, &generator), integers(k, n, &generator))
      expectEqual(
        product(a, b, kernel, gap: k % 3), Reference.gemm(a, b), within: .exact, "\(label) [\(m), \(k)]·[\(k), \(n)]")
    }
  }

  @Test(arguments: InstructionSet.supported)
  func integersAreExact(_ set: InstructionSet) {
    checkExact(KernelTable.table(for: set).gemmFloat, "\(set) Float")
    checkExact(KernelTable.table(for: set).gemmDouble, "\(set) Double")
  }

  private static let sizes: [[Int]] = [
    [1, 1, 1], [3, 5, 7], [17, 19, 23], [31, 37, 1031], [101, 103, 107], [1, 640, 320], [64, 320, 320], [77, 128, 768],
    [4, 3100, 40], [2, 6200, 300],
  ]

  @Test(arguments: InstructionSet.supported, sizes)
  func errorStaysWithinTheReductionBound(_ set: InstructionSet, _ size: [Int]) {
    let (m, n, k) = (size[0], size[1], size[2])
    var generator = SeededGenerator(seed: 2)
    let (a, b) = (random(m, k, &generator), random(k, n, &generator))
    let (expected, magnitude) = (Reference.gemm(a, b), Reference.gemmMagnitude(a, b))
    let kernels = KernelTable.table(for: set)
    expectEqual(
      product(a, b, kernels.gemmFloat, gap: 5), expected, within: .reduction(length: k, magnitude: magnitude), "Float")
    expectEqual(
      product(a, b, kernels.gemmDouble, gap: 5), expected,
      within: .reduction(length: k, magnitude: magnitude, unit: Tolerance.doubleUnit), "Double")
  }

  /// Each operand row-major, transposed, every second element of a larger matrix, and with rows in reverse order.
  @Test(arguments: InstructionSet.supported)
  func anyStrides(_ set: InstructionSet) {
    var generator = SeededGenerator(seed: 3)
    func layouts(_ rows: Int, _ columns: Int) -> [Reference.Matrix] {
      let wide = generator.integers(4 * rows * columns + 1).map(Double.init)
      return [
        Reference.Matrix(wide, rows: rows, columns: columns),
        Reference.Matrix(wide, rows: columns, columns: rows).transposed,
        Reference.Matrix(wide, rows: rows, columns: columns, offset: 1, rowStride: 4 * columns, columnStride: 2),
        Reference.Matrix(wide, rows: rows, columns: columns, offset: (rows - 1) * columns, rowStride: -columns),
      ]
    }
    for (m, n, k) in [(29, 33, 67), (14, 32, 300), (1, 16, 9), (6, 1, 5)] {
      for (i, a) in layouts(m, k).enumerated() {
        for (j, b) in layouts(k, n).enumerated() {
          expectEqual(
            product(a, b, KernelTable.table(for: set).gemmFloat), Reference.gemm(a, b), within: .exact,
            "\(set) layouts \(i), \(j) of [\(m), \(k)]·[\(k), \(n)]")
          expectEqual(
            product(a, b, KernelTable.table(for: set).gemmDouble), Reference.gemm(a, b), within: .exact,
            "\(set) layouts \(i), \(j) of [\(m), \(k)]·[\(k), \(n)] in Double")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.supported)
  func accumulates(_ set: InstructionSet) {
    var generator = SeededGenerator(seed: 4)
    for (m, n, k) in [(1, 1, 1), (15, 33, 1300), (28, 64, 1280), (7, 9, 2600)] {
      let (a, b) = (random(m, k, &generator), random(k, n, &generator))
      let initial = generator.floats(m * n).map(Double.init)
      expectEqual(
        product(a, b, KernelTable.table(for: set).gemmFloat, gap: 3, addingTo: initial),
        Reference.gemm(a, b, addingTo: initial),
        within: .reduction(length: k + 1, magnitude: Reference.gemmMagnitude(a, b, addingTo: initial)), "\(set)")
    }
  }

  @Test(arguments: InstructionSet.supported)
  func noDepthGivesZeroOrLeavesC(_ set: InstructionSet) {
    let (a, b) = (Reference.Matrix([0], rows: 5, columns: 0), Reference.Matrix([0], rows: 0, columns: 7))
    let zeros = [Double](repeating: 0, count: 35)
    let initial = (0..<35).map(Double.init)
    expectEqual(product(a, b, KernelTable.table(for: set).gemmFloat, gap: 2), zeros, within: .exact)
    expectEqual(product(a, b, KernelTable.table(for: set).gemmFloat, addingTo: initial), initial, within: .exact)
    let left = Tensor(zeros: [3, 0])
    #expect(left.multiplied(by: Tensor(zeros: [0, 2])).values == [Float](repeating: 0, count: 6))
    #expect(Tensor(zeros: [0, 4]).multiplied(by: Tensor(zeros: [4, 2])).shape == [0, 2])
  }

  @Test(arguments: InstructionSet.supported, [true, false])
  func tensorsWithBias(_ set: InstructionSet, _ transposed: Bool) {
    var generator = SeededGenerator(seed: 5)
    let (m, n, k) = (23, 41, 290)
    let left = Tensor([m, k], values: generator.floats(m * k))
    let right = Tensor(transposed ? [n, k] : [k, n], values: generator.floats(n * k))
    let bias = Tensor([n], values: generator.floats(n))
    let a = Reference.Matrix(left.values.map(Double.init), rows: m, columns: k)
    let stored = Reference.Matrix(
      right.values.map(Double.init), rows: right.shape[0], columns: right.shape[1])
    let b = transposed ? stored.transposed : stored
    let wideBias = bias.values.map(Double.init)
    let kernels = KernelTable.table(for: set)
    expectEqual(
      left.multiplied(by: right, transposed: transposed, bias: bias, using: kernels), [m, n],
      Reference.gemm(a, b, bias: wideBias),
      within: .reduction(length: k + 1, magnitude: Reference.gemmMagnitude(a, b, bias: wideBias)), "bias")
    expectEqual(
      left.multiplied(by: right, transposed: transposed, using: kernels), [m, n], Reference.gemm(a, b),
      within: .reduction(length: k, magnitude: Reference.gemmMagnitude(a, b)), "no bias")
  }

  /// A NaN or an infinity reaches the elements it belongs to, and no other.
  @Test(arguments: InstructionSet.supported)
  func nonFiniteElementsStayInTheirRowAndColumn(_ set: InstructionSet) {
    let (m, n, k) = (9, 11, 5)
    var a = Reference.Matrix([Double](repeating: 1, count: m * k), rows: m, columns: k)
    var b = Reference.Matrix([Double](repeating: 1, count: k * n), rows: k, columns: n)
    a.elements[4 * k + 2] = .nan
    b.elements[3 * n + 6] = .infinity
    expectEqual(product(a, b, KernelTable.table(for: set).gemmFloat), Reference.gemm(a, b), within: .exact, "\(set)")
  }
}
