// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct SegmentMatchingTests {
  private struct Golden {
    let classes: LabelMap
    let segments: LabelMap
    let classCount: Int
    let hasBackground: Bool

    init(_ name: String, _ file: SafetensorsFile) throws {
      func map(_ key: String) throws -> LabelMap {
        let shape = try #require(file.entries[key]?.shape)
        return LabelMap(
          height: shape[0], width: shape[1],
          labels: ContiguousArray(try file.doubles(key).map { $0 == 255 ? LabelMapping.background : Int32($0) }))
      }
      classes = try map("\(name).labels")
      segments = try map("\(name).segments")
      let settings = try #require(file.metadata[name]).split(separator: " ").compactMap { Int($0) }
      (classCount, hasBackground) = (settings[0], settings[1] == 1)
    }
  }

  private let file: SafetensorsFile
  init() throws { file = try SafetensorsFile(path: Fixture.path("evaluation/matching.safetensors")) }

  static let names = [
    "ade-raw-150", "all-void", "background", "background-all-void", "background-fewer-segments",
    "background-many-segments", "background-none-void", "more-segments-than-classes", "one-segment", "plain", "sum-0",
    "sum-1", "sum-2", "void-and-out-of-range",
  ]

  @Test func allCasesAreListed() {
    #expect(file.metadata.keys.filter { $0 != "versions" }.sorted() == Self.names)
  }

  @Test(arguments: names)
  func countsAreThoseOfTheReference(name: String) throws {
    let golden = try Golden(name, file)
    func integers(_ key: String) throws -> [Int] { try file.doubles("\(name).\(key)").map { Int($0) } }
    var (classes, segments) = (golden.classes, golden.segments)
    if golden.hasBackground {
      (classes, segments) = try SegmentMatching.mergingBackground(
        classes: classes, segments: segments, classCount: golden.classCount)
    }
    #expect(try segments.labels.map { Int($0) } == integers("merged"))
    let matching = try SegmentMatching(classes: classes, segments: segments, classCount: golden.classCount)
    #expect(try matching.columns == integers("columns"))
    let sums = matching.sums
    #expect(try sums.truePositives == integers("tp"))
    #expect(try sums.falsePositives == integers("fp"))
    #expect(try sums.falseNegatives == integers("fn"))
    #expect(
      try EvaluationSums(
        classes: golden.classes, segments: golden.segments, classCount: golden.classCount,
        hasBackground: golden.hasBackground) == sums)
  }

  /// The seven cases of 27 classes together; NumPy's figures.
  @Test func scoresOverImages() throws {
    var sums = EvaluationSums(classCount: 27)
    #expect(sums.accuracy == nil && sums.meanIntersectionOverUnion == nil)
    for name in Self.names {
      let golden = try Golden(name, file)
      guard golden.classCount == 27 else { continue }
      try sums.add(
        EvaluationSums(classes: golden.classes, segments: golden.segments, classCount: 27, hasBackground: false))
    }
    #expect(sums.imageCount == 7 && sums.pixelCount == 23666)
    expectEqual([try #require(sums.accuracy)], [0.41692723738696863], within: .exact, "accuracy")
    // The mean's sum is taken in another order.
    expectEqual(
      [try #require(sums.meanIntersectionOverUnion)], [0.2135888143393928],
      within: .reduction(length: 27, magnitude: [0.22], unit: Tolerance.doubleUnit), "mIoU")
    #expect(sums.intersectionsOverUnion.contains { $0 == nil })
  }

  @Test func anImageWithoutScoredPixelsCountsNothing() throws {
    let void = LabelMap(height: 2, width: 2, labels: [-2, -2, -2, -1])
    let sums = try EvaluationSums(
      classes: void, segments: LabelMap(height: 2, width: 2, labels: [0, 1, 2, 3]), classCount: 3, hasBackground: false)
    #expect(sums.pixelCount == 0 && sums.truePositives == [0, 0, 0] && sums.falsePositives == [0, 0, 0])
    #expect(sums.intersectionsOverUnion.allSatisfy { $0 == nil } && sums.imageCount == 1)
  }

  /// Void stays void where background is a class: only background pixels become the last class.
  @Test func ignoredPixelsAreNoBackground() throws {
    let classes = LabelMap(height: 1, width: 6, labels: [0, 0, -1, -1, -2, -2])
    let segments = LabelMap(height: 1, width: 6, labels: [4, 4, 1, 2, 3, 3])
    let sums = try EvaluationSums(classes: classes, segments: segments, classCount: 2, hasBackground: true)
    #expect(sums.truePositives == [2, 2] && sums.falsePositives == [0, 0] && sums.pixelCount == 4)
  }

  @Test func refinementComesBetweenMergingAndMatching() throws {
    let classes = LabelMap(height: 1, width: 4, labels: [0, 0, -1, -1])
    let segments = LabelMap(height: 1, width: 4, labels: [0, 0, 1, 2])
    var seen: LabelMap?
    let sums = try EvaluationSums(classes: classes, segments: segments, classCount: 2, hasBackground: true) { map in
      seen = map
      return LabelMap(height: 1, width: 4, labels: [0, 1, 1, 1])
    }
    #expect(seen?.labels == [0, 0, 3, 3])
    #expect(sums.truePositives == [1, 2] && sums.falsePositives == [0, 1] && sums.falseNegatives == [1, 0])
  }

  @Test func mapsThatDoNotFitAreRefused() {
    let classes = LabelMap(height: 1, width: 2, labels: [0, 0])
    func error(_ segments: LabelMap) -> EvaluationError? {
      do throws(EvaluationError) {
        _ = try SegmentMatching(classes: classes, segments: segments, classCount: 1)
        return nil
      } catch { return error }
    }
    #expect(
      error(LabelMap(height: 2, width: 1, labels: [0, 0]))
        == .sizes(labels: Grid(height: 1, width: 2), segments: Grid(height: 2, width: 1)))
    #expect(error(LabelMap(height: 1, width: 2, labels: [0, -1])) == .segmentID(-1, limit: 65535))
    #expect(error(LabelMap(height: 1, width: 2, labels: [0, 65536])) == .segmentID(65536, limit: 65535))
    #expect(error(LabelMap(height: 1, width: 2, labels: [0, 65535])) == nil)
  }
}

@Suite struct EvaluationSumsTests {
  private func sums(_ tp: [Int], _ fp: [Int], _ fn: [Int], pixels: Int) -> EvaluationSums? {
    EvaluationSums(imageCount: 1, pixelCount: pixels, truePositives: tp, falsePositives: fp, falseNegatives: fn)
  }

  @Test func sumsAddInAnyOrder() throws {
    let a = try #require(sums([1, 2], [3, 0], [0, 4], pixels: 7))
    let b = try #require(sums([5, 0], [0, 1], [1, 0], pixels: 6))
    var (first, second) = (a, b)
    try first.add(b)
    try second.add(a)
    #expect(first == second && first.truePositives == [6, 2] && first.pixelCount == 13 && first.imageCount == 2)
    #expect(first.intersectionsOverUnion == [6.0 / 10, 2.0 / 7])
    #expect(throws: EvaluationError.classCountMismatch(3, expected: 2)) { try first.add(EvaluationSums(classCount: 3)) }
    #expect(first == second)
  }

  @Test func countsThatContradictEachOtherAreRefused() {
    #expect(sums([1], [0], [0], pixels: 2) == nil)
    #expect(sums([1], [0, 0], [0], pixels: 1) == nil)
    #expect(sums([-1], [0], [2], pixels: 1) == nil)
    #expect(sums([.max], [0], [1], pixels: .min) == nil)
  }

  /// Each count fits, and their sum over the classes would not.
  @Test func sumsOverAllClassesNeverOverflow() {
    for count in [8193, 1 << 15] {
      let counts = [Int](repeating: 1 << 48, count: count)
      #expect(sums(counts, counts, counts, pixels: 0) == nil)
    }
    let counts = [Int](repeating: 1 << 48, count: 8192)
    #expect(sums(counts, counts, counts, pixels: 1 << 62)?.accuracy == 0.5)
  }

  @Test func sumsThatDoNotFitStayAsTheyAre() throws {
    var large = try #require(
      EvaluationSums(imageCount: .max, pixelCount: 1, truePositives: [1], falsePositives: [0], falseNegatives: [0]))
    let before = large
    #expect(throws: EvaluationError.overflow) { try large.add(before) }
    #expect(large == before)
  }
}
