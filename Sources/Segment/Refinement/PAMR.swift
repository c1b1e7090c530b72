// SPDX-License-Identifier: Apache-2.0

/// Settings of pixel-adaptive mask refinement.
///
/// Each pixel takes the average of its neighbors' masks, weighted by how alike the pixels are, again and again; so masks
/// move to edges of the image.
///
/// - Source: Araslanov & Roth, "Single-Stage Semantic Segmentation from Image Labels", CVPR 2020, §3.4; iterations,
///   dilations and the median as DiffCut's authors use them.
public struct PAMR: Equatable, Sendable {
  public let iterations: Int
  /// Distances of the eight neighbors, in pixels; there may be several of each.
  public let dilations: [Int]
  /// Whether the 3×3 median of the label numbers follows.
  public let appliesMedian: Bool

  public static let iterationRange = 0...1000
  public static let dilationRange = 1...4096
  public static let dilationCountRange = 1...32

  /// - Throws: `RefinementError` when a setting is out of its range.
  public init(iterations: Int, dilations: [Int], appliesMedian: Bool = true) throws(RefinementError) {
    guard Self.iterationRange.contains(iterations) else { throw .iterations(iterations) }
    guard Self.dilationCountRange.contains(dilations.count) else { throw .dilationCount(dilations.count) }
    if let bad = dilations.first(where: { !Self.dilationRange.contains($0) }) { throw .dilation(bad) }
    self.init(valid: iterations, dilations, appliesMedian)
  }

  private init(valid iterations: Int, _ dilations: [Int], _ appliesMedian: Bool) {
    self.iterations = iterations
    self.dilations = dilations
    self.appliesMedian = appliesMedian
  }

  /// The benchmarks' settings, for images and labels of 128×128 pixels.
  public static let evaluation = PAMR(valid: 10, [1, 2, 4, 8], true)

  /// The demonstration's settings, for images of 1024×1024 pixels.
  public static let demo = PAMR(valid: 30, [1, 2, 4, 8, 12, 24, 32, 64], true)
}

/// A refinement, and the size at which it is done.
public struct Refinement: Equatable, Sendable {
  public let method: PAMR
  /// Side of the square that the image is resized to; nil: the image's own size.
  public let side: Int?

  public static let sideRange = 1...8192

  /// - Throws: `RefinementError.side` when the side is out of its range.
  public init(_ method: PAMR, side: Int?) throws(RefinementError) {
    if let side, !Self.sideRange.contains(side) { throw .side(side) }
    self.init(valid: method, side)
  }

  private init(valid method: PAMR, _ side: Int?) {
    self.method = method
    self.side = side
  }

  /// `PAMR.demo` at 1024×1024 pixels.
  public static let demo = Refinement(valid: .demo, 1024)
}
