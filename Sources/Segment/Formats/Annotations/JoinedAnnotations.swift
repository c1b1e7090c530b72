// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A file that `OutputFormat.coco` or `.panoptic` has joined, taken apart again: what it holds of each image, without the
/// numbers, to be joined with the images of other files.
///
/// It is read by its lines, as `COCODocument.join` lays them out, and not as any JSON: parts are then the bytes that were
/// joined. Only places are kept; the bytes stay in the mapped file.
package struct JoinedAnnotations {
  /// Where an image's members and its annotations' lie.
  private struct Entry {
    let members: Range<Int>
    var annotations: [Range<Int>] = []
  }

  /// `.coco` or `.panoptic`.
  package let format: OutputFormat
  /// The images' names, in the file's order.
  package let names: [String]
  private let entries: [Entry]
  private let lines: Lines
  private let file: MappedFile

  /// Whether a file begins like one of these.
  package static func isBeginning(_ bytes: [UInt8]) -> Bool { bytes.starts(with: COCODocument.beginning.utf8) }
  /// How many bytes that takes.
  package static var beginningCount: Int { COCODocument.beginning.utf8.count }

  /// - Throws: `OutputError.unexpectedLine` with the first line that is not as it should be.
  package init(_ file: MappedFile) throws(OutputError) {
    var lines = Lines(file)
    guard lines.bytes(try lines.next()) == Array(COCODocument.beginning.utf8) else { throw lines.unexpected }
    var (entries, names) = try Self.images(&lines)
    format = try Self.addAnnotations(to: &entries, from: &lines)
    (self.entries, self.names, self.lines, self.file) = (entries, names, lines, file)
  }

  /// Checks, after the last part, that the file is the one that was taken apart.
  package func checkUnchanged() throws(FileError) { try file.checkUnchanged() }

  /// What `OutputFormat.part` gave for the image at an index.
  package func part(_ index: Int) -> [UInt8] {
    let entry = entries[index]
    var part = lines.bytes(entry.members)
    for range in entry.annotations {
      part.append(UInt8(ascii: "\n"))
      part += lines.bytes(range)
    }
    return part
  }

  /// Reads images up to the line between them and annotations.
  private static func images(_ lines: inout Lines) throws(OutputError) -> (entries: [Entry], names: [String]) {
    var entries: [Entry] = []
    var names: [String] = []
    let middle = Array(COCODocument.middle.utf8)
    while true {
      let line = try lines.next()
      if lines.bytes(line) == middle { return (entries, names) }
      guard let members = lines.members(line, after: "{\"id\":\(entries.count + 1),"),
        case let object = Array("{".utf8) + lines.bytes(members) + Array("}".utf8),
        let name = (try? JSON.parse(object[...]))?["file_name"]?.string
      else { throw lines.unexpected }
      entries.append(Entry(members: members))
      names.append(name)
    }
  }

  /// Reads annotations, which are in the order of the images, and the last line, which tells the format.
  private static func addAnnotations(
    to entries: inout [Entry], from lines: inout Lines
  ) throws(OutputError) -> OutputFormat {
    let categories: [(OutputFormat, OrderedJSON)] = [(.coco, [:]), (.panoptic, Panoptic.category)]
    let ends = categories.map { format, category in
      (format: format, bytes: Array(COCODocument.end(category: category).utf8))
    }
    var (image, count) = (0, 0)
    // Only those of `coco` have numbers of their own.
    var format: OutputFormat?
    while true {
      let line = try lines.next()
      if let end = ends.first(where: { $0.bytes.count == line.count && lines.bytes(line) == $0.bytes }) {
        guard lines.isAtEnd, format == nil || format == end.format else { throw lines.unexpected }
        return end.format
      }
      count += 1
      var found: (OutputFormat, Range<Int>)?
      while found == nil {
        guard image < entries.count else { throw lines.unexpected }
        let owner = "\"image_id\":\(image + 1),"
        found =
          lines.members(line, after: "{\"id\":\(count),\(owner)").map { (.coco, $0) }
          ?? lines.members(line, after: "{\(owner)").map { (.panoptic, $0) }
        if found == nil { image += 1 }
      }
      guard let (kind, members) = found, format == nil || format == kind else { throw lines.unexpected }
      format = kind
      entries[image].annotations.append(members)
    }
  }
}

/// Lines of a mapped file.
private struct Lines {
  private let file: MappedFile
  private let ranges: [Range<Int>]
  private var number = 0

  init(_ file: MappedFile) {
    self.file = file
    ranges = file.withBytes { bytes in
      var ranges: [Range<Int>] = []
      var start = 0
      for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
        ranges.append(start..<index)
        start = index + 1
      }
      return start < bytes.count ? ranges + [start..<bytes.count] : ranges
    }
  }

  var isAtEnd: Bool { number == ranges.count }
  /// That the line taken last is none of the format's.
  var unexpected: OutputError { .unexpectedLine(number) }

  mutating func next() throws(OutputError) -> Range<Int> {
    number += 1
    guard number <= ranges.count else { throw unexpected }
    return ranges[number - 1]
  }

  func bytes(_ range: Range<Int>) -> [UInt8] {
    file.withBytes { bytes in range.map { bytes[$0] } }
  }

  /// What follows the beginning in a line that is an object, up to its brace and perhaps a comma.
  func members(_ line: Range<Int>, after beginning: String) -> Range<Int>? {
    let beginning = Array(beginning.utf8)
    let start = line.lowerBound + beginning.count
    guard line.count > beginning.count, bytes(line.lowerBound..<start) == beginning else { return nil }
    let last = bytes(line.upperBound - min(2, line.count)..<line.upperBound)
    guard
      let end = last == Array("},".utf8)
        ? line.upperBound - 2 : last.last == UInt8(ascii: "}") ? line.upperBound - 1 : nil,
      end >= start
    else { return nil }
    return start..<end
  }
}
