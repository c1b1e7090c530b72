// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport
import Testing

private func randomUnit(_ nodes: Int, _ channels: Int, seed: UInt64) throws -> ContiguousArray<Double> {
  var generator = SeededGenerator(seed: seed)
  let values = ContiguousArray(generator.doubles(nodes * channels))
  return try FeatureMap(grid: Grid(height: 1, width: nodes), channels: channels, values: values).unitRows()
}

/// The weights of all pairs, row by row.
private func elements(of affinity: AffinityMatrix) -> [Float] {
  let n = affinity.dimension
  return (0..<n * n).map { affinity.weights[$0 / n, $0 % n] }
}

@Suite struct AffinityTests {
  // 255 to 300 nodes: below, at and above one strip of rows.
  @Test(arguments: [2, 3, 17, 255, 256, 257, 300], [1.0, 2.5, 10.0])
  func weightsAreScaledCosinesToThePower(nodes: Int, alpha: Double) throws {
    let channels = 7
    let unit = try randomUnit(nodes, channels, seed: UInt64(nodes))
    let affinity = try #require(AffinityMatrix(unit: unit, channels: channels, exponent: alpha))
    var cosines = [Double]()
    for i in 0..<nodes {
      for j in 0..<nodes {
        cosines.append((0..<channels).reduce(0) { $0 + unit[i * channels + $1] * unit[j * channels + $1] })
      }
    }
    let (low, high) = (try #require(cosines.min()), try #require(cosines.max()))
    let expected = cosines.map { Platform.power(Double(Float(($0 - low) / (high - low))), alpha) }
    // A cosine may round to the neighboring Float before the power: α·2⁻²⁴ relative, and 2⁻²⁴ after it.
    let bound = (alpha + 1) * 0x1p-23
    for (found, value) in zip(elements(of: affinity), expected) {
      #expect(abs(Double(found) - value) <= bound)
    }
  }

  @Test(arguments: InstructionSet.supported)
  func bothNodesOfTheLeastPairHoldAZero(set: InstructionSet) throws {
    let unit = try randomUnit(311, 9, seed: 3)
    let affinity = try #require(
      AffinityMatrix(unit: unit, channels: 9, exponent: 10, using: .table(for: set)))
    let n = affinity.dimension
    let zeros = (0..<n).filter { affinity.hasZero[$0] }
    #expect(zeros.count >= 2)
    for i in 0..<n { #expect(affinity.hasZero[i] == (0..<n).contains { affinity.weights[i, $0] == 0 }) }
  }

  @Test func integerAndFractionalExponentsMeet() throws {
    let unit = try randomUnit(40, 5, seed: 5)
    let whole = try #require(AffinityMatrix(unit: unit, channels: 5, exponent: 10))
    let almost = try #require(AffinityMatrix(unit: unit, channels: 5, exponent: 10.0000001))
    for (a, b) in zip(elements(of: whole), elements(of: almost)) { #expect(abs(a - b) <= 1e-6) }
  }

  @Test(arguments: [10.0, 7.5], InstructionSet.supported)
  func aFloorLeavesNoZero(alpha: Double, set: InstructionSet) throws {
    let unit = try randomUnit(70, 4, seed: 9)
    let kernels = KernelTable.table(for: set)
    let plain = try #require(AffinityMatrix(unit: unit, channels: 4, exponent: alpha, using: kernels))
    let floored = try #require(AffinityMatrix(unit: unit, channels: 4, exponent: alpha, floor: 0.25, using: kernels))
    #expect(!floored.hasZero.contains(true) && plain.hasZero.contains(true))
    let least = Float(Platform.power(0.25, alpha))
    for (a, b) in zip(elements(of: plain), elements(of: floored)) { #expect(b == max(a, least)) }
  }

  @Test func equalFeaturesAreOneSegment() throws {
    for value in [1.0, 1e-300, 1e300, 0.1] {
      let map = try FeatureMap(
        grid: Grid(height: 6, width: 5), channels: 3, values: ContiguousArray(repeating: value, count: 90))
      let partition = try DiffCut().partition(map)
      #expect(partition.classCount == 1)
      #expect(try partition.recursion().nodes.isEmpty)
      #expect(partition.labelMap(height: 4, width: 4).labels.allSatisfy { $0 == 0 })
    }
  }

  @Test func zeroFeatureVectorsAreNodesLikeOthers() throws {
    var values = ContiguousArray(repeating: 0.0, count: 8 * 2)
    for node in 0..<4 { values[node * 2] = 1 }
    let map = try FeatureMap(grid: Grid(height: 2, width: 4), channels: 2, values: values)
    let partition = try DiffCut(tau: 0.5, alpha: 10).partition(map)
    #expect(partition.labels[0..<4].allSatisfy { $0 == partition.labels[0] })
    #expect(partition.labels.count == 8)
  }
}

@Suite struct FeatureMapTests {
  @Test func nanNamesItsPlace() {
    var values = ContiguousArray(repeating: 1.0, count: 12)
    values[7] = .nan
    #expect(throws: FeatureError.notFinite(node: 2, channel: 1)) {
      try FeatureMap(grid: Grid(height: 2, width: 2), channels: 3, values: values)
    }
  }

  @Test func wrongGridIsRefused() {
    #expect(throws: FeatureError.gridMismatch(grid: Grid(height: 2, width: 3), nodes: 4)) {
      try FeatureMap(grid: Grid(height: 2, width: 3), channels: 3, values: ContiguousArray(repeating: 1, count: 12))
    }
    #expect(throws: FeatureError.empty) {
      try FeatureMap(grid: Grid(height: 0, width: 3), channels: 3, values: [])
    }
    #expect(throws: FeatureError.empty) {
      try FeatureMap(grid: Grid(height: Int.max, width: 3), channels: 1, values: [1])
    }
  }

  @Test(arguments: [1e-200, 1e-160, 1.0, 1e160, 1e300])
  func unitRowsHaveLengthOneAtEveryScale(scale: Double) throws {
    let map = try FeatureMap(grid: Grid(height: 1, width: 1), channels: 2, values: [3 * scale, -4 * scale])
    let unit = map.unitRows()
    #expect(abs(unit[0] - 0.6) <= 4 * Double.ulpOfOne && abs(unit[1] + 0.8) <= 4 * Double.ulpOfOne)
  }
}
