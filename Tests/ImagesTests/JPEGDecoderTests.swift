// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport
import Testing

/// Files of every kind against the pixels that Pillow, with libjpeg-turbo, reads from them.
@Suite struct JPEGDecoderTests {
  /// A line of fixtures/jpeg/manifest.txt.
  struct Sample: CustomTestStringConvertible {
    let name: String
    let golden: String
    /// As stored.
    let width: Int
    let height: Int
    let colorSpace: String
    let isProgressive: Bool
    let scanCount: Int
    var testDescription: String { name }

    static let all = Fixture.lines("jpeg/manifest.txt").map { fields in
      Sample(
        name: fields[0], golden: fields[1], width: Int(fields[2]) ?? -1, height: Int(fields[3]) ?? -1,
        colorSpace: fields[4], isProgressive: fields[5] == "1", scanCount: Int(fields[6]) ?? -1)
    }

    var bytes: [UInt8] { Fixture.contents("jpeg/\(name).jpg") }
  }

  @Test func everyKindIsPresent() {
    #expect(Sample.all.count == 160)
    #expect(Sample.all.count { $0.name.hasPrefix("sampling") } == 36)
    #expect(Sample.all.count { $0.name.hasPrefix("orientation") } == 10)
    #expect(Set(Sample.all.map(\.colorSpace)) == ["grayscale", "ycbcr", "rgb", "cmyk", "ycck"])
    #expect(Set(Sample.all.map { "\($0.isProgressive) \($0.scanCount > 1)" }).count == 3)
  }

  @Test(arguments: Sample.all) func readsTheHeader(fixture: Sample) throws {
    let image = try JPEGImage(decoding: fixture.bytes)
    #expect(image.width == fixture.width && image.height == fixture.height)
    #expect("\(image.colorSpace)".lowercased() == fixture.colorSpace)
    #expect(image.isProgressive == fixture.isProgressive)
  }

  /// No sample differs: transform, upsampling, colors and rounding are the same.
  @Test(arguments: Sample.all) func equalsLibjpegTurbo(fixture: Sample) throws {
    let image = try Image.decode(fixture.bytes)
    let golden = try PNGImage(decoding: Fixture.contents("jpeg/\(fixture.golden).png")).rgb()
    #expect(image.width == golden.width && image.height == golden.height)
    let differing = zip(image.pixels, golden.pixels).count { $0 != $1 }
    #expect(differing == 0 && image.pixels.count == golden.pixels.count)
  }

  @Test func limitsScans() throws {
    let bytes = Fixture.contents("jpeg/scans-single.jpg")
    #expect(throws: Never.self) { try JPEGImage(decoding: bytes, limits: DecodingLimits(maximumScanCount: 66)) }
    #expect(throws: ImageError.exceedsLimit(.scanCount, found: 66, limit: 65)) {
      try JPEGImage(decoding: bytes, limits: DecodingLimits(maximumScanCount: 65))
    }
  }

  @Test func limitsSizesBeforeDecoding() {
    let bytes = Fixture.contents("jpeg/plain.jpg")
    for (limits, error) in [
      (DecodingLimits(maximumWidth: 22), ImageError.exceedsLimit(.width, found: 23, limit: 22)),
      (DecodingLimits(maximumHeight: 12), .exceedsLimit(.height, found: 13, limit: 12)),
      (DecodingLimits(maximumPixelCount: 298), .exceedsLimit(.pixelCount, found: 299, limit: 298)),
    ] {
      #expect(throws: error) { try JPEGImage(decoding: bytes, limits: limits) }
    }
  }

  /// A complete picture needs no EOI.
  @Test(arguments: ["plain", "photograph-progressive", "scans-sequential-2x2", "scans-late"])
  func readsFilesWithoutEnd(name: String) throws {
    let parts = JPEGParts(fixture: name)
    #expect(try JPEGImage(decoding: parts.withoutEnd().bytes) == JPEGImage(decoding: parts.bytes))
  }

  /// A progressive file that says it ends early is less sharp, not wrong.
  @Test func readsUnfinishedProgressions() throws {
    let parts = JPEGParts(fixture: "scans-bits")
    let whole = try JPEGImage(decoding: parts.bytes).rgb()
    var errors: [Double] = []
    for count in [1, 4, 8, 12, 16] {
      let image = try JPEGImage(decoding: parts.keeping(scans: count).bytes).rgb()
      errors.append(
        zip(image.pixels, whole.pixels).reduce(0) { $0 + abs(Double($1.0) - Double($1.1)) }
          / Double(whole.pixels.count))
    }
    #expect(errors == errors.sorted(by: >) && errors[0] < 40 && errors[4] == 0, "\(errors)")
  }

  /// Bytes between the end of a scan's last block and the next marker do not matter, as in libjpeg.
  @Test func skipsBytesAfterAScan() throws {
    let parts = JPEGParts(fixture: "photograph-progressive")
    let padded = parts.with(JPEGParts.sos, 2) { $0.scan += [0, 0, 0] }
    #expect(try JPEGImage(decoding: padded.bytes) == JPEGImage(decoding: parts.bytes))
  }
}
