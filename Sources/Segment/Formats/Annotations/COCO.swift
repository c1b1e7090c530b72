// SPDX-License-Identifier: Apache-2.0
import Tensor

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
    let size = OrderedJSON.integers([image.labelMap.height, image.labelMap.width])
    let annotations = zip(table.segments, counts).map { segment, text in
      let mask: OrderedJSON = ["size": size, "counts": .string(String(decoding: text, as: UTF8.self))]
      return COCODocument.members(
        ["category_id": .integer(COCODocument.category), "segmentation": mask] + COCODocument.extent(of: segment))
    }
    return COCODocument.part(of: image, annotations: annotations)
  }

  static func join(count: Int, part: (Int) throws -> [UInt8], append: ([UInt8]) throws -> Void) throws {
    try COCODocument.join(count: count, part: part, category: [:], hasAnnotationNumbers: true, append: append)
  }
}
