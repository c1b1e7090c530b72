// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct SegmentListTests {
  private static let names = [
    "image", "id", "area", "share", "x", "y", "width", "height", "center_x", "center_y", "nodes", "similarity", "depth",
    "ncut", "next_ncut",
  ]

  private func lines(_ images: [SegmentedImage]) throws -> [[String]] {
    try CSVReader.lines(String(decoding: OutputFormat.csv.joined(images), as: UTF8.self))
  }

  @Test(arguments: OutputFixture.all) func placesAreThoseOfThePixels(fixture: OutputFixture) throws {
    let map = fixture.map
    let lines = try lines([fixture.image])
    #expect(lines.first == Self.names)
    #expect(lines.dropFirst().compactMap { Int($0[1]) } == map.ids)
    for (line, expected) in zip(lines.dropFirst(), fixture.segments) where Int(line[1]) == expected.id {
      let mask = map.mask(expected.id)
      let pixels = mask.indices.filter { mask[$0] }
      #expect(line[0] == "\(fixture.name).jpg" && Int(line[2]) == expected.area)
      #expect(Double(line[3]) == Double(expected.area) / Double(mask.count))
      #expect(line[4...7].compactMap { Int($0) } == expected.box)
      // Twice the sums are whole numbers: nothing is rounded but the quotient.
      let sums = pixels.reduce(SIMD2(0, 0)) { $0 &+ SIMD2(2 * ($1 % map.width) + 1, 2 * ($1 / map.width) + 1) }
      #expect(Double(line[8]) == Double(sums.x) / Double(2 * expected.area))
      #expect(Double(line[9]) == Double(sums.y) / Double(2 * expected.area))
      // A label map alone tells nothing of nodes and cuts.
      #expect(line[10...].allSatisfy { $0.isEmpty })
    }
  }

  @Test func scoresAreThoseOfTheSegmentation() throws {
    let image = try Image.decode(Fixture.bytes("images/coffee.png"))
    let segmentation = try Segmenter(encoder: BuiltInEncoder(size: 96), options: SegmentationOptions(tau: 0.4)).segment(
      image)
    let lines = try lines([SegmentedImage(name: "a/b.png", image: image, segmentation: segmentation)]).dropFirst()
    #expect(lines.count == segmentation.segmentCount)
    for (line, score) in zip(lines, segmentation.scores()) {
      #expect(Int(line[10]) == score.nodeCount && Double(line[11]) == score.similarity)
      #expect(
        Int(line[12]) == score.depth && Double(line[13]) == score.cutValue && Double(line[14]) == score.nextCutValue)
    }
  }

  @Test func namesThatHoldCommasAndQuotesAreQuoted() throws {
    let map = LabelMap(height: 1, width: 1, labels: [1])
    let names = ["a,b.jpg", "\"q\".jpg", "line\nbreak.jpg", "line\r\nbreak.jpg", "日本 1.jpg", ""]
    let lines = try lines(names.map { try SegmentedImage(name: $0, labelMap: map) })
    #expect(lines.count == names.count + 1)
    #expect(lines.dropFirst().map(\.first) == names)
    #expect(lines.allSatisfy { $0.count == Self.names.count })
  }

  @Test func imagesWithoutSegmentsHaveNoLines() throws {
    let void = try SegmentedImage(name: "void", labelMap: LabelMap(height: 2, width: 2, labels: [0, 0, 0, 0]))
    #expect(try lines([void, void]) == [Self.names])
    #expect(try lines([]) == [Self.names])
  }

  @Test func damagedPartsAreTold() throws {
    #expect(throws: OutputError.corruptPart(1)) {
      let image = try SegmentedImage(name: "x", labelMap: LabelMap(height: 1, width: 1, labels: [1]))
      let good = try OutputFormat.csv.part(of: image)
      try OutputFormat.csv.join(count: 2, part: { $0 == 0 ? good : Array(good.dropFirst()) }, append: { _ in })
    }
  }
}

/// RFC 4180, written anew: fields by commas, records by line feeds, both of which a field in quotes may hold.
private enum CSVReader {
  struct Malformed: Error {}

  static func lines(_ text: String) throws -> [[String]] {
    var (lines, fields, field) = ([[String]](), [String](), "")
    var (isQuoted, wasQuoted) = (false, false)
    for scalar in text.unicodeScalars {
      switch (scalar, isQuoted) {
      case ("\"", true): (isQuoted, wasQuoted) = (false, true)
      case ("\"", false):
        // A quote after a field's end in quotes stands for itself.
        if wasQuoted { field.unicodeScalars.append(scalar) } else if !field.isEmpty { throw Malformed() }
        (isQuoted, wasQuoted) = (true, false)
      case (",", false), ("\n", false):
        fields.append(field)
        (field, wasQuoted) = ("", false)
        if scalar == "\n" {
          lines.append(fields)
          fields = []
        }
      default:
        if wasQuoted { throw Malformed() }
        field.unicodeScalars.append(scalar)
      }
    }
    guard !isQuoted, field.isEmpty, fields.isEmpty else { throw Malformed() }
    return lines
  }
}
