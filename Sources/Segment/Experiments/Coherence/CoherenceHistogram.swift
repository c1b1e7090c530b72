// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Tensor

/// Pairs of patches by the cosine of their features, those of one class apart from the others: counts over images, which add
/// up exactly.
///
/// Each side has 4096 equal bins on [−1, 1], so that no pair has to be kept; `curve()` is the ROC curve of telling one class
/// by a large cosine.
///
/// - Source: DiffCut figure 3. The authors publish no code for it; the definition is this project's (see Coherence).
public struct CoherenceHistogram: Equatable, Sendable {
  public static let binCount = 4096
  /// Pairs of one class, by bin.
  public private(set) var positives: [Int]
  /// Pairs of two classes.
  public private(set) var negatives: [Int]

  /// No pair.
  public init() {
    positives = Array(repeating: 0, count: Self.binCount)
    negatives = positives
  }

  /// Counts from elsewhere; nil unless there are 4096 of each kind.
  public init?(positives: [Int], negatives: [Int]) {
    guard positives.count == Self.binCount, negatives.count == Self.binCount,
      (positives + negatives).allSatisfy(Self.countRange.contains)
    else { return nil }
    self.positives = positives
    self.negatives = negatives
  }

  /// All counts of one histogram then sum to less than 2⁶³.
  private static let countRange = 0...1 << 48

  public var positiveCount: Int { positives.reduce(0, +) }
  public var negativeCount: Int { negatives.reduce(0, +) }
  public var pairCount: Int { positiveCount + negativeCount }

  /// The bin of a cosine: ⌊(s + 1)/2 · 4096⌋, what rounding has moved beyond −1 or 1 in the outermost.
  public static func bin(of cosine: Double) -> Int {
    let position = (cosine + 1) * Double(binCount / 2)
    return position > 0 ? Int(min(position, Double(binCount - 1))) : 0
  }

  /// Adds other pairs.
  ///
  /// - Throws: `CoherenceError.overflow`, and leaves the counts as they are.
  public mutating func add(_ other: CoherenceHistogram) throws(CoherenceError) {
    func sum(_ a: [Int], _ b: [Int]) throws(CoherenceError) -> [Int] {
      let sums = zip(a, b).map { $0 + $1 }
      guard sums.allSatisfy(Self.countRange.contains) else { throw .overflow }
      return sums
    }
    let sums = (try sum(positives, other.positives), try sum(negatives, other.negatives))
    (positives, negatives) = sums
  }

  /// The curve of these pairs.
  ///
  /// - Throws: `CoherenceError.noPairs` without a pair of one class or of two.
  public func curve() throws(CoherenceError) -> ROCCurve { try ROCCurve(self) }
}

extension CoherenceHistogram {
  /// All unordered pairs of an image's patches.
  ///
  /// - Numerics: cosines in double precision; the counts do not depend on the number of threads, and on the instruction set
  ///   only where a cosine lies within rounding of a bin's edge.
  public init(within patches: LabeledPatches) {
    let classes = patches.classes
    self = Self.counted { count in
      forEachProductStrip(of: patches.unit.span, length: patches.channels) { rows, products, stride in
        count { histogram in
          for row in rows {
            let start = (row - rows.lowerBound) * stride
            histogram.count(
              products.extracting(start..<start + row), classes.span.extracting(0..<row), like: classes[row])
          }
        }
      }
    }
  }

  /// All pairs of a patch of one image and a patch of another.
  ///
  /// - Numerics: as within an image.
  /// - Throws: `CoherenceError.channels`.
  public init(between first: LabeledPatches, and second: LabeledPatches) throws(CoherenceError) {
    guard first.channels == second.channels else { throw .channels(second.channels, expected: first.channels) }
    let classes = second.classes
    self = Self.counted { count in
      forEachProductStrip(of: first.unit.span, with: second.unit.span, length: first.channels) {
        rows, products, stride in
        count { histogram in
          for row in rows {
            let start = (row - rows.lowerBound) * stride
            histogram.count(
              products.extracting(start..<start + classes.count), classes.span, like: first.classes[row])
          }
        }
      }
    }
  }

  /// The counts of parts that are made in parallel. Whole numbers: their order does not matter.
  private static func counted(_ body: (_ count: ((inout PartialCounts) -> Void) -> Void) -> Void) -> CoherenceHistogram
  {
    let total = Mutex(PartialCounts())
    body { part in
      var counts = PartialCounts()
      part(&counts)
      total.withLock { $0.add(counts) }
    }
    return total.withLock { CoherenceHistogram($0) }
  }

  private init(_ counts: PartialCounts) {
    positives = Array(counts.values[Self.binCount...])
    negatives = Array(counts.values[..<Self.binCount])
  }

  /// Both histograms in one array: pairs of two classes, then pairs of one.
  private struct PartialCounts {
    var values = ContiguousArray(repeating: 0, count: 2 * CoherenceHistogram.binCount)

    mutating func count(_ cosines: Span<Double>, _ classes: Span<Int32>, like label: Int32) {
      var values = values.mutableSpan
      for i in cosines.indices {
        values[CoherenceHistogram.bin(of: cosines[i]) &+ (classes[i] == label ? CoherenceHistogram.binCount : 0)] &+= 1
      }
    }

    mutating func add(_ other: PartialCounts) {
      for i in values.indices { values[i] += other.values[i] }
    }
  }
}
