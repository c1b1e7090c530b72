// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor

/// From one image's files to its counts.
struct EvaluationScoring {
  let set: EvaluationSet
  let evaluationProtocol: EvaluationProtocol
  /// Side of the square through which labels reach the grid.
  let size: Int
  let isRefined: Bool

  /// One image as it is scored, its files read.
  struct Prepared {
    /// What is segmented, the square or all of the photograph; nil where no photograph is needed.
    let image: Image?
    /// The part of the photograph that is scored; nil for all.
    let square: EvaluationSquare?
    /// Size of the photograph.
    let photograph: Grid
    /// Size at which segments are compared.
    let grid: Grid
    fileprivate let classes: LabelMap
    fileprivate let refine: (LabelMap) throws -> LabelMap
  }

  /// An image's labels as they are stored, and its photograph if there is one.
  ///
  /// - Throws: `ToolError` with exit code 4, also where the two differ in size.
  static func files(of sample: EvaluationSample) throws(ToolError) -> (labels: LabelMap, image: Image?) {
    let stored = try InputFile.labelMap(sample.labels, as: .badInput)
    guard let path = sample.image else { return (stored, nil) }
    let image = try InputFile.photograph(path)
    guard image.height == stored.height, image.width == stored.width else {
      throw ToolError(
        .badInput,
        "\(path): \(image.height)x\(image.width) pixels, its labels '\(sample.labels)' are \(stored.height)x\(stored.width)"
      )
    }
    return (stored, image)
  }

  /// - Throws: `ToolError`, `EvaluationError` for labels that do not fit the set.
  func prepare(_ sample: EvaluationSample) throws -> Prepared {
    let (stored, image) = try Self.files(of: sample)
    let extent = Grid(height: stored.height, width: stored.width)
    let refined = isRefined ? image : nil
    switch evaluationProtocol {
    case .paper:
      let square = try EvaluationSquare(height: extent.height, width: extent.width)
      let levels = refined?.levelsForEvaluation(square, size: size)
      return Prepared(
        image: image?.cropped(to: square), square: square, photograph: extent,
        grid: Grid(height: EvaluationSquare.gridSide, width: EvaluationSquare.gridSide),
        // Values are looked at in the square only, as the authors' program does.
        classes: try set.mapping.sampledForEvaluation(stored, size: size),
        refine: { map in try levels.map { try map.refined(on: $0, using: .evaluation) } ?? map })
    case .strict:
      return Prepared(
        image: image, square: nil, photograph: extent, grid: extent, classes: try set.mapping(stored),
        refine: { map in try refined.map { try map.refined(on: $0, by: .demo) } ?? map })
    }
  }

  /// Order: segments, background merged, refinement, match.
  ///
  /// - Throws: `EvaluationError`, `RefinementError`.
  func sums(of image: Prepared, segments: LabelMap) throws -> EvaluationSums {
    try EvaluationSums(
      classes: image.classes, segments: segments, classCount: set.classCount, hasBackground: set.hasBackground,
      refine: image.refine)
  }

  /// - Throws: `ToolError`, `EvaluationError` for labels that do not fit the set, `RefinementError`.
  func sums(of sample: EvaluationSample, source: SegmentSource, progress: Progress) throws -> EvaluationSums {
    let image = try prepare(sample)
    return try sums(
      of: image,
      segments: source.segments(
        of: sample, image: image.image, square: image.square, photograph: image.photograph, at: image.grid,
        progress: progress))
  }
}
