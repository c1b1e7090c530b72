// SPDX-License-Identifier: Apache-2.0
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

  /// - Throws: `ToolError`, `EvaluationError` for labels that do not fit the set.
  func prepare(_ sample: EvaluationSample) throws -> Prepared {
    let stored: LabelMap
    do {
      stored = try LabelMap(decoding: MappedFile.contents(of: sample.labels))
    } catch let error as FileError {
      throw ToolError(.badInput, "\(error)")
    } catch {
      throw ToolError(.badInput, "\(sample.labels): \(error)")
    }
    let extent = Grid(height: stored.height, width: stored.width)
    let image = try sample.image.map { path in
      let image = try InputImage.read(path)
      guard image.height == extent.height, image.width == extent.width else {
        throw ToolError(
          .badInput,
          "\(path): \(image.height)x\(image.width) pixels, its labels '\(sample.labels)' are \(extent)")
      }
      return image
    }
    let refined = isRefined ? image : nil
    switch evaluationProtocol {
    case .paper:
      let square = try EvaluationSquare(height: extent.height, width: extent.width)
      let levels = refined?.levelsForEvaluation(square, size: size)
      return Prepared(
        image: image?.cropped(to: square), square: square, photograph: extent,
        grid: Grid(height: EvaluationSquare.gridSide, width: EvaluationSquare.gridSide),
        // Values are looked at in the square only, as the authors' program does.
        classes: try set.mapping(stored.sampledForEvaluation(size: size)),
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

  /// Errors of scores as the user sees them.
  static func explaining(_ sample: EvaluationSample, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as EvaluationError {
      throw ToolError(.badInput, "\(sample.labels): \(error)")
    } catch let error as RefinementError {
      throw ToolError(.badInput, "\(sample.id): \(error)")
    }
  }
}
