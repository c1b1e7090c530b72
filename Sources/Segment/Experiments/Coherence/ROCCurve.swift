// SPDX-License-Identifier: Apache-2.0

/// How well a score tells positive pairs from negative ones: the share of either that lies above a threshold, for every
/// threshold.
public struct ROCCurve: Equatable, Sendable {
  /// From 0 to 1, as the threshold falls.
  public let falsePositiveRates: [Double]
  /// The same points.
  public let truePositiveRates: [Double]
  /// The area below the points joined by straight lines: the chance that a positive pair scores higher than a negative one.
  public let area: Double

  /// A curve from elsewhere.
  ///
  /// - Precondition: as many rates of either kind.
  /// - Throws: `CoherenceError.noCurve` naming the first point below the one before, or an end that is not 0, 0 or 1, 1.
  public init(falsePositiveRates: [Double], truePositiveRates: [Double]) throws(CoherenceError) {
    precondition(falsePositiveRates.count == truePositiveRates.count, "an ROC curve of points")
    guard let last = falsePositiveRates.indices.last, last > 0 else { throw .noCurve(point: 0) }
    for rates in [falsePositiveRates, truePositiveRates] {
      guard rates[0] == 0 else { throw .noCurve(point: 0) }
      if let point = (1...last).first(where: { !(rates[$0 - 1]...1 ~= rates[$0]) }) { throw .noCurve(point: point) }
      guard rates[last] == 1 else { throw .noCurve(point: last) }
    }
    self.falsePositiveRates = falsePositiveRates
    self.truePositiveRates = truePositiveRates
    area = (1...last).reduce(0) { area, point in
      let width = falsePositiveRates[point] - falsePositiveRates[point - 1]
      return area + width * (truePositiveRates[point] + truePositiveRates[point - 1]) / 2
    }
  }

  /// Thresholds are the lower edges of the bins, from high to low; before the first nothing is above.
  init(_ histogram: CoherenceHistogram) throws(CoherenceError) {
    let (positives, negatives) = (histogram.positiveCount, histogram.negativeCount)
    guard positives > 0, negatives > 0 else {
      throw .noPairs(ofOneClass: positives > 0, ofTwoClasses: negatives > 0)
    }
    func rates(_ counts: [Int], of total: Int) -> [Double] {
      var above = 0
      return [0]
        + counts.reversed().map { count in
          above += count
          return Double(above) / Double(total)
        }
    }
    try self.init(
      falsePositiveRates: rates(histogram.negatives, of: negatives),
      truePositiveRates: rates(histogram.positives, of: positives))
  }
}

extension CoherenceHistogram {
  /// The smallest cosine that counts as positive at each point of `curve()`; infinite at the first.
  public static let thresholds: [Double] =
    [.infinity] + (0..<binCount).reversed().map { 2 * Double($0) / Double(binCount) - 1 }
}
