// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct OutputFormatTests {
  @Test func overlayOutlinesSegments() {
    let image = Image(width: 3, height: 1, pixels: ContiguousArray(repeating: 0, count: 9))
    let overlay = LabelMap(height: 1, width: 3, labels: [1, 2, 2]).overlay(on: image)
    #expect(overlay.pixels[0..<3] == [255, 255, 255])
    // VOC color 2 is (0, 128, 0); 96/256 of it.
    #expect(overlay.pixels[3..<6] == [0, 48, 0])
  }

  @Test(arguments: OutputFixture.all) func filesHaveTheSuffixesThatWereAnnounced(fixture: OutputFixture) throws {
    let map = fixture.map
    let photo = Image(
      width: map.width, height: map.height,
      pixels: ContiguousArray(repeating: 90, count: 3 * map.labels.count))
    let image = try SegmentedImage(name: "x.png", labelMap: map, image: photo)
    for format in OutputFormat.allCases where map.ids.allSatisfy({ $0 < 65536 }) || format != .labels {
      do {
        #expect(try format.files(for: image).map(\.suffix) == format.suffixes)
        if format.collectionName == nil || map.ids.count < 255 {
          #expect(try format.part(of: image).isEmpty == (format.collectionName == nil))
        }
      } catch OutputError.noSegmentation {
        #expect(format.readsSegmentation && !format.drawsOnImage)
      }
    }
  }

  @Test(arguments: OutputFixture.all) func arraysHoldIds(fixture: OutputFixture) throws {
    let file = try OutputFormat.npy.files(for: fixture.image)[0]
    let array = try NPY.parse(file.bytes)
    #expect(array.type == .int32 && array.shape == [fixture.map.height, fixture.map.width])
    #expect(try LabelMap(decoding: file.bytes) == fixture.map)
    guard fixture.name != "sparse" else { return }
    #expect(try LabelMap(decoding: OutputFormat.labels.files(for: fixture.image)[0].bytes) == fixture.map)
  }

  @Test func idsThatAPictureCannotHoldAreRefused() throws {
    let image = try OutputFixture("sparse").image
    let error = OutputError.idOutOfRange(1 << 24 - 1, limit: 65535)
    #expect(throws: error) { try OutputFormat.labels.files(for: image) }
  }

  @Test func labelMapAloneHasNoImageAndNoSegmentation() throws {
    let image = try OutputFixture("whole").image
    #expect(throws: OutputError.noImage) { try image.image }
    #expect(throws: OutputError.noSegmentation) { try image.segmentation }
    #expect(throws: OutputError.noImage) { try OutputFormat.overlay.files(for: image) }
    #expect(throws: OutputError.noImage) { try OutputFormat.contour.files(for: image) }
    let small = Image(width: 1, height: 1, pixels: [0, 0, 0])
    #expect(throws: OutputError.sizeMismatch(image: [1, 1], labels: [4, 5])) {
      try SegmentedImage(name: "x", labelMap: image.labelMap, image: small)
    }
  }

  /// Distances by their definition: steps, also diagonal, to the nearest pixel beside a boundary.
  @Test(arguments: [("nested", 1), ("blobs", 1), ("whole", 1)])
  func contoursAreWhiteAtBoundariesBlackAroundAndElseTheImage(name: String, half: Int) throws {
    let map = try OutputFixture(name).map
    let photo = Image(
      width: map.width, height: map.height,
      pixels: ContiguousArray((0..<3 * map.labels.count).map { UInt8(1 + $0 % 250) }))
    let picture = map.contours(on: photo)
    func label(_ y: Int, _ x: Int) -> Int32 { map.labels[y * map.width + x] }
    var edges: [(Int, Int)] = []
    for y in 0..<map.height {
      for x in 0..<map.width {
        let around = [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)].filter {
          (0..<map.height).contains($0.0) && (0..<map.width).contains($0.1)
        }
        if around.contains(where: { label($0.0, $0.1) != label(y, x) }) { edges.append((y, x)) }
      }
    }
    for y in 0..<map.height {
      for x in 0..<map.width {
        let distance = edges.map { max(abs($0.0 - y), abs($0.1 - x)) }.min() ?? .max
        let expected: RGBColor =
          distance < half
          ? RGBColor(red: 255, green: 255, blue: 255)
          : distance < 2 * half ? RGBColor(red: 0, green: 0, blue: 0) : photo[y, x]
        #expect(picture[y, x] == expected)
      }
    }
  }

  @Test func contoursOfLargeImagesAreWider() {
    let size = 2000
    let labels = ContiguousArray((0..<size * size).map { Int32($0 % size < 900 ? 1 : 2) })
    let black = Image(width: size, height: size, pixels: ContiguousArray(repeating: 50, count: 3 * size * size))
    let picture = LabelMap(height: size, width: size, labels: labels).contours(on: black)
    let row = (0..<size).map { picture[1000, $0].red }
    #expect(row.indices.filter { row[$0] == 255 } == Array(897..<903))
    #expect(row.indices.filter { row[$0] == 0 } == Array(894..<897) + Array(903..<906))
  }
}

@Suite struct LabelMapDecodingTests {
  @Test func idsAreReadAsTheyAre() throws {
    let bits = PNGImage(width: 3, height: 1, indices: [0, 2, 3], palette: Array(VOCPalette.colors[..<4]))
    #expect(bits.bitDepth == 2)
    #expect(try LabelMap(decoding: bits.encoded()).labels == [0, 2, 3])
    let wide = PNGImage(width: 1, height: 3, grayscale: [0, 300, 65535] as ContiguousArray<UInt16>)
    let map = try LabelMap(decoding: wide.encoded())
    #expect(map.labels == [0, 300, 65535] && map.height == 3 && map.width == 1)
    #expect(try LabelMap(decoding: NPY.encode([5, 0] as [UInt16], shape: [2, 1])).labels == [5, 0])
    #expect(try LabelMap(decoding: NPY.encode([Int64(Int32.max)], shape: [1, 1])).labels == [.max])
    #expect(try LabelMap(decoding: NPY.encode([7, 8] as [Int32], shape: [1, 2, 1])).height == 2)
    let void = NPY.encode([-1, 3] as [Int32], shape: [1, 2])
    #expect(try LabelMap(decoding: void, ids: LabelMap.anyIDs).labels == [-1, 3])
  }

  @Test func otherFilesAreRefused() throws {
    func error(_ bytes: [UInt8]) -> (any Error)? {
      do {
        _ = try LabelMap(decoding: bytes)
        return nil
      } catch {
        return error
      }
    }
    let rgb = PNGImage(width: 1, height: 1, rgb: [1, 2, 3]).encoded()
    #expect(error(rgb) as? LabelMapError == .coloredPicture(.rgb))
    #expect(error(NPY.encode([1] as [Float], shape: [1, 1])) as? LabelMapError == .notIntegers(.float32))
    #expect(error(NPY.encode([1, 2] as [Int32], shape: [2])) as? LabelMapError == .shape([2]))
    #expect(
      error(NPY.encode([1, -1] as [Int32], shape: [1, 2])) as? LabelMapError
        == .idOutOfRange(-1, row: 0, column: 1, expected: 0...Int32.max))
    #expect(
      error(NPY.encode([1, 1, 1 << 31] as [Int64], shape: [3, 1])) as? LabelMapError
        == .idOutOfRange(Double(1 << 31), row: 2, column: 0, expected: 0...Int32.max))
    #expect(error(NPY.encode([] as [Int32], shape: [0, 3])) as? LabelMapError == .shape([0, 3]))
    #expect(error([]) as? LabelMapError == .emptyFile)
    #expect(error([0xff, 0xd8, 0xff, 0xe0]) as? LabelMapError == .unexpectedFormat(.jpeg, .image))
    #expect(error(Array("P2 1 1 1 0".utf8)) as? LabelMapError == .unexpectedFormat(.pnm, .text))
  }
}
