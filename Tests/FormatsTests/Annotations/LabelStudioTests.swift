// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct LabelStudioTests {
  private static func regions(_ image: SegmentedImage) throws -> [JSON] {
    let tasks = try #require(OutputFormat.labelStudio.document([image]).array)
    return try #require(tasks.first?["predictions"]?.array?.first?["result"]?.array)
  }

  private static func bytes(_ region: JSON) -> [UInt8] {
    region["value"]?["rle"]?.array?.compactMap { $0.integer.map { UInt8($0) } } ?? []
  }

  @Test(arguments: OutputFixture.all) func regionsAreThoseOfTheirEncoder(fixture: OutputFixture) throws {
    let regions = try Self.regions(fixture.image)
    #expect(regions.count == fixture.map.ids.count)
    for (region, expected) in zip(regions.prefix(5), fixture.segments) {
      // Where bits end with a byte, their encoder adds an empty one.
      let bytes = Self.bytes(region)
      #expect(bytes == expected.brush || bytes + [0] == expected.brush)
      #expect(region["original_width"]?.integer == fixture.map.width)
      #expect(region["original_height"]?.integer == fixture.map.height)
      #expect(region["id"]?.string == "segment-\(expected.id)" && region["type"]?.string == "brushlabels")
      #expect(region["value"]?["format"]?.string == "rle")
      #expect(region["value"]?["brushlabels"] == .array([.string("segment")]))
    }
  }

  @Test func bytesDecodeToTheMask() throws {
    for map in randomMaps(40) {
      let regions = try Self.regions(SegmentedImage(name: "x", labelMap: map))
      for (id, region) in zip(map.ids, regions) {
        let rgba = map.mask(id).flatMap { [UInt8](repeating: $0 ? 255 : 0, count: 4) }
        #expect(Self.decoded(Self.bytes(region)) == rgba)
      }
    }
  }

  /// Bit after bit, as the format is defined.
  private static func decoded(_ bytes: [UInt8]) -> [UInt8] {
    var position = 0
    func read(_ count: Int) -> Int {
      (0..<count).reduce(0) { value, _ in
        defer { position += 1 }
        return value << 1 | (position / 8 < bytes.count ? Int(bytes[position / 8] >> (7 - position % 8) & 1) : 0)
      }
    }
    let count = read(32)
    let word = read(5) + 1
    let sizes = (0..<4).map { _ in read(4) + 1 }
    var result: [UInt8] = []
    while result.count < count && position < 8 * bytes.count {
      let isRun = read(1) == 1
      let length = read(sizes[read(2)]) + 1
      if isRun {
        result += [UInt8](repeating: UInt8(read(word)), count: length)
      } else {
        for _ in 0..<length { result.append(UInt8(read(word))) }
      }
    }
    return result
  }

  @Test func namesArePathsInAnAddress() throws {
    let map = try OutputFixture("whole").map
    func address(_ name: String, _ options: OutputOptions = OutputOptions()) throws -> String? {
      let image = try SegmentedImage(name: name, labelMap: map)
      return try OutputFormat.labelStudio.document([image], options: options).array?.first?["data"]?["image"]?.string
    }
    #expect(try address("a/b c&d#ü.jpg") == "/data/local-files/?d=a/b%20c%26d%23%C3%BC.jpg")
    var options = OutputOptions()
    options.labelStudioRoot = "s3://bucket/"
    #expect(try address("x.jpg", options) == "s3://bucket/x.jpg")
  }
}
