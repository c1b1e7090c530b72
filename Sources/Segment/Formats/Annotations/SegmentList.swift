// SPDX-License-Identifier: Apache-2.0
import Tensor

/// `segments.csv`: a line for each segment of all images, with its place and, of an image that was segmented, its scores.
///
/// A part is the list of one image, complete with its heading.
enum SegmentList: JoinedFormat {
  static let collectionName = "segments.csv"

  private static let heading = CSV.line([
    "image", "id", "area", "share", "x", "y", "width", "height", "center_x", "center_y", "nodes", "similarity", "depth",
    "ncut", "next_ncut",
  ])

  /// Values that are not known are empty.
  static func part(of image: SegmentedImage, options: OutputOptions) -> [UInt8] {
    let map = image.labelMap
    let scores = try? image.segmentation.scores()
    let lines = SegmentTable(map).segments.map { segment in
      let (columns, rows, center) = (segment.columns, segment.rows, segment.center)
      let place = [
        "\(segment.id)", "\(segment.area)", "\(Double(segment.area) / Double(map.labels.count))",
        "\(columns.lowerBound)", "\(rows.lowerBound)", "\(columns.count)", "\(rows.count)", "\(center.x)",
        "\(center.y)",
      ]
      let score = scores?[Int(segment.id) - 1]
      func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "" }
      return CSV.line(
        [image.name] + place + [
          text(score?.nodeCount), text(score?.similarity), text(score?.depth), text(score?.cutValue),
          text(score?.nextCutValue),
        ])
    }
    return Array((heading + lines.joined()).utf8)
  }

  static func join(count: Int, part: (Int) throws -> [UInt8], append: ([UInt8]) throws -> Void) throws {
    let heading = Array(heading.utf8)
    try append(heading)
    for index in 0..<count {
      let list = try part(index)
      guard list.starts(with: heading) else { throw OutputError.corruptPart(index) }
      try append(Array(list.dropFirst(heading.count)))
    }
  }
}
