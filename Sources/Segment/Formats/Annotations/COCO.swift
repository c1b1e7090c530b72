// SPDX-License-Identifier: Apache-2.0

/// COCO's detection annotations: one for each segment, its mask as compressed run lengths.
///
/// `iscrowd` is 0: evaluation ignores crowds and training leaves them out, and a segment is one thing. COCO itself has
/// polygons there, but every reader takes run lengths of either kind (`annToRLE` looks at the type, not at `iscrowd`), and a
/// polygon that is read back would lose holes.
///
/// - Source: "Data format" of the COCO data set, section 1 and 2; `pycocotools`.
enum COCO: JoinedFormat {
  static let collectionName = "annotations.coco.json"

  static func part(of image: SegmentedImage, options: OutputOptions) -> [UInt8] {
    let table = SegmentTable(image.labelMap)
    let counts = RunLengthEncoding.counts(of: image.labelMap, table)
    let size = "\"size\":[\(image.labelMap.height),\(image.labelMap.width)]"
    let annotations = zip(table.segments, counts).map { segment, text in
      var members = Array("\"category_id\":\(COCODocument.category),\"segmentation\":{\(size),\"counts\":\"".utf8)
      for character in text {
        // The only character of the alphabet that JSON sets apart.
        if character == UInt8(ascii: "\\") { members.append(character) }
        members.append(character)
      }
      return members + "\"},\(COCODocument.extent(of: segment)),\"iscrowd\":0".utf8
    }
    return COCODocument.part(of: image, annotations: annotations)
  }

  static func join(count: Int, part: (Int) throws -> [UInt8], append: ([UInt8]) throws -> Void) throws {
    try COCODocument.join(count: count, part: part, category: "", hasAnnotationNumbers: true, append: append)
  }
}
