// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A GeoJSON file: one feature for each segment, a polygon, or a multi-polygon where it has several regions.
///
/// Coordinates are pixels, x to the right and y down from the image's top left corner, as QuPath and labeling tools have
/// them. Rings are closed, outer ones first, and obey the right-hand rule in these coordinates: outer rings have a positive
/// area, holes a negative one. Seen on a screen, where y points down, outer rings run clockwise.
///
/// - Source: RFC 7946, 3.1.6 and 3.3.
enum GeoJSON: FileFormat {
  static let suffix = "geojson"

  static func file(of image: SegmentedImage, options: OutputOptions) -> [UInt8] {
    let map = image.labelMap
    let table = SegmentTable(map)
    let numbers = (0...max(map.width, map.height)).map { Array("\($0)".utf8) }
    func write(_ ring: Ring, to writer: inout JSONWriter) {
      writer.array { writer in
        for corner in ring.corners + ring.corners.prefix(1) {
          writer.array {
            $0.verbatim(numbers[Int(corner.x)])
            $0.verbatim(numbers[Int(corner.y)])
          }
        }
      }
    }
    func writeRings(of polygon: Polygon, to writer: inout JSONWriter) {
      for ring in [polygon.outer] + polygon.holes { write(ring, to: &writer) }
    }
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("type", "FeatureCollection")
      writer.member(
        "image", ["name": .string(image.name), "width": .integer(map.width), "height": .integer(map.height)])
      writer.array("features", .lines) { writer in
        for (segment, polygons) in zip(table.segments, map.polygons(table, tolerance: options.polygonTolerance)) {
          writer.object { writer in
            writer.member("type", "Feature")
            writer.member(
              "properties",
              [
                "id": .integer(Int(segment.id)), "name": .string("segment \(segment.id)"),
                "area": .integer(segment.area), "objectType": "annotation",
              ])
            writer.object("geometry") { writer in
              writer.member("type", polygons.count == 1 ? "Polygon" : "MultiPolygon")
              writer.array("coordinates") { writer in
                if polygons.count == 1 { return writeRings(of: polygons[0], to: &writer) }
                for polygon in polygons { writer.array { writeRings(of: polygon, to: &$0) } }
              }
            }
          }
        }
      }
    }
    return writer.bytes + "\n".utf8
  }
}
