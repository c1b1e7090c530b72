// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct COCOTests {
  @Test(arguments: OutputFixture.all) func masksAreThoseOfPycocotools(fixture: OutputFixture) throws {
    let document = try OutputFormat.coco.document([try fixture.image])
    let annotations = try #require(document["annotations"]?.array)
    #expect(annotations.count == fixture.map.ids.count)
    #expect(annotations.map { $0["id"]?.integer } == Array(1..<annotations.count + 1))
    for (annotation, expected) in zip(annotations.prefix(5), fixture.segments) {
      try check(annotation, expected, fixture)
    }
    for (annotation, expected) in zip(annotations.reversed(), fixture.segments.reversed().prefix(5)) {
      try check(annotation, expected, fixture)
    }
  }

  private func check(_ annotation: JSON, _ expected: OutputFixture.Segment, _ fixture: OutputFixture) throws {
    let segmentation = try #require(annotation["segmentation"])
    #expect(segmentation["counts"]?.string == expected.counts)
    #expect(segmentation["size"]?.array?.map(\.integer) == [fixture.map.height, fixture.map.width])
    #expect(annotation["area"]?.integer == expected.area)
    #expect(annotation["bbox"]?.array?.compactMap(\.integer) == expected.box)
    #expect(annotation["iscrowd"]?.integer == 0 && annotation["category_id"]?.integer == 1)
  }

  @Test func countsDecodeToTheMask() throws {
    for map in randomMaps(60) {
      let image = try SegmentedImage(name: "x", labelMap: map)
      let annotations = try #require(OutputFormat.coco.document([image])["annotations"]?.array)
      for (id, annotation) in zip(map.ids, annotations) {
        let counts = try #require(annotation["segmentation"]?["counts"]?.string)
        #expect(Self.mask(counts, height: map.height, width: map.width) == map.mask(id))
      }
    }
  }

  /// Characters to numbers, differences to lengths, lengths to pixels, each by itself.
  private static func mask(_ text: String, height: Int, width: Int) -> [Bool] {
    var counts: [Int] = []
    var (value, shift) = (0, 0)
    for character in text.utf8 {
      let bits = Int(character) - 48
      value |= (bits & 31) << shift
      shift += 5
      if bits & 32 == 0 {
        if bits & 16 != 0 { value -= 1 << shift }
        counts.append(counts.count > 2 ? value + counts[counts.count - 2] : value)
        (value, shift) = (0, 0)
      }
    }
    let columns = counts.enumerated().flatMap { [Bool](repeating: $0 % 2 == 1, count: $1) }
    guard columns.count == height * width else { return [] }
    return (0..<height * width).map { columns[$0 % width * height + $0 / width] }
  }

  @Test func imagesAreNumberedInOrderAndAnnotationsOnwards() throws {
    let fixtures = try ["nested", "void", "whole", "sparse"].map { try OutputFixture($0) }
    let document = try OutputFormat.coco.document(fixtures.map { try $0.image })
    let images = try #require(document["images"]?.array)
    #expect(images.map { $0["id"]?.integer } == [1, 2, 3, 4])
    #expect(images.map { $0["file_name"]?.string } == ["nested.jpg", "void.jpg", "whole.jpg", "sparse.jpg"])
    #expect(images.map { $0["width"]?.integer } == fixtures.map(\.map.width))
    #expect(images.map { $0["height"]?.integer } == fixtures.map(\.map.height))
    let annotations = try #require(document["annotations"]?.array)
    #expect(annotations.map { $0["id"]?.integer } == Array(1...7))
    #expect(annotations.map { $0["image_id"]?.integer } == [1, 1, 1, 3, 4, 4, 4])
    #expect(document["categories"]?.array?.map { $0["name"]?.string } == ["segment"])
    #expect(document["licenses"] == .array([]) && document["info"]?.object != nil)
  }

  @Test func fileWithoutImagesIsValid() throws {
    for format in [OutputFormat.coco, .panoptic] {
      let document = try format.document([])
      #expect(document["images"] == .array([]) && document["annotations"] == .array([]))
    }
    #expect(try OutputFormat.labelStudio.document([]) == .array([]))
  }

  @Test(arguments: ["Übung \"1\".jpg", "a\\b\u{1}\n.jpg", "日本/😀.png", ""])
  func namesOutliveJSON(name: String) throws {
    let image = try SegmentedImage(name: name, labelMap: OutputFixture("whole").map)
    for format in [OutputFormat.coco, .panoptic] {
      #expect(try format.document([image])["images"]?.array?.map { $0["file_name"]?.string } == [name])
    }
    let geojson = try JSON.parse(OutputFormat.geojson.files(for: image)[0].bytes[...])
    #expect(geojson["image"]?["name"]?.string == name)
  }

  @Test(arguments: [OutputFormat.coco, .panoptic, .labelStudio, .cvat])
  func damagedPartIsNamed(format: OutputFormat) throws {
    let image = try OutputFixture("whole").image
    #expect(throws: OutputError.corruptPart(1)) {
      try format.join(count: 2, part: { $0 == 0 ? try format.part(of: image) : [] }, append: { _ in })
    }
  }
}

@Suite struct PanopticTests {
  @Test(arguments: OutputFixture.all) func picturesHoldIdsAndTheListTheirExtent(fixture: OutputFixture) throws {
    let files = try OutputFormat.panoptic.files(for: fixture.image)
    #expect(files.map(\.suffix) == ["panoptic.png"])
    let picture = try Image.decode(files[0].bytes)
    let ids = (0..<fixture.map.labels.count).map { pixel in
      (0..<3).reduce(Int32(0)) { $0 | Int32(picture.pixels[3 * pixel + $1]) << (8 * $1) }
    }
    #expect(ids.elementsEqual(fixture.map.labels))
    let document = try OutputFormat.panoptic.document([try fixture.image])
    let annotation = try #require(document["annotations"]?.array?.first)
    #expect(annotation["file_name"]?.string == "\(fixture.name).panoptic.png" && annotation["image_id"]?.integer == 1)
    let segments = try #require(annotation["segments_info"]?.array)
    #expect(segments.compactMap { $0["id"]?.integer } == fixture.map.ids)
    for (segment, expected) in zip(segments.prefix(5), fixture.segments) {
      #expect(segment["area"]?.integer == expected.area)
      #expect(segment["bbox"]?.array?.compactMap(\.integer) == expected.box)
    }
    #expect(document["categories"]?.array?.first?["isthing"]?.integer == 1)
  }

  @Test func idsBeyondThreeBytesAreRefused() throws {
    let map = LabelMap(height: 1, width: 2, labels: [1, 1 << 24])
    let image = try SegmentedImage(name: "x", labelMap: map)
    let error = OutputError.idOutOfRange(1 << 24, limit: 1 << 24 - 1)
    #expect(throws: error) { try OutputFormat.panoptic.files(for: image) }
    #expect(throws: error) { try OutputFormat.panoptic.part(of: image) }
  }
}
