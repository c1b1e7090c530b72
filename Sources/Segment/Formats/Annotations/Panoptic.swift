// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// COCO's panoptic annotations: a color picture for each image, whose pixels are ids, and a list of its segments.
///
/// A pixel is id = red + 256 green + 65536 blue, black is void.
///
/// - Source: "Data format" of the COCO data set, section 4; `panopticapi`.
enum Panoptic: FileFormat, JoinedFormat {
  static let suffix = "panoptic.png"
  static let collectionName = "panoptic.json"
  private static let largestID: Int32 = 1 << 24 - 1

  static func file(of image: SegmentedImage, options: OutputOptions) throws(OutputError) -> [UInt8] {
    let map = image.labelMap
    try check(map.labels.max() ?? 0)
    var pixels = ContiguousArray<UInt8>(repeating: 0, count: 3 * map.labels.count)
    map.forEachRun { id, run in
      guard id > 0 else { return }
      let color = [UInt8(id & 0xff), UInt8(id >> 8 & 0xff), UInt8(id >> 16)]
      for pixel in run {
        for channel in 0..<3 { pixels[3 &* pixel &+ channel] = color[channel] }
      }
    }
    return PNGImage(width: map.width, height: map.height, rgb: pixels).encoded()
  }

  /// The picture's name is the image's with another ending, as `ImageFile` has it.
  static func part(of image: SegmentedImage, options: OutputOptions) throws(OutputError) -> [UInt8] {
    let table = SegmentTable(image.labelMap)
    try check(table.segments.last?.id ?? 0)
    let segments = table.segments.map { segment -> OrderedJSON in
      ["id": .integer(Int(segment.id)), "category_id": .integer(COCODocument.category)]
        + COCODocument.extent(of: segment)
    }
    let members = COCODocument.members([
      "file_name": .string("\(image.stem).\(suffix)"), "segments_info": .array(segments),
    ])
    return COCODocument.part(of: image, annotations: [members])
  }

  static func join(count: Int, part: (Int) throws -> [UInt8], append: ([UInt8]) throws -> Void) throws {
    try COCODocument.join(
      count: count, part: part, category: category, hasAnnotationNumbers: false, append: append)
  }

  /// Further members of the category's object.
  static var category: OrderedJSON {
    let color = VOCPalette.colors[COCODocument.category]
    return ["isthing": 1, "color": .integers([color.red, color.green, color.blue].map { Int($0) })]
  }

  private static func check(_ id: Int32) throws(OutputError) {
    guard id <= largestID else { throw .idOutOfRange(id, limit: largestID) }
  }
}
