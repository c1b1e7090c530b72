// SPDX-License-Identifier: Apache-2.0
import Formats
import Foundation
import Segment

/// Writes the segments of photographs as polygons, a file for each, and as run lengths, one file for all.
func annotate(_ photographs: [String], into folder: String) throws {
  let segmenter = Segmenter(options: SegmentationOptions(tau: 0.3))
  var options = OutputOptions()
  options.polygonTolerance = 1
  var parts: [[UInt8]] = []
  for photograph in photographs {
    let image = try Image(contentsOf: photograph)
    let segmented = SegmentedImage(name: photograph, image: image, segmentation: try segmenter.segment(image))
    let name = URL(fileURLWithPath: photograph).deletingPathExtension().lastPathComponent
    for file in try OutputFormat.geojson.files(for: segmented, options: options) {
      try Data(file.bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name).\(file.suffix)"))
    }
    parts.append(try OutputFormat.coco.part(of: segmented))
  }
  var document = Data()
  try OutputFormat.coco.join(count: parts.count, part: { parts[$0] }, append: { document += $0 })
  try document.write(to: URL(fileURLWithPath: "\(folder)/annotations.coco.json"))
}
