// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor

/// Everything results depend on but the images.
struct RunSettings {
  let encoder: any EncoderSource
  /// The options, DiffCut's τ and α in force among them.
  let segmentation: SegmentationOptions
  /// DiffCut's settings; nil with another method.
  let cut: CutSettings?
  let output: OutputOptions
  /// Tells weights apart; nil without weights.
  let weightsHash: String?
  /// Equal for settings that give equal results. Number of threads and instruction set do not count: results do not depend on
  /// the one, and on the other within the documented bound only.
  let configurationHash: String

  init(encoder: any EncoderSource, segmentation options: SegmentationOptions, output: OutputOptions) throws(ToolError) {
    var segmentation = options
    cut = (options.clusterer as? DiffCut).map { CutSettings($0, encoder: encoder) }
    if let cut { segmentation.clusterer = cut.clusterer }
    let weightsHash = try encoder.weightsHash()
    // Descriptions of structures name all their members, so that an option that is added counts without further ado.
    let text = [
      "diffcut \(Tool.version)", encoder.name, encoder.settings, "\(encoder.graph)", weightsHash ?? "no weights",
      "\(segmentation)",
      "\(output)",
    ]
    self.encoder = encoder
    self.segmentation = segmentation
    self.output = output
    self.weightsHash = weightsHash
    configurationHash = XXH64.digest(text.joined(separator: "\n"))
  }
}
