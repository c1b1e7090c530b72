// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment

/// The encoder that a name stands for; without one, the encoder that needs no weights.
func encoder(model: String?) throws -> any FeatureEncoder {
  guard let model else { return BuiltInEncoder() }
  return try DiffusionEncoder(model: model)
}

/// Segments photographs and writes their label maps.
func segment(_ photographs: [String], model: String?, into folder: String) throws {
  let segmenter = Segmenter(encoder: try encoder(model: model), options: SegmentationOptions(tau: 0.3))
  for photograph in photographs {
    let image = try Image(contentsOf: photograph)
    let result = try segmenter.segment(image)
    print("\(photograph): \(result.segmentCount) segments")
    for segment in 1...result.segmentCount {
      let area = result.labelMap.labels.count { $0 == segment }
      print("  segment \(segment): \(area) pixels")
    }
    let name = URL(fileURLWithPath: photograph).deletingPathExtension().lastPathComponent
    try Data(result.labelMap.encodedPNG()).write(to: URL(fileURLWithPath: "\(folder)/\(name).png"))
  }
}

/// Tells what is found in one photograph, with all defaults.
func describe(_ photograph: String) throws {
  let image = try Image(contentsOf: photograph)
  let result = try Segmenter().segment(image)
  print("\(result.segmentCount) segments, the first pixel is in segment \(result.labelMap.labels[0])")
}

/// Tells how clearly the segments of a photograph stand out.
func rate(_ photograph: String) throws {
  let options = SegmentationOptions(minimumArea: .share(0.001))
  let result = try Segmenter(options: options).segment(Image(contentsOf: photograph))
  for (index, score) in result.scores().enumerated() {
    let (cut, alike) = (score.cutValue ?? .nan, score.similarity ?? .nan)
    print("  segment \(index + 1): \(score.depth ?? 0) cuts, the last with Ncut \(cut), similarity \(alike)")
  }
}
