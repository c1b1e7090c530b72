// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

/// Products of 16-bit integers in groups that share a scale, `Precision.fast`.
@Suite struct IntegerProductTests {
  static let group = 32

  /// A kernel and what it is called in messages.
  struct Kernel: Sendable, CustomTestStringConvertible {
    let kernel: GEMMKernel<Float>
    let testDescription: String
  }

  static let kernels = InstructionSet.supported.flatMap { set in
    KernelTable.integerKernels(of: set).enumerated().map { Kernel(kernel: $1, testDescription: "\(set) \($0)") }
  }

  /// 1/s of a group: at most this, rounding of the scale included.
  private static func step(_ group: [Double]) -> Double {
    let norm = group.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let peak = group.reduce(0) { max($0, abs($1)) }
    return max(norm / 46_300, peak / 32_766) * (1 + 1e-5)
  }

  /// With |x − q/s| ≤ 1/(2s) for all elements of two groups a and b, their product is off by at most
  /// ½(‖a‖₁/s_b + ‖b‖₁/s_a) + n/(4·s_a·s_b); what the groups give is then scaled and added up in single precision.
  static func tolerance(
    _ a: Reference.Matrix, _ b: Reference.Matrix, addingTo initial: [Double]? = nil, group: Int = group
  ) -> Tolerance {
    var bound: [Double] = []
    func groups(_ count: Int, _ element: (Int) -> Double) -> [(step: Double, sum: Double, count: Int)] {
      stride(from: 0, to: count, by: group).map { first in
        let values = (first..<min(count, first + group)).map(element)
        return (step(values), values.reduce(0) { $0 + abs($1) }, values.count)
      }
    }
    let rows = (0..<a.rows).map { i in groups(a.columns) { a[i, $0] } }
    let columns = (0..<b.columns).map { j in groups(b.rows) { b[$0, j] } }
    let magnitude = Reference.gemmMagnitude(a, b, addingTo: initial)
    for i in 0..<a.rows {
      for j in 0..<b.columns {
        var error = 0.0
        for (x, y) in zip(rows[i], columns[j]) {
          error += (x.sum * y.step + y.sum * x.step) / 2 + Double(x.count) / 4 * x.step * y.step
        }
        let roundings = Tolerance.gamma(rows[i].count + 5, Tolerance.floatUnit)
        bound.append((error + roundings * (magnitude[bound.count] + error)) / Tolerance.floatUnit)
      }
    }
    return .reduction(length: 1, magnitude: bound)
  }

  private func product(
    _ a: Reference.Matrix, _ b: Reference.Matrix, _ kernel: GEMMKernel<Float>, addingTo initial: [Double]? = nil
  ) -> [Float] {
    var c = initial?.map { Float($0) } ?? [Float](repeating: .nan, count: a.rows * b.columns)
    a.elements.map { Float($0) }.withUnsafeBufferPointer { left in
      b.elements.map { Float($0) }.withUnsafeBufferPointer { right in
        c.withUnsafeMutableBufferPointer { c in
          guard let left = left.baseAddress, let right = right.baseAddress, let c = c.baseAddress else { return }
          func view(_ pointer: UnsafePointer<Float>, _ matrix: Reference.Matrix) -> MatrixView<Float> {
            MatrixView(
              pointer + matrix.offset, rows: matrix.rows, columns: matrix.columns, rowStride: matrix.rowStride,
              columnStride: matrix.columnStride)
          }
          gemm(
            view(left, a), view(right, b),
            into: c, rowStride: b.columns, accumulate: initial != nil, kernel: kernel)
        }
      }
    }
    return c
  }

  private func matrix(_ rows: Int, _ columns: Int, _ value: (Int, Int) -> Float) -> Reference.Matrix {
    Reference.Matrix(
      (0..<rows * columns).map { Double(value($0 / columns, $0 % columns)) }, rows: rows, columns: columns)
  }

  private func random(_ rows: Int, _ columns: Int, _ generator: inout SeededGenerator) -> Reference.Matrix {
    Reference.Matrix(generator.floats(rows * columns).map(Double.init), rows: rows, columns: columns)
  }

  /// Sizes around the tile and around the group, and depths beyond a block.
  @Test(arguments: kernels)
  func errorStaysWithinTheBound(_ kernel: Kernel) {
    var generator = SeededGenerator(seed: 1)
    let (mr, nr) = (kernel.kernel.rows, kernel.kernel.columns)
    for m in [1, mr - 1, mr, mr + 1, 2 * mr + 1] {
      for n in [1, nr - 1, nr, nr + 1] {
        for k in [1, 2, 31, 32, 33, 64, 1280, 1313] {
          let (a, b) = (random(m, k, &generator), random(k, n, &generator))
          expectEqual(
            product(a, b, kernel.kernel), Reference.gemm(a, b), within: Self.tolerance(a, b),
            "\(kernel.testDescription) [\(m), \(k)]·[\(k), \(n)]")
        }
      }
    }
  }

  @Test(arguments: kernels)
  func accumulates(_ kernel: Kernel) {
    var generator = SeededGenerator(seed: 2)
    for (m, n, k) in [(1, 1, 1), (15, 33, 1300), (29, 64, 40)] {
      let (a, b) = (random(m, k, &generator), random(k, n, &generator))
      let initial = generator.floats(m * n).map(Double.init)
      expectEqual(
        product(a, b, kernel.kernel, addingTo: initial), Reference.gemm(a, b, addingTo: initial),
        within: Self.tolerance(a, b, addingTo: initial), kernel.testDescription)
    }
  }

  /// Sums of a group that come nearest to 2³¹, of one sign and of both, and groups with one element that outweighs all others.
  @Test(arguments: kernels)
  func theLargestSumsFit(_ kernel: Kernel) {
    let k = 3 * Self.group
    let shapes: [(String, (Int, Int) -> Float)] = [
      ("equal", { _, _ in 1 }), ("negative", { _, _ in -3e-7 }), ("in turn", { _, p in p % 2 == 0 ? 5e9 : -5e9 }),
      ("one alone", { _, p in p % Self.group == 7 ? -1e6 : 0 }), ("two", { _, p in p % Self.group < 2 ? 1e6 : 1e-3 }),
      ("steps", { _, p in Float(p % Self.group) }),
      ("far apart", { _, p in Float(sign: .plus, exponent: p % 40, significand: 1) }),
    ]
    for (name, left) in shapes {
      for (other, right) in shapes {
        let (a, b) = (matrix(3, k, left), matrix(k, 2) { right($1, $0) })
        expectEqual(
          product(a, b, kernel.kernel), Reference.gemm(a, b), within: Self.tolerance(a, b),
          "\(kernel.testDescription), \(name) times \(other)")
      }
    }
  }

  @Test(arguments: kernels)
  func groupsOfZerosGiveZero(_ kernel: Kernel) {
    let k = 2 * Self.group
    let zeros = matrix(2, k) { _, p in p < Self.group ? 0 : 1e-30 }
    var generator = SeededGenerator(seed: 3)
    #expect(product(zeros, random(k, 3, &generator), kernel.kernel).allSatisfy { $0 == 0 })
    #expect(product(random(3, k, &generator), zeros.transposed, kernel.kernel).allSatisfy { $0 == 0 })
  }

  /// A row or a column with such a number becomes NaN, and no other.
  @Test(arguments: kernels)
  func numbersThatAreNotFinite(_ kernel: Kernel) {
    let (m, n, k) = (5, 6, 70)
    for value in [Float.nan, .infinity, -.infinity, 3e38] {
      for place in [0, 31, 32, 69] {
        let poisoned = matrix(m, k) { i, p in i == 2 && p == place ? value : 0.5 }
        let other = matrix(k, n) { _, _ in 0.25 }
        let rows = product(poisoned, other, kernel.kernel)
        #expect(rows.indices.allSatisfy { rows[$0].isNaN == ($0 / n == 2) }, "\(value) at \(place)")
        let columns = product(matrix(n, k) { _, _ in 1 }, poisoned.transposed, kernel.kernel)
        #expect(columns.indices.allSatisfy { columns[$0].isNaN == ($0 % m == 2) }, "\(value) at \(place)")
      }
    }
  }

  /// The one instruction and the two are the same sum.
  @Test(.enabled(if: InstructionSet.supportsVNNI))
  func instructionsAgree() {
    var generator = SeededGenerator(seed: 4)
    let (a, b) = (random(37, 333, &generator), random(333, 70, &generator))
    let results = KernelTable.integerKernels(of: .avx512).map { product(a, b, $0) }
    #expect(results.count == 2)
    expectIdentical(results[0], results[1])
  }

  @Test(arguments: InstructionSet.supported)
  func linearLayers(_ set: InstructionSet) {
    var generator = SeededGenerator(seed: 5)
    for (m, n, k) in [(1, 70, 40), (77, 33, 1300), (300, 40, 64), (90, 5, 2048)] {
      let (x, weight) = (random(m, k, &generator), random(n, k, &generator))
      let (bias, addend) = (generator.floats(n), generator.floats(m * n))
      let initial = (0..<m * n).map { Double(addend[$0]) + Double(bias[$0 % n]) }
      let result = Tensor([m, k], values: x.elements.map { Float($0) }).multiplied(
        by: WeightMatrix(Tensor([n, k], values: weight.elements.map { Float($0) }), precision: .fast),
        bias: Tensor([n], values: bias), adding: Tensor([m, n], values: addend), using: .table(for: set))
      expectEqual(
        result, [m, n], Reference.gemm(x, weight.transposed, addingTo: initial),
        within: Self.tolerance(x, weight.transposed, addingTo: initial), "\(set) [\(m), \(k)] to \(n)")
    }
  }
}
