// SPDX-License-Identifier: Apache-2.0
import Tensor

/// What the two JSON files of COCO have in common: `info`, `licenses`, `images`, `annotations`, `categories`.
///
/// A part is lines: the members of the image's object, then those of an annotation's object each. Numbers that depend on
/// the other images are left out and put in front when the parts are joined.
enum COCODocument {
  /// Everything that was found is of one category: the method knows segments, not names.
  static let category = 1
  static let categoryName = "segment"

  static func part(of image: SegmentedImage, annotations: [[UInt8]]) -> [UInt8] {
    let map = image.labelMap
    let members = members([
      "width": .integer(map.width), "height": .integer(map.height), "file_name": .string(image.name),
    ])
    return Array(([members] + annotations).joined(separator: CollectionOfOne(UInt8(ascii: "\n"))))
  }

  /// Returns the members of an object, without braces.
  static func members(_ object: OrderedJSON) -> [UInt8] {
    var writer = JSONWriter()
    writer.members(of: object)
    return writer.bytes
  }

  /// - Parameters:
  ///   - category: further members of the category's object.
  ///   - hasAnnotationNumbers: whether annotations have an `id` of their own, counted over all images from 1.
  static func join(
    count: Int, part: (Int) throws -> [UInt8], category: OrderedJSON, hasAnnotationNumbers: Bool,
    append: ([UInt8]) throws -> Void
  ) throws {
    try append(Array(beginning.utf8))
    for index in 0..<count {
      let members = try part(index).prefix { $0 != UInt8(ascii: "\n") }
      guard !members.isEmpty else { throw OutputError.corruptPart(index) }
      try append(line(["id": .integer(index + 1)], members, isFirst: index == 0))
    }
    try append(Array("\n\(middle)".utf8))
    var number = 0
    for index in 0..<count {
      var text: [UInt8] = []
      for members in try part(index).split(separator: UInt8(ascii: "\n")).dropFirst() {
        let image: OrderedJSON = ["image_id": .integer(index + 1)]
        text += line(
          hasAnnotationNumbers ? ["id": .integer(number + 1)] + image : image, members, isFirst: number == 0)
        number += 1
      }
      try append(text)
    }
    try append(Array("\n\(end(category: category))\n".utf8))
  }

  /// Returns an object with numbers in front of its other members, on a line of its own.
  private static func line(_ numbers: OrderedJSON, _ members: some Sequence<UInt8>, isFirst: Bool) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.members(of: numbers)
      writer.verbatim(members)
    }
    return Array((isFirst ? "\n" : ",\n").utf8) + writer.bytes
  }

  // The lines between those of images and annotations.
  static let beginning =
    "{\"info\":{\"description\":\"Segments found by diffcut\",\"version\":\"1.0\"},\"licenses\":[],\"images\":["
  static let middle = "],\"annotations\":["
  static func end(category: OrderedJSON) -> String {
    let name = OrderedJSON.string(categoryName)
    let members: OrderedJSON = ["id": .integer(Self.category), "name": name, "supercategory": name]
    return "],\"categories\":\(OrderedJSON.array([members + category]).compactText)}"
  }

  /// Members that annotations of both kinds have: `area`, `bbox`, [x, y, width, height], and `iscrowd`.
  static func extent(of segment: SegmentTable.Segment) -> OrderedJSON {
    let (columns, rows) = (segment.columns, segment.rows)
    return [
      "area": .integer(segment.area),
      "bbox": .integers([columns.lowerBound, rows.lowerBound, columns.count, rows.count]), "iscrowd": 0,
    ]
  }
}
