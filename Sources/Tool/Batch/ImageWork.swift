// SPDX-License-Identifier: Apache-2.0
import Formats
import Linalg
import Segment
import Tensor
import UNet

/// From a file to its segments, one image after the other with one encoder.
final class ImageWork {
  let settings: RunSettings
  private let progress: Progress
  private var opened: Segmenter?

  init(_ settings: RunSettings, progress: Progress) {
    self.settings = settings
    self.progress = progress
  }

  /// What there is of an image once its segments are known.
  struct Result {
    let image: SegmentedImage
    let segmentation: Segmentation
    let summary: CompletionRecord.Summary
    let decodeSeconds: Double
  }

  func read(_ input: BatchInput) throws(ImageFailure) -> [UInt8] {
    do {
      return try MappedFile.contents(of: input.path)
    } catch {
      throw ImageFailure(.read, error)
    }
  }

  /// - Throws: `ImageFailure` for an image without result, `ToolError` for weights that cannot be used.
  func segment(_ bytes: [UInt8], of input: BatchInput) throws -> Result {
    let start = Platform.monotonicSeconds
    try checkMemory(bytes)
    let (image, orientation) = try ImageFailure.at(.decode, of: input) { try Image.decodeOriented(bytes) }
    let decodeSeconds = Platform.monotonicSeconds - start
    let segmenter = try openSegmenter()
    progress.setSteps(segmenter.encoder.stages.map { Progress.Step($0) })
    let segmentation = try ImageFailure.at(.segment, of: input) {
      try segmenter.segment(image, observer: progress.observer())
    }
    return Result(
      image: SegmentedImage(name: input.id, image: image, segmentation: segmentation), segmentation: segmentation,
      summary: CompletionRecord.Summary(
        width: image.width, height: image.height, orientation: orientation.rawValue,
        segments: segmentation.segmentCount),
      decodeSeconds: decodeSeconds)
  }

  /// Refuses by its header an image that the machine has no memory for: asked for it, the system would end the process.
  private func checkMemory(_ bytes: [UInt8]) throws(ImageFailure) {
    guard let header = ImageHeader(bytes) else { return }
    let estimate = MemoryEstimate(settings)
    let needed = estimate.base + estimate.bytes(of: header, fileSize: bytes.count)
    guard let excess = MemoryEstimate.excess(of: header, needing: needed) else { return }
    throw ImageFailure(.memory, "\(excess.demand); the machine has \(excess.supply) free")
  }

  /// The encoder is opened for the first image that needs it: a run with nothing left to do reads no weights.
  private func openSegmenter() throws -> Segmenter {
    if let opened { return opened }
    let segmenter = Segmenter(
      encoder: try settings.encoder.open(observer: progress.observer()), options: settings.segmentation)
    opened = segmenter
    return segmenter
  }
}
