// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor
import TestSupport
import Testing

/// Pairs counted by NumPy over scikit-learn's cosines.
struct CoherenceGolden {
  let file: SafetensorsFile
  let name: String

  static let names = ["within", "sparse", "across", "small"]
  static let void: Int32 = 255

  init(_ name: String) throws {
    file = try SafetensorsFile(path: Fixture.path("evaluation/coherence.safetensors"))
    self.name = name
  }

  /// One for each image.
  func patches() throws -> [LabeledPatches] {
    let files = try #require(file.metadata[name]).split(separator: " ")
    var classes = try file.doubles("\(name).classes").map { Int32($0) }[...]
    return try files.map { source in
      let features: FeatureMap
      if source == "-" {
        features = try FeatureMap(
          grid: Grid(height: 4, width: 4), channels: 8, values: file.doubles("\(name).features"))
      } else {
        let grid = source == "ncut/chelsea-20x27-alpha7.5" ? Grid(height: 20, width: 27) : nil
        features = try FeatureMap(contentsOf: Fixture.path("\(source).safetensors"), grid: grid)
      }
      let labels = classes.prefix(features.nodeCount)
      classes = classes.dropFirst(features.nodeCount)
      return try LabeledPatches(
        features,
        classes: LabelMap(
          height: features.grid.height, width: features.grid.width,
          labels: ContiguousArray(labels.map { $0 == Self.void ? LabelMapping.ignored : $0 })))
    }
  }

  func histogram() throws -> CoherenceHistogram {
    let patches = try patches()
    return try patches.count == 1
      ? CoherenceHistogram(within: patches[0]) : CoherenceHistogram(between: patches[0], and: patches[1])
  }

  func integers(_ key: String) throws -> [Int] { try file.doubles("\(name).\(key)").map { Int($0) } }
}

@Suite struct CoherenceHistogramTests {
  @Test(arguments: CoherenceGolden.names)
  func countsAreThoseOfTheReference(name: String) throws {
    let golden = try CoherenceGolden(name)
    let histogram = try golden.histogram()
    #expect(try histogram.positives == golden.integers("positives"))
    #expect(try histogram.negatives == golden.integers("negatives"))
    #expect(histogram.pairCount == histogram.positiveCount + histogram.negativeCount)
    let areas = try golden.file.doubles("\(name).areas")
    let curve = try histogram.curve()
    // The sum of 4096 trapezoids.
    expectEqual(
      [curve.area], [areas[0]],
      within: .reduction(length: 4 * CoherenceHistogram.binCount, magnitude: [1], unit: Tolerance.doubleUnit), name)
    // What bins are worth.
    expectEqual([curve.area], [areas[1]], within: .golden(relativeFrobenius: 1, maximumAbsolute: 1e-5), name)
  }

  @Test func allGoldensAreListed() throws {
    let names = try CoherenceGolden("").file.metadata.keys.filter { $0 != "versions" }
    #expect(names.sorted() == CoherenceGolden.names.sorted())
  }

  @Test func pointsAreThoseOfScikitLearn() throws {
    let golden = try CoherenceGolden("small")
    let curve = try golden.histogram().curve()
    let (fpr, tpr) = (try golden.file.doubles("small.fpr"), try golden.file.doubles("small.tpr"))
    #expect(curve.falsePositiveRates.count == 4097 && curve.truePositiveRates.count == 4097)
    // Of points on a straight line scikit-learn keeps the ends.
    let points = zip(curve.falsePositiveRates, curve.truePositiveRates)
    for (x, y) in zip(fpr, tpr) { #expect(points.contains { $0 == x && $1 == y }, "\(x), \(y)") }
    expectEqual(
      [curve.area], [try ROCCurve(falsePositiveRates: Array(fpr), truePositiveRates: Array(tpr)).area],
      within: .reduction(length: 4 * CoherenceHistogram.binCount, magnitude: [1], unit: Tolerance.doubleUnit))
  }

  @Test func edgesOfBins() {
    let width = 2.0 / 4096
    for (cosine, bin) in [
      (-1, 0), (-1 - 1e-9, 0), (-1 + width, 1), (0, 2048), (-1e-12, 2047), (1 - width, 4095), (1, 4095),
      (1 + 1e-9, 4095), (0.5, 3072), (.nan, 0), (.infinity, 4095), (-.infinity, 0),
    ] { #expect(CoherenceHistogram.bin(of: cosine) == bin, "\(cosine)") }
    let thresholds = CoherenceHistogram.thresholds
    #expect(thresholds.count == 4097 && thresholds[0] == .infinity && thresholds[1] == 1 - width)
    #expect(thresholds[4096] == -1 && thresholds[2048] == 0)
    for point in 1...4096 { #expect(CoherenceHistogram.bin(of: thresholds[point]) == 4096 - point) }
  }

  /// Sums of two images, and of their parts in another order, are those of one run.
  @Test func sumsAreExact() throws {
    let parts = try CoherenceGolden.names.map { try CoherenceGolden($0).histogram() }
    var (forwards, backwards) = (CoherenceHistogram(), CoherenceHistogram())
    for part in parts { try forwards.add(part) }
    for part in parts.reversed() { try backwards.add(part) }
    #expect(forwards == backwards && forwards.pairCount == parts.map(\.pairCount).reduce(0, +))
    #expect(forwards.positives[4095] == parts.map { $0.positives[4095] }.reduce(0, +))
    #expect(
      CoherenceHistogram(positives: forwards.positives, negatives: forwards.negatives) == forwards)
    expectIdentical([try forwards.curve().area], [try backwards.curve().area])
  }

  @Test func countsThatAreNoneAreRefused() throws {
    let zeros = [Int](repeating: 0, count: 4096)
    var large = zeros
    large[7] = 1 << 48
    #expect(CoherenceHistogram(positives: zeros, negatives: [0]) == nil)
    #expect(CoherenceHistogram(positives: [-1] + zeros.dropFirst(), negatives: zeros) == nil)
    #expect(CoherenceHistogram(positives: zeros, negatives: [(1 << 48) + 1] + zeros.dropFirst()) == nil)
    var sum = try #require(CoherenceHistogram(positives: large, negatives: zeros))
    let before = sum
    #expect(throws: CoherenceError.overflow) { try sum.add(before) }
    #expect(sum == before)
  }

  @Test func curvesThatAreUndefined() throws {
    func curve(_ classes: [Int32]) throws -> ROCCurve {
      let features = try FeatureMap(
        grid: Grid(height: 1, width: 3), channels: 2, values: [1, 0, 0, 1, 1, 1])
      let map = LabelMap(height: 1, width: 3, labels: ContiguousArray(classes))
      return try CoherenceHistogram(within: LabeledPatches(features, classes: map)).curve()
    }
    #expect(throws: CoherenceError.noPairs(ofOneClass: false, ofTwoClasses: true)) { try curve([0, 1, 2]) }
    #expect(throws: CoherenceError.noPairs(ofOneClass: true, ofTwoClasses: false)) { try curve([4, 4, 4]) }
    for classes in [[-1, -2, -1], [0, -1, -2]] as [[Int32]] {
      #expect(throws: CoherenceError.noPairs(ofOneClass: false, ofTwoClasses: false)) { try curve(classes) }
    }
    // The pair of one class is the more similar one: the other two have cosines 0 and √½.
    #expect(try curve([0, 1, 0]).area == 0.75)
    let area = try curve([0, 1, 1]).area
    #expect(area == 0.75)
    #expect(try curve([0, 0, 1]).area == 0)
  }

  @Test func patchesOfOtherFeatures() throws {
    let three = try FeatureMap(grid: Grid(height: 1, width: 2), channels: 3, values: [1, 0, 0, 0, 1, 0])
    let two = try FeatureMap(grid: Grid(height: 1, width: 2), channels: 2, values: [1, 0, 0, 1])
    let classes = LabelMap(height: 1, width: 2, labels: [0, 1])
    let patches = (try LabeledPatches(three, classes: classes), try LabeledPatches(two, classes: classes))
    #expect(throws: CoherenceError.channels(2, expected: 3)) {
      try CoherenceHistogram(between: patches.0, and: patches.1)
    }
    #expect(
      throws: CoherenceError.grids(classes: Grid(height: 2, width: 1), features: Grid(height: 1, width: 2))
    ) { try LabeledPatches(two, classes: LabelMap(height: 2, width: 1, labels: [0, 1])) }
    let void = try LabeledPatches(two, classes: LabelMap(height: 1, width: 2, labels: [-1, -1]))
    #expect(void.count == 0 && CoherenceHistogram(within: void) == CoherenceHistogram())
    #expect(try CoherenceHistogram(between: void, and: patches.1) == CoherenceHistogram())
    #expect(try CoherenceHistogram(between: patches.1, and: void) == CoherenceHistogram())
    // Each patch of the one with each of the other, also with itself.
    #expect(try CoherenceHistogram(between: patches.1, and: patches.1).positives[4095] == 2)
  }

  @Test(
    arguments: [
      ([0], [0], 0), ([0, 0.5, 1], [0.1, 0.5, 1], 0), ([0, 0.5, 0.4, 1], [0, 0.5, 0.6, 1], 2),
      ([0, 0.5, 1], [0, 1.5, 1], 1), ([0, .nan, 1], [0, 0.5, 1], 1), ([0, 0.5], [0, 1], 1),
    ] as [([Double], [Double], Int)])
  func ratesThatAreNoCurve(fpr: [Double], tpr: [Double], point: Int) {
    #expect(throws: CoherenceError.noCurve(point: point)) {
      try ROCCurve(falsePositiveRates: fpr, truePositiveRates: tpr)
    }
  }

  @Test(arguments: 0..<5)
  func labelsUnderCentersAreThoseOfTorch(index: Int) throws {
    let file = try CoherenceGolden("").file
    func map(_ name: String) throws -> LabelMap {
      let shape = try #require(file.entries[name]?.shape)
      return LabelMap(
        height: shape[0], width: shape[1], labels: ContiguousArray(try file.doubles(name).map { Int32($0) }))
    }
    let labels = try map("labels\(index)")
    let (square, whole) = (try map("square\(index)"), try map("whole\(index)"))
    let grid = Grid(height: square.height, width: square.width)
    #expect(labels.sampled(atCentersOf: grid) == whole)
    let area = try EvaluationSquare(height: labels.height, width: labels.width)
    #expect(labels.sampled(atCentersOf: grid, in: area) == square)
  }
}
