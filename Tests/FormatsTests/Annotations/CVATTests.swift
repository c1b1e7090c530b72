// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor
import TestSupport
import Testing

/// The files of an archive as its directory tells, with the checksums verified.
struct ArchiveReader {
  private let bytes: [UInt8]
  /// Bytes before the archive that are not in `bytes`.
  private let start: Int
  private(set) var files: [(name: String, offset: Int, contents: [UInt8])] = []

  init(_ bytes: [UInt8], start: Int = 0) throws {
    self.bytes = bytes
    self.start = start
    let end = bytes.count - 22
    try #require(number(end, 4) == 0x0605_4b50)
    var (count, directory) = (number(end + 10, 2), number(end + 16, 4))
    if count == 0xffff || directory == 0xffff_ffff {
      try #require(number(end - 20, 4) == 0x0706_4b50)
      let record = number(end - 20 + 8, 8) - start
      try #require(number(record, 4) == 0x0606_4b50 && number(record + 4, 8) == 44)
      (count, directory) = (number(record + 32, 8), number(record + 48, 8))
      #expect(directory + number(record + 40, 8) == record + start)
    }
    var position = directory - start
    for _ in 0..<count {
      try #require(number(position, 4) == 0x0201_4b50)
      let (nameLength, extraLength) = (number(position + 28, 2), number(position + 30, 2))
      var offset = number(position + 42, 4)
      if offset == 0xffff_ffff {
        let extra = position + 46 + nameLength
        try #require(number(extra, 2) == 1 && number(extra + 2, 2) == 8 && extraLength == 12)
        offset = number(extra + 4, 8)
      }
      let size = number(position + 20, 4)
      #expect(number(position + 8, 2) == 0x800 && number(position + 12, 2) == 0 && number(position + 14, 2) == 0x21)
      let local = offset - start
      try #require(number(local, 4) == 0x0403_4b50)
      let name = bytes[position + 46..<position + 46 + nameLength]
      #expect(bytes[local + 30..<local + 30 + nameLength] == name)
      #expect(bytes[local + 6..<local + 26] == bytes[position + 8..<position + 28])
      let first = local + 30 + nameLength + number(local + 28, 2)
      let contents = Array(bytes[first..<first + size])
      #expect(number(position + 16, 4) == Int(CRC32.checksum(contents)))
      files.append((String(decoding: name, as: UTF8.self), offset, contents))
      position += 46 + nameLength + extraLength
    }
  }

  private func number(_ position: Int, _ size: Int) -> Int {
    guard position >= 0, position + size <= bytes.count else { return -1 }
    return (0..<size).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
  }

  func contents(_ name: String) throws -> [UInt8] { try #require(files.first { $0.name == name }).contents }
}

@Suite struct CVATTests {
  @Test func picturesHoldClassesAndNumbers() throws {
    let fixtures = OutputFixture.all.filter { $0.map.ids.count < 255 }
    let archive = try ArchiveReader(OutputFormat.cvat.joined(fixtures.map { try $0.image }))
    let list = String(decoding: try archive.contents("ImageSets/Segmentation/default.txt"), as: UTF8.self)
    #expect(list == fixtures.map { $0.name + "\n" }.joined())
    let labels = String(decoding: try archive.contents("labelmap.txt"), as: UTF8.self)
    #expect(labels.split(separator: "\n").dropFirst() == ["background:0,0,0::", "segment:128,0,0::"])
    for fixture in fixtures {
      let classes = try Image.decode(archive.contents("SegmentationClass/\(fixture.name).png"))
      let objects = try Image.decode(archive.contents("SegmentationObject/\(fixture.name).png"))
      let numbers = Dictionary(uniqueKeysWithValues: zip([0] + fixture.map.ids, 0...))
      for (index, id) in fixture.map.labels.enumerated() {
        let (row, column) = (index / fixture.map.width, index % fixture.map.width)
        #expect(classes[row, column] == VOCPalette.colors[id > 0 ? 1 : 0])
        #expect(objects[row, column] == VOCPalette.colors[try #require(numbers[Int(id)])])
      }
    }
    #expect(archive.files.count == 2 + 2 * fixtures.count)
  }

  /// The name of an image, and of its picture.
  @Test(arguments: [
    ("a/photo.jpg", "a/photo"), ("../b/./c.d.png", "b/c.d"), ("/x/y", "x/y"), (".hidden", ".hidden"),
    ("Übung \"1\"\t2.jpg", "Übung \"1\"\t2"),
  ])
  func namesStayInsideTheArchive(name: String, entry: String) throws {
    let image = try SegmentedImage(name: name, labelMap: OutputFixture("whole").map)
    let archive = try ArchiveReader(OutputFormat.cvat.joined([image]))
    #expect(archive.files.contains { $0.name == "SegmentationClass/\(entry).png" })
  }

  @Test(arguments: ["#1.jpg", " a.jpg", "a .jpg", "a\nb.jpg", "a\rb.jpg", "..", ""])
  func namesThatAListCannotHoldAreRefused(name: String) throws {
    let image = try SegmentedImage(name: name, labelMap: OutputFixture("whole").map)
    let error = #expect(throws: OutputError.self) { try OutputFormat.cvat.part(of: image) }
    guard case .invalidName(name, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func twoImagesOfOneNameAreRefused() throws {
    let map = try OutputFixture("whole").map
    let images = try ["a/x.jpg", "../a/x.png"].map { try SegmentedImage(name: $0, labelMap: map) }
    let error = #expect(throws: OutputError.self) { try OutputFormat.cvat.joined(images) }
    guard case .invalidName("a/x", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func segmentsBeyondThePaletteAreRefused() throws {
    let image = try OutputFixture("many").image
    #expect(throws: OutputError.tooManySegments(300, limit: 254)) { try OutputFormat.cvat.part(of: image) }
    let few = LabelMap(height: 2, width: 127, labels: ContiguousArray(1...254))
    #expect(try !OutputFormat.cvat.part(of: SegmentedImage(name: "x", labelMap: few)).isEmpty)
  }
}

@Suite struct ZipArchiveTests {
  @Test func archiveOfMoreFilesThanSixteenBitsCount() throws {
    var bytes: [UInt8] = []
    var archive = ZipArchive()
    for index in 0..<65_536 { try archive.add("\(index)", index % 1000 == 0 ? [1, 2, 3] : []) { bytes += $0 } }
    try archive.finish { bytes += $0 }
    let files = try ArchiveReader(bytes).files
    #expect(files.map(\.name) == (0..<65_536).map(String.init))
    #expect(files[64_000].contents == [1, 2, 3])
  }

  @Test(arguments: [0, 1 << 32 - 200, 1 << 32 - 1, 5 << 32])
  func filesBeyondFourGibibytesAreFound(start: Int) throws {
    var bytes: [UInt8] = []
    var archive = ZipArchive(at: start)
    let contents = [Array("first".utf8), [UInt8](repeating: 7, count: 300), []]
    for (index, file) in contents.enumerated() { try archive.add("dir/\(index) ü", file) { bytes += $0 } }
    try archive.finish { bytes += $0 }
    let files = try ArchiveReader(bytes, start: start).files
    #expect(files.map(\.contents) == contents)
    #expect(files.map(\.name) == ["dir/0 ü", "dir/1 ü", "dir/2 ü"])
    #expect(files[0].offset == start && files[1].offset == start + 30 + "dir/0 ü".utf8.count + 5)
  }
}
