// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A GeoJSON file: one feature for each segment, a polygon, or a multi-polygon where it has several regions.
///
/// Coordinates are pixels, x to the right and y down from the image's top left corner, as QuPath and labelling tools have
/// them. Rings are closed, outer ones first, and obey the right-hand rule in these coordinates: outer rings have a positive
/// area, holes a negative one. Seen on a screen, where y points down, outer rings run clockwise.
///
/// - Source: RFC 7946, 3.1.6 and 3.3.
enum GeoJSON: FileFormat {
  static let suffix = "geojson"

  static func file(of image: SegmentedImage, options: OutputOptions) -> [UInt8] {
    let map = image.labelMap
    let table = SegmentTable(map)
    var text = Array("{\"type\":\"FeatureCollection\",".utf8)
    let numbers = (0...max(map.width, map.height)).map { Array("\($0)".utf8) }
    func append(_ ring: Ring) {
      text.append(UInt8(ascii: "["))
      for corner in ring.corners + ring.corners.prefix(1) {
        text.append(UInt8(ascii: "["))
        text += numbers[Int(corner.x)]
        text.append(UInt8(ascii: ","))
        text += numbers[Int(corner.y)]
        text.append(UInt8(ascii: "]"))
        text.append(UInt8(ascii: ","))
      }
      text[text.count - 1] = UInt8(ascii: "]")
    }
    text += "\"image\":{\"name\":\(jsonString(image.name)),\"width\":\(map.width),\"height\":\(map.height)},".utf8
    text += "\"features\":[".utf8
    for (index, (segment, polygons)) in zip(table.segments, map.polygons(table, tolerance: options.polygonTolerance)).enumerated() {
      text += "\(index == 0 ? "" : ",")\n{\"type\":\"Feature\",\"properties\":{\"id\":\(segment.id),".utf8
      text += "\"name\":\"segment \(segment.id)\",\"area\":\(segment.area),\"objectType\":\"annotation\"},".utf8
      let isSingle = polygons.count == 1
      text += "\"geometry\":{\"type\":\"\(isSingle ? "Polygon" : "MultiPolygon")\",\"coordinates\":".utf8
      if !isSingle { text.append(UInt8(ascii: "[")) }
      for (index, polygon) in polygons.enumerated() {
        text.append(UInt8(ascii: index == 0 ? "[" : ","))
        if index > 0 { text.append(UInt8(ascii: "[")) }
        append(polygon.outer)
        for hole in polygon.holes {
          text.append(UInt8(ascii: ","))
          append(hole)
        }
        text.append(UInt8(ascii: "]"))
      }
      if !isSingle { text.append(UInt8(ascii: "]")) }
      text += "}}".utf8
    }
    text += "\n]}\n".utf8
    return text
  }
}
