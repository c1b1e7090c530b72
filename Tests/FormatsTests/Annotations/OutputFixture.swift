// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor
import TestSupport
import Testing

/// A label map of `fixtures/outputs`, and what pycocotools, shapely and label-studio-converter make of its segments.
struct OutputFixture: Sendable, CustomTestStringConvertible {
  static let names = [
    "nested", "touching", "checkerboard", "noise", "blobs", "wide", "many", "sparse", "whole", "pixel", "void",
  ]
  static let all: [OutputFixture] = names.compactMap { try? OutputFixture($0) }

  struct Segment: Sendable {
    let id: Int
    let counts: String
    let area: Int
    let box: [Int]
    let polygonCount: Int
    let holeCount: Int
    /// Of all rings.
    let length: Int
    let brush: [UInt8]
  }

  let name: String
  let map: LabelMap
  /// Of "many" only the first five and the last five.
  let segments: [Segment]

  var testDescription: String { name }
  var image: SegmentedImage { get throws { try SegmentedImage(name: "\(name).jpg", labelMap: map) } }

  init(_ name: String) throws {
    self.name = name
    map = try LabelMap(decoding: Fixture.bytes("outputs/\(name).npy"))
    let document = try JSON.parse(Fixture.bytes("outputs/expected.json")[...])
    let entries = try #require(document["maps"]?[name]?.array)
    segments = try entries.map { entry in
      Segment(
        id: try #require(entry["id"]?.integer), counts: try #require(entry["counts"]?.string),
        area: try #require(entry["area"]?.integer), box: try #require(entry["bbox"]?.array).compactMap(\.integer),
        polygonCount: try #require(entry["polygons"]?.integer), holeCount: try #require(entry["holes"]?.integer),
        length: try #require(entry["length"]?.integer),
        brush: try #require(entry["brush"]?.array).compactMap { $0.integer.map { UInt8($0) } })
    }
  }

  @Test static func allAreThere() { #expect(all.map(\.name) == names) }
}

extension OutputFormat {
  /// The joining file of some images.
  func joined(_ images: [SegmentedImage], options: OutputOptions = OutputOptions()) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try join(count: images.count, part: { try self.part(of: images[$0], options: options) }) { bytes += $0 }
    return bytes
  }

  func document(_ images: [SegmentedImage], options: OutputOptions = OutputOptions()) throws -> JSON {
    try JSON.parse(joined(images, options: options)[...])
  }
}

/// Maps of random labels, at random sizes; 0 is void.
func randomMaps(_ count: Int, seed: UInt64 = 5) -> [LabelMap] {
  var generator = SeededGenerator(seed: seed)
  return generator.labelMaps(count).map { LabelMap(height: $0, width: $1, labels: ContiguousArray($2)) }
}

extension LabelMap {
  var ids: [Int] { Set(labels).filter { $0 > 0 }.map(Int.init).sorted() }
  func mask(_ id: Int) -> [Bool] { labels.map { Int($0) == id } }
}

/// The pixels of a map whose centers lie inside rings by the even-odd rule, one side after the other.
func evenOdd(_ rings: [[SIMD2<Double>]], height: Int, width: Int) -> [Bool] {
  var mask = [Bool](repeating: false, count: height * width)
  for ring in rings {
    for (index, a) in ring.enumerated() {
      let b = ring[(index + 1) % ring.count]
      for y in 0..<height {
        let center = Double(y) + 0.5
        guard (a.y <= center) != (b.y <= center) else { continue }
        let crossing = a.x + (center - a.y) * (b.x - a.x) / (b.y - a.y)
        for x in 0..<width where crossing <= Double(x) + 0.5 { mask[y * width + x].toggle() }
      }
    }
  }
  return mask
}
