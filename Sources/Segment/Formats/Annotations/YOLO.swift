// SPDX-License-Identifier: Apache-2.0

/// YOLO's segmentation labels: a line for each region of a segment, the class and a polygon in shares of width and height.
///
/// A polygon has no holes there, so they are joined to the outer boundary by bridges of no width. The class is 0. An image
/// without segments has an empty file.
///
/// - Source: "Instance Segmentation Datasets" of Ultralytics' documentation.
enum YOLO: FileFormat {
  static let suffix = "txt"

  static func file(of image: SegmentedImage, options: OutputOptions) -> [UInt8] {
    let tolerance = options.polygonTolerance
    let map = image.labelMap
    let table = SegmentTable(map)
    // Six decimals: 0.03 pixels at 65536.
    let columns = (0...map.width).map { share($0, of: map.width) }
    let rows = (0...map.height).map { share($0, of: map.height) }
    var text: [UInt8] = []
    for polygon in map.exactPolygons(table, marksFixedCorners: tolerance > 0).joined() {
      var ring = polygon.bridged()
      if tolerance > 0 { ring.simplify(tolerance: tolerance) }
      text.append(UInt8(ascii: "0"))
      for corner in ring.corners {
        text += columns[Int(corner.x)]
        text += rows[Int(corner.y)]
      }
      text.append(UInt8(ascii: "\n"))
    }
    return text
  }

  /// A space and part / whole with six decimals, halves rounded up.
  private static func share(_ part: Int, of whole: Int) -> [UInt8] {
    let millionths = (2 * part * 1_000_000 + whole) / (2 * whole)
    let digits = "\(millionths % 1_000_000)"
    return Array(" \(millionths / 1_000_000).\(String(repeating: "0", count: 6 - digits.utf8.count))\(digits)".utf8)
  }
}
