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

  /// Order: segments, background merged, refinement, match.
  ///
  /// - Throws: `ToolError`, `EvaluationError` for labels that do not fit the set, `RefinementError`.
  func sums(of sample: EvaluationSample, source: SegmentSource, progress: Progress) throws -> EvaluationSums {
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
    switch evaluationProtocol {
    case .paper:
      let square = try EvaluationSquare(height: extent.height, width: extent.width)
      // Values are looked at in the square only, as the authors' program does.
      let classes = try set.mapping(stored.sampledForEvaluation(size: size))
      let grid = Grid(height: EvaluationSquare.gridSide, width: EvaluationSquare.gridSide)
      let segments = try source.segments(
        of: sample, image: image?.cropped(to: square), square: square, photograph: extent, at: grid, progress: progress)
      return try EvaluationSums(
        classes: classes, segments: segments, classCount: set.classCount, hasBackground: set.hasBackground
      ) { map in
        guard isRefined, let image else { return map }
        return try map.refined(on: image.levelsForEvaluation(square, size: size), using: .evaluation)
      }
    case .strict:
      let segments = try source.segments(
        of: sample, image: image, square: nil, photograph: extent, at: extent, progress: progress)
      return try EvaluationSums(
        classes: set.mapping(stored), segments: segments, classCount: set.classCount, hasBackground: set.hasBackground
      ) { map in
        guard isRefined, let image else { return map }
        return try map.refined(on: image, by: .demo)
      }
    }
  }
}
