// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct LocalAffinityTests {
  /// One pixel, one row, one column, around a block of 64 columns, with dilations beyond the image.
  private static let shapes: [(height: Int, width: Int, dilations: [Int])] = [
    (1, 1, [1, 4]), (1, 9, [1, 2]), (11, 1, [2, 300]), (5, 64, [1, 2, 4, 8]), (3, 65, [64]), (18, 130, [1, 63, 70]),
    (33, 21, [1, 2, 4, 8, 12, 24, 32, 64]), (4, 7, [3, 3]),
  ]

  static func image(_ height: Int, _ width: Int, seed: UInt64 = 61) -> Tensor {
    var generator = SeededGenerator(seed: seed)
    return Tensor(
      [height, width, 3], values: (0..<height * width * 3).map { _ in Float(generator.next() % 256) })
  }

  static func reference(_ image: Tensor, _ dilations: [Int]) -> [Double] {
    Reference.localAffinity(
      image.values.map(Double.init), height: image.shape[0], width: image.shape[1], dilations: dilations,
      epsilon: 255e-8)
  }

  /// Sums of whole levels are exact. Some forty roundings follow up to an exponent t, an error of at most 40 u |t| eᵗ ≤ 15 u,
  /// and up to 64 in the sum of powers.
  private static func tolerance(_ count: Int) -> Tolerance {
    .reduction(length: 104, magnitude: [Double](repeating: 1, count: count))
  }

  @Test(arguments: InstructionSet.supported)
  func weightsAreTheReferences(_ set: InstructionSet) {
    for (height, width, dilations) in Self.shapes {
      let image = Self.image(height, width)
      let affinity = LocalAffinity(image, dilations: dilations, using: .table(for: set))
      let taps = 8 * dilations.count
      expectEqual(
        affinity.planes, [taps, height, width], Self.reference(image, dilations),
        within: Self.tolerance(taps * height * width), "\(set) \(height)×\(width) \(dilations)")
    }
  }

  @Test(arguments: InstructionSet.supported)
  func levelsBetweenWholeOnes(_ set: InstructionSet) {
    var generator = SeededGenerator(seed: 62)
    let image = Tensor([17, 19, 3], values: generator.floats(17 * 19 * 3, magnitude: 127).map { $0 + 128 })
    let affinity = LocalAffinity(image, dilations: [1, 2, 4, 8], using: .table(for: set))
    expectEqual(
      affinity.planes, [32, 17, 19], Self.reference(image, [1, 2, 4, 8]), within: Self.tolerance(32 * 17 * 19),
      "\(set)")
  }

  @Test(arguments: InstructionSet.supported)
  func aFlatImageHasEqualWeights(_ set: InstructionSet) {
    let image = Tensor([6, 70, 3], values: [Float](repeating: 37, count: 6 * 70 * 3))
    let affinity = LocalAffinity(image, dilations: [1, 2, 4, 8], using: .table(for: set))
    #expect(affinity.planes.values.allSatisfy { $0 == 1.0 / 32 })
  }

  /// The darkest outlier in a flat image: every neighbor is equally far, and the variance is a difference of sums.
  @Test(arguments: InstructionSet.supported)
  func anOutlierHasEqualWeights(_ set: InstructionSet) {
    var values = [Float](repeating: 255, count: 9 * 9 * 3)
    for channel in 0..<3 { values[(4 * 9 + 4) * 3 + channel] = 0 }
    let image = Tensor([9, 9, 3], values: values)
    let affinity = LocalAffinity(image, dilations: [1, 2], using: .table(for: set))
    for tap in 0..<16 { #expect(affinity.planes.values[(tap * 9 + 4) * 9 + 4] == 1.0 / 16) }
  }
}

@Suite struct AveragedMaskTests {
  private struct Case {
    let image: (height: Int, width: Int)
    let labels: (height: Int, width: Int)
    let dilations: [Int]
    let masks: Int
    let iterations: Int
  }

  /// Every count of masks that is left over by groups of four, more masks than a batch has, map and image of other sizes.
  private static let cases = [
    Case(image: (1, 1), labels: (1, 1), dilations: [1], masks: 1, iterations: 2),
    Case(image: (1, 1), labels: (3, 4), dilations: [5], masks: 2, iterations: 3),
    Case(image: (1, 150), labels: (1, 150), dilations: [1], masks: 2, iterations: 4),
    Case(image: (40, 1), labels: (7, 1), dilations: [1, 50], masks: 3, iterations: 2),
    Case(image: (20, 67), labels: (5, 7), dilations: [1, 2], masks: 5, iterations: 3),
    Case(image: (35, 30), labels: (50, 61), dilations: [1, 8, 64], masks: 6, iterations: 2),
    Case(image: (9, 129), labels: (9, 129), dilations: [2, 64], masks: 7, iterations: 1),
    Case(image: (12, 13), labels: (12, 13), dilations: [1, 3], masks: 40, iterations: 2),
    Case(image: (8, 12), labels: (3, 2), dilations: [1], masks: 3, iterations: 0),
  ]

  private func ranks(_ count: Int, below masks: Int) -> ContiguousArray<Int32> {
    var generator = SeededGenerator(seed: 63)
    // Every label occurs where there is room.
    return ContiguousArray((0..<count).map { $0 < masks ? Int32($0) : Int32(generator.next() % UInt64(masks)) })
  }

  @Test(arguments: InstructionSet.supported)
  func masksAreTheReferences(_ set: InstructionSet) {
    for item in Self.cases {
      let (height, width) = item.image
      let ranks = ranks(item.labels.height * item.labels.width, below: item.masks)
      let affinity = LocalAffinity(
        LocalAffinityTests.image(height, width), dilations: item.dilations, using: .table(for: set))
      let masks = affinity.averagedMasks(
        of: ranks.span, size: item.labels, count: item.masks, iterations: item.iterations, using: .table(for: set))
      let weights = affinity.planes.values.map(Double.init)
      let expected = (0..<item.masks).flatMap { mask in
        let start = Reference.resizedAligned(
          ranks.map { $0 == mask ? 1 : 0 }, from: item.labels, to: item.image)
        return (0..<item.iterations).reduce(start) { plane, _ in
          Reference.averagedNeighbors(
            plane, weights: weights, height: height, width: width, dilations: item.dilations)
        }
      }
      // A rounding for each neighbor and each corner of the resizing; what is left out is 34 u.
      let length = item.iterations * 8 * item.dilations.count + 38
      expectEqual(
        masks, [item.masks, height, width], expected,
        within: .reduction(length: length, magnitude: [Double](repeating: 1, count: expected.count)),
        "\(set) \(item)")

      let labels = affinity.strongestLabels(
        of: ranks.span, size: item.labels, count: item.masks, iterations: item.iterations, using: .table(for: set))
      let values = masks.values
      for pixel in 0..<height * width {
        let best = (0..<item.masks).max {
          (values[$0 * height * width + pixel], $1) < (values[$1 * height * width + pixel], $0)
        }
        #expect(Int(labels[pixel]) == best, "\(set) \(item), pixel \(pixel)")
      }
    }
  }

  /// Two halves of a long strip: far from their border no sum is computed, and near it nothing is lost.
  @Test(arguments: InstructionSet.supported)
  func masksStayWhereTheyAreBeyondReach(_ set: InstructionSet) {
    let (height, width) = (20, 640)
    let ranks = ContiguousArray((0..<height * width).map { Int32($0 % width < 320 ? 0 : 1) })
    let affinity = LocalAffinity(
      LocalAffinityTests.image(height, width), dilations: [1, 2], using: .table(for: set))
    let masks = affinity.averagedMasks(
      of: ranks.span, size: (height, width), count: 2, iterations: 5, using: .table(for: set)
    ).values
    for y in 0..<height {
      let first = masks[y * width..<(y + 1) * width]
      let second = masks[(height + y) * width..<(height + y + 1) * width]
      // Five steps of two pixels; and exactly 1 from the second block of 64 columns beside the border's on.
      #expect(first.suffix(width - 330).allSatisfy { $0 == 0 } && second.prefix(310).allSatisfy { $0 == 0 })
      #expect(first.prefix(192).allSatisfy { $0 == 1 } && second.suffix(192).allSatisfy { $0 == 1 })
      #expect(first[y * width + 319] < 1 && second[(height + y) * width + 319] > 0)
    }
  }

  @Test(arguments: InstructionSet.supported)
  func oneLabelIsEverywhere(_ set: InstructionSet) {
    let affinity = LocalAffinity(LocalAffinityTests.image(31, 66), dilations: [1, 8], using: .table(for: set))
    let ranks: ContiguousArray<Int32> = [0, 0, 0, 0]
    let masks = affinity.averagedMasks(
      of: ranks.span, size: (2, 2), count: 1, iterations: 9, using: .table(for: set))
    #expect(masks.values.allSatisfy { $0 == 1 })
  }
}
