// SPDX-License-Identifier: Apache-2.0
import Segment

/// One class for each of an image's segments, as many pixels right as can be.
package struct SegmentMatching {
  /// The segment id given to every class, be it one that no pixel has.
  package let columns: [Int]
  package let sums: EvaluationSums
  /// Pixels of class c in the segment of class d, at c · N + d.
  private let ordered: [Int]

  /// Counts pixels and assigns segments to classes.
  ///
  /// Pixels whose class is not one of 0 … N − 1 count nowhere, but the largest segment id is one over all pixels.
  ///
  /// - Throws: `EvaluationError`: the maps differ in size, or segment ids are out of range.
  package init(classes: LabelMap, segments: LabelMap, classCount: Int) throws(EvaluationError) {
    guard classes.height == segments.height, classes.width == segments.width else {
      throw .sizes(
        labels: Grid(height: classes.height, width: classes.width),
        segments: Grid(height: segments.height, width: segments.width))
    }
    let largest = segments.labels.max() ?? 0
    let limit = Int32(Self.segmentIDLimit)
    for id in [segments.labels.min() ?? 0, largest] where !(0...limit).contains(id) {
      throw .segmentID(id, limit: Self.segmentIDLimit)
    }
    let width = max(classCount, Int(largest) + 1)
    var histogram = [Int](repeating: 0, count: classCount * width)
    for (pixel, label) in classes.labels.enumerated() where label >= 0 && Int(label) < classCount {
      histogram[Int(label) * width + Int(segments.labels[pixel])] += 1
    }
    columns = Assignment.columns(maximizing: histogram, rows: classCount, columns: width)
    var ordered = [Int](repeating: 0, count: classCount * classCount)
    var sums = EvaluationSums(classCount: classCount)
    sums.imageCount = 1
    for row in 0..<classCount {
      for (place, column) in columns.enumerated() {
        let count = histogram[row * width + column]
        ordered[row * classCount + place] = count
        if row == place { sums.truePositives[row] = count } else { sums.falsePositives[place] += count }
      }
      let pixels = histogram[row * width..<(row + 1) * width].reduce(0, +)
      sums.falseNegatives[row] = pixels - sums.truePositives[row]
      sums.pixelCount += pixels
    }
    self.ordered = ordered
    self.sums = sums
  }

  /// Ids above it would make the table of counts too large.
  package static let segmentIDLimit = 65535

  /// The segments that a class claims: that of every class with a pixel in *any* class's segment.
  private var matchedSegments: Set<Int32> {
    let count = columns.count
    return Set(
      (0..<count).filter { row in ordered[row * count..<(row + 1) * count].contains { $0 > 0 } }
        .map { Int32(columns[$0]) })
  }

  /// The rule of sets with a background, the last of N classes: background pixels get its number, and segments that no other
  /// class claims in a match of N − 1 classes become one, whose number is one above the largest.
  package static func mergingBackground(
    classes: LabelMap, segments: LabelMap, classCount: Int
  ) throws(EvaluationError) -> (classes: LabelMap, segments: LabelMap) {
    let matchedSegments = try SegmentMatching(classes: classes, segments: segments, classCount: classCount - 1)
      .matchedSegments
    let merged = (segments.labels.max() ?? 0) + 1
    return (
      LabelMap(
        height: classes.height, width: classes.width,
        labels: ContiguousArray(
          classes.labels.map { $0 == LabelMapping.background ? Int32(classCount - 1) : $0 })),
      LabelMap(
        height: segments.height, width: segments.width,
        labels: ContiguousArray(segments.labels.map { matchedSegments.contains($0) ? $0 : merged }))
    )
  }
}

extension EvaluationSums {
  /// The sums of one image.
  ///
  /// - Parameters:
  ///   - classes: 0 … N − 1, `LabelMapping.background` or `LabelMapping.ignored`.
  ///   - segments: ids from 0; the order of ids decides among equal assignments.
  ///   - classCount: N.
  ///   - hasBackground: whether class N − 1 is background, and segments are merged into it.
  ///   - refine: applied to the merged segments.
  /// - Throws: `EvaluationError`, or what `refine` throws.
  public init(
    classes: LabelMap, segments: LabelMap, classCount: Int, hasBackground: Bool,
    refine: (LabelMap) throws -> LabelMap = { $0 }
  ) throws {
    var (classes, segments) = (classes, segments)
    if hasBackground {
      (classes, segments) = try SegmentMatching.mergingBackground(
        classes: classes, segments: segments, classCount: classCount)
    }
    self = try SegmentMatching(classes: classes, segments: refine(segments), classCount: classCount).sums
  }
}
