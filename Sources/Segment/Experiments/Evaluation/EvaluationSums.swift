// SPDX-License-Identifier: Apache-2.0

/// Counts of pixels over images, which add up exactly, and the scores that follow.
public struct EvaluationSums: Equatable, Sendable {
  public internal(set) var imageCount = 0
  /// Pixels of a class; others count nowhere.
  public internal(set) var pixelCount = 0
  /// For each class.
  public internal(set) var truePositives: [Int]
  public internal(set) var falsePositives: [Int]
  public internal(set) var falseNegatives: [Int]

  /// No image.
  public init(classCount: Int) {
    truePositives = Array(repeating: 0, count: classCount)
    falsePositives = truePositives
    falseNegatives = truePositives
  }

  /// Sums from elsewhere; nil unless they are counts, as many of each kind but of 8192 classes at most, and consistent: the pixels of all classes are
  /// right or missed.
  public init?(
    imageCount: Int, pixelCount: Int, truePositives: [Int], falsePositives: [Int], falseNegatives: [Int]
  ) {
    let all = truePositives + falsePositives + falseNegatives
    guard truePositives.count == falsePositives.count, truePositives.count == falseNegatives.count, imageCount >= 0,
      truePositives.count <= Self.maximumClassCount, all.allSatisfy({ (0...1 << 48).contains($0) }),
      zip(truePositives, falseNegatives).reduce(0, { $0 + $1.0 + $1.1 }) == pixelCount
    else { return nil }
    self.imageCount = imageCount
    self.pixelCount = pixelCount
    self.truePositives = truePositives
    self.falsePositives = falsePositives
    self.falseNegatives = falseNegatives
  }

  /// Sums of so many classes that each may be 2⁴⁸ stay below 2⁶³.
  private static let maximumClassCount = 1 << 13

  public var classCount: Int { truePositives.count }

  /// Adds other images.
  ///
  /// - Throws: `EvaluationError.classCountMismatch`, or `overflow`, and leaves these sums as they are.
  public mutating func add(_ other: EvaluationSums) throws(EvaluationError) {
    guard other.classCount == classCount else { throw .classCountMismatch(other.classCount, expected: classCount) }
    var sum = self
    sum.imageCount = try Self.sum(imageCount, other.imageCount)
    sum.pixelCount = try Self.sum(pixelCount, other.pixelCount)
    for index in 0..<classCount {
      sum.truePositives[index] = try Self.sum(truePositives[index], other.truePositives[index])
      sum.falsePositives[index] = try Self.sum(falsePositives[index], other.falsePositives[index])
      sum.falseNegatives[index] = try Self.sum(falseNegatives[index], other.falseNegatives[index])
    }
    self = sum
  }

  private static func sum(_ a: Int, _ b: Int) throws(EvaluationError) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    guard !overflow else { throw .overflow }
    return sum
  }

  /// tp / (tp + fp + fn) of every class; nil for one that neither labels nor segments have.
  public var intersectionsOverUnion: [Double?] {
    (0..<classCount).map { index in
      let union = truePositives[index] + falsePositives[index] + falseNegatives[index]
      return union == 0 ? nil : Double(truePositives[index]) / Double(union)
    }
  }

  /// The mean over the classes that have a value; nil if none has.
  public var meanIntersectionOverUnion: Double? {
    let values = intersectionsOverUnion.compactMap(\.self)
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// The share of pixels whose segment has their class; nil without pixels.
  public var accuracy: Double? {
    pixelCount == 0 ? nil : Double(truePositives.reduce(0, +)) / Double(pixelCount)
  }
}
