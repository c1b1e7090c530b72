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
    var part = Array("\"width\":\(map.width),\"height\":\(map.height),\"file_name\":\(jsonString(image.name))".utf8)
    for annotation in annotations {
      part.append(UInt8(ascii: "\n"))
      part += annotation
    }
    return part
  }

  /// - Parameters:
  ///   - category: further members of the category's object.
  ///   - hasAnnotationNumbers: whether annotations have an `id` of their own, counted over all images from 1.
  static func join(
    count: Int, part: (Int) throws -> [UInt8], category: String, hasAnnotationNumbers: Bool,
    append: ([UInt8]) throws -> Void
  ) throws {
    try append(Array(beginning.utf8))
    for index in 0..<count {
      let members = try part(index).prefix { $0 != UInt8(ascii: "\n") }
      guard !members.isEmpty else { throw OutputError.damagedPart(index) }
      try append(Array("\(index == 0 ? "" : ",")\n{\"id\":\(index + 1),".utf8) + members + "}".utf8)
    }
    try append(Array("\n\(middle)".utf8))
    var number = 0
    for index in 0..<count {
      var text: [UInt8] = []
      for members in try part(index).split(separator: UInt8(ascii: "\n")).dropFirst() {
        text += "\(number == 0 ? "" : ",")\n{".utf8
        number += 1
        if hasAnnotationNumbers { text += "\"id\":\(number),".utf8 }
        text += "\"image_id\":\(index + 1),".utf8
        text += members
        text.append(UInt8(ascii: "}"))
      }
      try append(text)
    }
    try append(Array("\n\(end(category: category))\n".utf8))
  }

  // The lines between those of images and annotations.
  static let beginning =
    "{\"info\":{\"description\":\"Segments found by diffcut\",\"version\":\"1.0\"},\"licenses\":[],\"images\":["
  static let middle = "],\"annotations\":["
  static func end(category: String) -> String {
    let name = jsonString(categoryName)
    return "],\"categories\":[{\"id\":\(Self.category),\"name\":\(name),\"supercategory\":\(name)\(category)}]}"
  }

  /// Members that annotations of both kinds have: `area` and `bbox`, [x, y, width, height].
  static func extent(of segment: SegmentTable.Segment) -> String {
    let (columns, rows) = (segment.columns, segment.rows)
    return "\"area\":\(segment.area),"
      + "\"bbox\":[\(columns.lowerBound),\(rows.lowerBound),\(columns.count),\(rows.count)]"
  }
}
