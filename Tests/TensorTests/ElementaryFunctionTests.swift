// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

/// The bounds that the kernels' documentation states, over the whole Float range.
@Suite struct ElementaryFunctionTests {
  /// Stated bounds in ulps. A scan sixteen times denser found 1.006, 1.33, 1.41 and 2.35 (2.24 for `powerOfTwo`), see <doc:Numerics>.
  private enum Bound {
    static let exponential = 1.1
    static let powerOfTwo = 2.3
    static let hyperbolicTangent = 1.4
    static let errorFunction = 1.5
    static let silu = 2.5
    /// In ulps of x.
    static let gelu = 1.5
    /// Below this, e⁻ˣ nears overflow and SiLU is bounded absolutely.
    static let siluRelativeEnd: Float = -87
    static let siluAbsolute = 0x1p-121
  }

  private static func ulp(_ x: Double, _ expected: Double) -> Double {
    // Infinities and NaN count as equal or as infinitely far: any unit will do.
    expected.isFinite ? Tolerance.spacing(at: expected) : 1
  }

  private static func map(_ points: [Float], _ operation: (Tensor) -> Tensor) -> [Float] {
    operation(Tensor([points.count], values: points)).values
  }

  @Test(arguments: InstructionSet.supported)
  func exponential(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    let actual = Self.map(FloatScan.points) { $0.exponential(using: kernels) }
    let worst = FloatScan.worst(FloatScan.points, actual, expected: Reference.exponential, unit: Self.ulp)
    #expect(worst.error <= Bound.exponential, "\(set): \(worst)")
  }

  @Test(arguments: InstructionSet.supported)
  func powerOfTwo(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    let points = FloatScan.points.filter { !($0 < -125) && !($0 > 127) }
    let worst = FloatScan.worst(
      points, Self.map(points) { $0.powerOfTwo(using: kernels) },
      expected: { Reference.exponential($0 * 0.6931471805599453) },
      unit: Self.ulp)
    #expect(worst.error <= Bound.powerOfTwo, "\(set): \(worst)")
    let below: [Float] = [-125.00001, -126, -1e3, -3e38, -.infinity]
    expectIdentical(Self.map(below) { $0.powerOfTwo(using: kernels) }, [0, 0, 0, 0, 0], "\(set)")
    expectIdentical(Self.map([0, -1, -125]) { $0.powerOfTwo(using: kernels) }, [1, 0.5, 0x1p-125], "\(set)")
  }

  @Test(arguments: InstructionSet.supported)
  func hyperbolicTangent(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    let actual = Self.map(FloatScan.points) { $0.hyperbolicTangent(using: kernels) }
    let worst = FloatScan.worst(FloatScan.points, actual, expected: Reference.hyperbolicTangent, unit: Self.ulp)
    #expect(worst.error <= Bound.hyperbolicTangent, "\(set): \(worst)")
  }

  @Test(arguments: InstructionSet.supported)
  func errorFunction(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    let actual = Self.map(FloatScan.points) { $0.errorFunction(using: kernels) }
    let worst = FloatScan.worst(FloatScan.points, actual, expected: Reference.errorFunction, unit: Self.ulp)
    #expect(worst.error <= Bound.errorFunction, "\(set): \(worst)")
  }

  @Test(arguments: InstructionSet.supported)
  func silu(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    let ordinary = FloatScan.points.filter { !($0 < Bound.siluRelativeEnd) }
    let relative = FloatScan.worst(
      ordinary, Self.map(ordinary) { $0.silu(using: kernels) }, expected: Reference.silu, unit: Self.ulp)
    #expect(relative.error <= Bound.silu, "\(set): \(relative)")
    let tail = FloatScan.points.filter { $0 < Bound.siluRelativeEnd && $0.isFinite }
    let absolute = FloatScan.worst(
      tail, Self.map(tail) { $0.silu(using: kernels) }, expected: Reference.silu, unit: { _, _ in 1 })
    #expect(absolute.error <= Bound.siluAbsolute, "\(set): \(absolute)")
    #expect(Self.map([-.infinity]) { $0.silu(using: kernels) }[0].isNaN)
  }

  @Test(arguments: InstructionSet.supported)
  func gelu(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    let points = FloatScan.points.filter { $0 != -.infinity }
    let worst = FloatScan.worst(
      points, Self.map(points) { $0.gelu(using: kernels) }, expected: Reference.gelu,
      unit: { x, _ in x.isFinite ? Tolerance.spacing(at: x) : 1 })
    #expect(worst.error <= Bound.gelu, "\(set): \(worst)")
    #expect(Self.map([-.infinity]) { $0.gelu(using: kernels) }[0].isNaN)
  }

  @Test(arguments: InstructionSet.supported)
  func exponentialBeyondTheRangeIsExact(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    let large = Float.greatestFiniteMagnitude
    let points: [Float] = [-.infinity, -large, -104, 89, large, .infinity, 0, -0.0]
    let expected: [Float] = [0, 0, 0, .infinity, .infinity, .infinity, 1, 1]
    expectIdentical(Self.map(points) { $0.exponential(using: kernels) }, expected, "\(set)")
    // The last x whose power is a subnormal, and the largest whose power is finite.
    let edges = Self.map([-103.97208, 88.72283]) { $0.exponential(using: kernels) }
    #expect(edges[0] == .leastNonzeroMagnitude && edges[1].isFinite)
  }

  @Test(arguments: InstructionSet.supported)
  func tanhAndErfSaturateAtOne(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    let points: [Float] = [9.1, 44.4, 89, .greatestFiniteMagnitude, .infinity]
    let ones = [Float](repeating: 1, count: points.count)
    expectIdentical(Self.map(points) { $0.hyperbolicTangent(using: kernels) }, ones, "tanh \(set)")
    // 1 − erf is below 2⁻²⁵, half a step, from 3.92 on.
    expectIdentical(Self.map([3.95] + points) { $0.errorFunction(using: kernels) }, [1] + ones, "erf \(set)")
  }

  @Test(arguments: InstructionSet.supported)
  func tanhAndErfAreOdd(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    let points = FloatScan.points.filter { $0.sign == .plus && !$0.isNaN }
    let negatives = points.map { -$0 }
    expectIdentical(
      Self.map(negatives) { $0.hyperbolicTangent(using: kernels) },
      Self.map(points) { $0.hyperbolicTangent(using: kernels) }.map { -$0 }, "tanh \(set)")
    expectIdentical(
      Self.map(negatives) { $0.errorFunction(using: kernels) },
      Self.map(points) { $0.errorFunction(using: kernels) }.map { -$0 }, "erf \(set)")
  }

  /// Whole vectors and the rest of a row take two paths through the code.
  @Test(arguments: InstructionSet.supported)
  func everyLengthGivesTheSameBits(_ set: InstructionSet) {
    let kernels = KernelTable.table(for: set)
    var generator = SeededGenerator(seed: 11)
    let points = generator.floats(67, magnitude: 6)
    let operations: [(Tensor) -> Tensor] = [
      { $0.exponential(using: kernels) }, { $0.powerOfTwo(using: kernels) }, { $0.hyperbolicTangent(using: kernels) },
      { $0.errorFunction(using: kernels) }, { $0.silu(using: kernels) }, { $0.gelu(using: kernels) },
    ]
    for (index, operation) in operations.enumerated() {
      let whole = Self.map(points, operation)
      for length in 0...points.count {
        expectIdentical(
          Self.map(Array(points.prefix(length)), operation), Array(whole.prefix(length)), "\(set) \(index) \(length)")
      }
    }
  }

  @Test(arguments: InstructionSet.supported, [1, 7, 16, 33])
  func geglu(_ set: InstructionSet, _ half: Int) {
    Self.expectGate(
      half, seed: 12, { $0.geglu(using: .table(for: set)) }, Reference.geglu, functionUlps: Bound.gelu, "\(set)")
  }

  @Test(arguments: InstructionSet.supported, [1, 7, 16, 33])
  func swiglu(_ set: InstructionSet, _ half: Int) {
    Self.expectGate(
      half, seed: 13, { $0.swiglu(using: .table(for: set)) }, Reference.swiglu, functionUlps: Bound.silu, "\(set)")
  }

  /// Compares a product of two halves, one of which passes through a function, with its reference.
  private static func expectGate(
    _ half: Int, seed: UInt64, _ gate: (Tensor) -> Tensor, _ reference: ([Double]) -> [Double], functionUlps: Double,
    _ comment: String
  ) {
    var generator = SeededGenerator(seed: seed)
    let rows = 19
    let input = Tensor([rows, 2 * half], values: generator.floats(rows * 2 * half, magnitude: 4))
    let wide = input.values.map(Double.init)
    let split = (0..<rows).map { Array(wide[$0 * 2 * half..<($0 + 1) * 2 * half]) }
    let magnitude = split.flatMap { row in (0..<half).map { abs(row[$0] * row[half + $0]) } }
    expectEqual(
      gate(input), [rows, half], split.flatMap(reference),
      within: .reduction(length: 1, magnitude: magnitude, functionUlps: functionUlps), "\(comment)")
  }
}
