// SPDX-License-Identifier: Apache-2.0
import Segment

/// CVAT's "Segmentation mask 1.1": a ZIP archive in the layout of PASCAL VOC, two pictures for each image.
///
/// `SegmentationClass` shows the class, `SegmentationObject` the segment, in colors of VOC's palette, black being background.
/// Segments are numbered by increasing id. CVAT finds an image by its name without the ending.
///
/// - Source: "Segmentation mask" of CVAT's manual on formats; the VOC reader of Datumaro, which CVAT imports with.
enum CVAT: JoinedFormat {
  static let collectionName = "cvat.zip"
  /// Color 255 stays free, which VOC tools read as "ignore".
  private static let largestCount = 254

  /// The name's length, the name, the length of the first picture, both pictures.
  static func part(of image: SegmentedImage, options: OutputOptions) throws(OutputError) -> [UInt8] {
    let map = image.labelMap
    let table = SegmentTable(map)
    guard table.segments.count <= largestCount else {
      throw .tooManySegments(table.segments.count, limit: largestCount)
    }
    let name = try entryName(of: image)
    let classes = picture(map) { $0 > 0 ? UInt8(COCODocument.category) : 0 }
    let objects = picture(map) { UInt8(table.position(of: $0) + 1) }
    return bytes(of: name.utf8.count) + name.utf8 + bytes(of: classes.count) + classes + objects
  }

  static func join(count: Int, part: (Int) throws -> [UInt8], append: ([UInt8]) throws -> Void) throws {
    var archive = ZipArchive()
    let color = VOCPalette.colors[COCODocument.category]
    let labels =
      "# label:color_rgb:parts:actions\nbackground:0,0,0::\n"
      + "\(COCODocument.categoryName):\(color.red),\(color.green),\(color.blue)::\n"
    try archive.add("labelmap.txt", Array(labels.utf8), append: append)
    var names: [String] = []
    var seen: Set<String> = []
    for index in 0..<count {
      guard let (name, classes, objects) = pictures(in: try part(index)) else {
        throw OutputError.corruptPart(index)
      }
      guard seen.insert(name).inserted else {
        throw OutputError.invalidName(name, reason: "occurs twice, and CVAT identifies images by their name")
      }
      names.append(name)
      try archive.add("SegmentationClass/\(name).png", classes, append: append)
      try archive.add("SegmentationObject/\(name).png", objects, append: append)
    }
    let list = names.map { $0 + "\n" }.joined()
    try archive.add("ImageSets/Segmentation/default.txt", Array(list.utf8), append: append)
    try archive.finish(append: append)
  }

  /// A path inside the archive, without steps upwards: readers refuse what leads out of it.
  private static func entryName(of image: SegmentedImage) throws(OutputError) -> String {
    let name = Path.parts(image.stem).filter { $0 != "." && $0 != ".." }.joined(separator: "/")
    guard let first = name.unicodeScalars.first, let last = name.unicodeScalars.last, first != "#",
      !first.properties.isWhitespace, !last.properties.isWhitespace,
      !name.utf8.contains(where: { $0 == 0x0a || $0 == 0x0d })
    else {
      throw .invalidName(
        image.name,
        reason: "is not valid in a CVAT list: it starts with # or a space, ends with a space, or has a line break")
    }
    return name
  }

  private static func picture(_ map: LabelMap, index: (Int32) -> UInt8) -> [UInt8] {
    var indices = ContiguousArray<UInt8>()
    indices.reserveCapacity(map.labels.count)
    map.forEachRun { id, run in indices.append(contentsOf: repeatElement(index(id), count: run.count)) }
    return PNGImage(width: map.width, height: map.height, indices: indices, palette: VOCPalette.colors).encoded()
  }

  private static func bytes(of length: Int) -> [UInt8] { (0..<8).map { UInt8(length >> (8 * $0) & 0xff) } }

  private static func pictures(in part: [UInt8]) -> (name: String, classes: [UInt8], objects: [UInt8])? {
    var rest = part[...]
    func field() -> ArraySlice<UInt8>? {
      guard rest.count >= 8 else { return nil }
      let length = rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      rest = rest.dropFirst(8)
      guard length <= UInt64(rest.count) else { return nil }
      defer { rest = rest.dropFirst(Int(length)) }
      return rest.prefix(Int(length))
    }
    guard let bytes = field(), let name = String(validating: bytes, as: UTF8.self), let classes = field() else {
      return nil
    }
    return (name, Array(classes), Array(rest))
  }
}
