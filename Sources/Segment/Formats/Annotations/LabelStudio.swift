// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// Label Studio's tasks, each an image and a prediction of brush regions, one for each segment.
///
/// They fit a labeling interface with `<Image name="image" value="$image"/>` and
/// `<BrushLabels name="tag" toName="image"><Label value="segment"/></BrushLabels>`.
///
/// - Source: "Import pre-annotated data" of Label Studio's guide; the tag `BrushLabels` of its reference.
enum LabelStudio: JoinedFormat {
  static let collectionName = "label-studio.json"

  static func part(of image: SegmentedImage, options: OutputOptions) -> [UInt8] {
    let map = image.labelMap
    let table = SegmentTable(map)
    var writer = JSONWriter()
    writer.object { task in
      task.member("data", ["image": .string(options.labelStudioRoot + percentEncoded(image.name))])
      task.array("predictions") {
        $0.object { prediction in
          prediction.member("model_version", "diffcut")
          prediction.array("result", .rows) { results in
            for (segment, bytes) in zip(table.segments, LabelStudioRLE.regions(of: map, table)) {
              results.object { write(segment, bytes, of: map, to: &$0) }
            }
          }
        }
      }
    }
    return writer.bytes
  }

  private static func write(
    _ segment: SegmentTable.Segment, _ bytes: [UInt8], of map: LabelMap, to region: inout JSONWriter
  ) {
    region.members(of: [
      "id": .string("segment-\(segment.id)"), "type": "brushlabels", "from_name": "tag", "to_name": "image",
      "image_rotation": 0, "original_width": .integer(map.width), "original_height": .integer(map.height),
    ])
    region.object("value") { value in
      value.members(of: ["brushlabels": [.string(COCODocument.categoryName)], "format": "rle"])
      value.array("rle") { numbers in
        for byte in bytes { numbers.verbatim(decimals[Int(byte)]) }
      }
    }
  }

  static func join(count: Int, part: (Int) throws -> [UInt8], append: ([UInt8]) throws -> Void) throws {
    for index in 0..<count {
      let task = try part(index)
      guard task.first == UInt8(ascii: "{"), task.last == UInt8(ascii: "}") else {
        throw OutputError.corruptPart(index)
      }
      try append(Array((index == 0 ? "[" : ",\n").utf8) + task)
    }
    try append(Array((count == 0 ? "[]\n" : "]\n").utf8))
  }

  /// Every byte in decimal.
  private static let decimals: [[UInt8]] = (0...255).map { Array("\($0)".utf8) }

  /// A path inside the query of an address (RFC 3986): all but unreserved characters and slashes as % and two digits.
  private static func percentEncoded(_ path: String) -> String {
    let digits = Array("0123456789ABCDEF".unicodeScalars)
    return path.utf8.reduce(into: "") { result, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "/"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        result.unicodeScalars.append("%")
        result.unicodeScalars.append(digits[Int(byte >> 4)])
        result.unicodeScalars.append(digits[Int(byte & 15)])
      }
    }
  }
}
