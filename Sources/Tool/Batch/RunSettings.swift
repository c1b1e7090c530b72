// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// Everything results depend on but the images.
struct RunSettings {
  let encoder: EncoderChoice
  /// With τ and α in force.
  let segmentation: SegmentationOptions
  let output: OutputOptions
  /// Tells weights apart; nil without weights.
  let weightsHash: String?
  /// Equal for settings that give equal results. Number of threads and instruction set do not count: results do not depend on
  /// the one, and on the other within the documented bound only.
  let configurationHash: String

  init(encoder: EncoderChoice, segmentation options: SegmentationOptions, output: OutputOptions) throws(ToolError) {
    var segmentation = options
    segmentation.tau = options.tau ?? encoder.defaultTau
    segmentation.alpha = options.alpha ?? encoder.defaultAlpha
    let weightsHash = try encoder.weightsHash()
    // Descriptions of structures name all their members, so that an option that is added counts without further ado.
    let text = [
      "diffcut \(Tool.version)", encoder.name, encoder.settings, weightsHash ?? "no weights", "\(segmentation)",
      "\(output)",
    ]
    self.encoder = encoder
    self.segmentation = segmentation
    self.output = output
    self.weightsHash = weightsHash
    configurationHash = XXH64.digest(text.joined(separator: "\n"))
  }
}
