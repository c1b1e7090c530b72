// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport
import Testing

@Suite struct PNMTests {
  /// fixtures/pnm/manifest.txt: file, golden, width, height. Goldens are what Netpbm's pamdepth finds.
  static let fixtures = Fixture.lines("pnm/manifest.txt")

  @Test func everyFormatIsPresent() {
    #expect(Self.fixtures.count == 28)
    let magic = Set(Self.fixtures.map { Array(Fixture.contents("pnm/\($0[0])").prefix(2)) })
    #expect(magic.count == 7)
  }

  @Test(arguments: fixtures) func convertsToEightBits(fields: [String]) throws {
    let bytes = Fixture.contents("pnm/\(fields[0])")
    let golden = ContiguousArray(Fixture.contents("pnm/\(fields[1])"))
    let image = try Image.decode(bytes)
    #expect(image.width == Int(fields[2]) && image.height == Int(fields[3]))
    #expect(image.pixels == golden)
  }

  @Test(arguments: fixtures) func roundTripOfFixtures(fields: [String]) throws {
    let image = try PNMImage(decoding: Fixture.contents("pnm/\(fields[0])"))
    #expect(try PNMImage(decoding: image.encoded(as: .pam)) == image)
    if !image.hasAlpha { #expect(try PNMImage(decoding: image.encoded()) == image) }
  }

  /// Raw files without comments come back byte by byte.
  @Test(arguments: ["maximum-100.pgm", "maximum-1000.pgm", "maximum-255.ppm", "maximum-65535.ppm"])
  func writesWhatNetpbmWrites(name: String) throws {
    let bytes = Fixture.contents("pnm/\(name)")
    #expect(try PNMImage(decoding: bytes).encoded() == bytes)
  }

  @Test func keepsRawSamples() throws {
    let image = try PNMImage(decoding: Array("P2 3 1 1000 0 500 1000".utf8))
    #expect(image.samples == .uint16([0, 500, 1000]) && image.maximum == 1000)
    #expect(image.rgb().pixels == [0, 0, 0, 128, 128, 128, 255, 255, 255])
  }

  @Test func blackIsZeroInBitmaps() throws {
    #expect(try PNMImage(decoding: Array("P1 3 1 101".utf8)).samples == .uint8([0, 1, 0]))
    #expect(try PNMImage(decoding: Array("P4 3 1 ".utf8) + [0b1010_0000]).samples == .uint8([0, 1, 0]))
    let pam = "P7\nWIDTH 3\nHEIGHT 1\nDEPTH 1\nMAXVAL 1\nTUPLTYPE BLACKANDWHITE\nENDHDR\n"
    #expect(try PNMImage(decoding: Array(pam.utf8) + [0, 1, 0]).samples == .uint8([0, 1, 0]))
  }

  @Test func guessesTheTypeFromTheDepth() throws {
    let pam = "P7\nHEIGHT 1\nWIDTH 1\n# in any order\nMAXVAL 255\nDEPTH 2\nENDHDR\n"
    let image = try PNMImage(decoding: Array(pam.utf8) + [7, 200])
    #expect(image.colorType == .grayscale && image.hasAlpha)
    #expect(image.rgb().pixels == [7, 7, 7])
  }

  static func pam(_ fields: String) -> [UInt8] { Array("P7\n\(fields)\nENDHDR\n".utf8) }

  static let faults: [([UInt8], ImageError)] = [
    ([], .emptyFile),
    (Array("GIF89a".utf8), .unexpectedFormat(expected: .pnm, found: .gif)),
    (Array("P5".utf8), .truncated(.pnm, element: "width", offset: 2, needed: 1, available: 0)),
    (Array("P5 4 x".utf8), .invalidField("height", offset: 5, found: "byte 78", expected: "a decimal number")),
    (Array("P5 0 4 255 ".utf8), .zeroSize(width: 0, height: 4)),
    (Array("P5 4 4 0 ".utf8), .invalidField("maximum", offset: 7, found: "0", expected: "1 to 65535")),
    (Array("P5 4 4 65536 ".utf8), .invalidField("maximum", offset: 7, found: "65536", expected: "1 to 65535")),
    (
      Array("P5 12345678901 4 255 ".utf8),
      .invalidField("width", offset: 3, found: "a number of more than 10 digits", expected: "at most 10 digits")
    ),
    (Array("P5 16777217 1 255 ".utf8), .exceedsLimit(.width, found: 16_777_217, limit: 1 << 24)),
    (
      Array("P6 16000 16000 255 abc".utf8),
      .truncated(.pnm, element: "raster", offset: 19, needed: 768_000_000, available: 3)
    ),
    (Array("P5 2 2 255 abc".utf8), .truncated(.pnm, element: "raster", offset: 11, needed: 4, available: 3)),
    (Array("P5 2 1 256 abc".utf8), .truncated(.pnm, element: "raster", offset: 11, needed: 4, available: 3)),
    (Array("P4 9 2 abc".utf8), .truncated(.pnm, element: "raster", offset: 7, needed: 4, available: 3)),
    (Array("P2 2 2 9 1 2 3".utf8), .truncated(.pnm, element: "raster", offset: 8, needed: 7, available: 6)),
    (Array("P1 2 2 1 0 1".utf8), .truncated(.pnm, element: "raster", offset: 6, needed: 4, available: 3)),
    (Array("P2 2 1 9 1 10".utf8), .sampleAboveMaximum(10, maximum: 9, offset: 11)),
    (Array("P5 2 1 9 ".utf8) + [9, 10], .sampleAboveMaximum(10, maximum: 9, offset: 10)),
    (Array("P5 1 1 999 ".utf8) + [3, 232], .sampleAboveMaximum(1000, maximum: 999, offset: 11)),
    (Array("P1 2 1 12".utf8), .invalidField("sample", offset: 8, found: "byte 32", expected: "0 or 1")),
    (pam("WIDTH 1\nHEIGHT 1\nMAXVAL 1"), .missingField("DEPTH")),
    (Array("P7\nWIDTH 1\n".utf8), .missingField("ENDHDR")),
    (pam("COLOR 1"), .invalidField("keyword", offset: 3, found: "COLOR", expected: "a PAM keyword such as WIDTH")),
    (
      pam("WIDTH 1\nHEIGHT 1\nMAXVAL 1\nDEPTH 4\nTUPLTYPE CMYK"),
      .invalidField("tuple type", offset: 37, found: "CMYK", expected: "BLACKANDWHITE, GRAYSCALE or RGB")
    ),
    (
      pam("WIDTH 1\nHEIGHT 1\nMAXVAL 1\nDEPTH 4\nTUPLTYPE RGB"),
      .invalidField("depth", offset: 29, found: "4", expected: "3 for RGB")
    ),
    (
      pam("WIDTH 1\nHEIGHT 1\nMAXVAL 1\nDEPTH 5"),
      .invalidField("depth", offset: 29, found: "5", expected: "1 to 4")
    ),
    (
      pam("WIDTH 1\nHEIGHT 1\nMAXVAL 2\nDEPTH 1\nTUPLTYPE BLACKANDWHITE"),
      .invalidField("maximum", offset: 20, found: "2", expected: "1 for BLACKANDWHITE")
    ),
  ]

  @Test(arguments: faults) func raisesTheError(bytes: [UInt8], error: ImageError) {
    #expect(throws: error) { try PNMImage(decoding: bytes) }
  }

  @Test(arguments: ["bitmap-plain.pbm", "maximum-7-plain.pgm", "rgb-alpha-255.pam", "maximum-1000.ppm"])
  func survivesMutations(name: String) {
    let original = Fixture.contents("pnm/\(name)")
    var generator = SeededGenerator(seed: 9)
    var decoded = 0
    for _ in 0..<300 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let index = Int.random(in: 1..<min(bytes.count, 90), using: &generator)
        bytes[index] = UInt8.random(in: 0..<128, using: &generator)
      }
      if let image = try? Image.decode(bytes, limits: DecodingLimits(maximumPixelCount: 1 << 20)) {
        decoded += 1
        #expect(image.pixels.count == 3 * image.width * image.height)
      }
    }
    #expect(decoded > 0)
  }
}

@Suite struct ImageFormatTests {
  static let magic: [(ImageFormat, [UInt8])] = [
    (.png, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
    (.pnm, Array("P6\n".utf8)),
    (.jpeg, [0xFF, 0xD8, 0xFF, 0xE1]),
    (.gif, Array("GIF87a".utf8)),
    (.webp, Array("RIFF1234WEBPVP8 ".utf8)),
    (.tiff, [0x4D, 0x4D, 0x00, 0x2A]),
    (.bmp, Array("BM6".utf8)),
    (.heic, [0, 0, 0, 24] + Array("ftypheic".utf8)),
    (.avif, [0, 0, 0, 24] + Array("ftypavif".utf8)),
  ]

  @Test(arguments: magic) func recognizesContent(format: ImageFormat, bytes: [UInt8]) {
    #expect(ImageFormat.sniff(bytes) == format)
    #expect(ImageFormat.sniff(Array(bytes.dropLast(bytes.count - 1))) == nil)
    guard !format.isSupported else { return }
    #expect(throws: ImageError.unsupportedFormat(format)) { try Image.decode(bytes) }
    #expect(ImageError.unsupportedFormat(format).description.contains("\(format.displayName) images are not supported"))
  }

  @Test func coversEveryFormat() {
    #expect(Set(Self.magic.map(\.0)) == Set(ImageFormat.allCases))
  }

  @Test func refusesTheRest() {
    #expect(throws: ImageError.emptyFile) { try Image.decode([]) }
    #expect(throws: ImageError.unknownFormat(prefix: [0x3C, 0x73])) { try Image.decode(Array("<s".utf8)) }
    #expect(ImageError.unknownFormat(prefix: [1, 0xAB]).description.contains("starts with 01 ab"))
    let pointer = Array("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n".utf8)
    #expect(throws: ImageError.unknownFormat(prefix: Array("version ".utf8))) { try Image.decode(pointer) }
    #expect(ImageError.unknownFormat(prefix: Array("version ".utf8)).description.contains("'git lfs pull'"))
    #expect(ImageFormat.sniff(Array("P8\n".utf8)) == nil)
  }

  /// The messages about files that are not images, by the start of the file.
  @Test(arguments: [
    ("hello, w", "not an image (looks like text); supported: JPEG, PNG, PNM"),
    ("<!DOCTYP", "the file is a web page, not the data: its download failed; download it again"),
    ("version ", "the file is a Git LFS pointer, not the data; run 'git lfs pull' in its folder"),
    (
      "%PDF-1.7",
      "a PDF document is not supported; convert it to PNG, for example with ImageMagick; supported: JPEG, PNG, PNM"
    ),
    ("\u{1}\u{2}", "not an image (starts with 01 02); supported: JPEG, PNG, PNM"),
    ("PK\u{3}\u{4}", "a zip archive is not an image; extract it and pass the images; supported: JPEG, PNG, PNM"),
    (
      "\0\0\0\u{18}ftyp",
      "a video is not supported; extract its frames, for example: ffmpeg -i video.mp4 frame-%05d.png"
    ),
  ])
  func messagesOfOtherFiles(start: String, message: String) {
    #expect(ImageError.unknownFormat(prefix: Array(start.utf8)).description == message)
  }

  @Test func messagesNameAConverter() {
    #expect(
      ImageError.unsupportedFormat(.heic).description
        == "HEIC images are not supported; convert to JPEG or PNG, for example: magick photo.heic photo.jpg")
    #expect(ImageError.unsupportedFormat(.tiff).description.hasSuffix("magick photo.tiff photo.png"))
  }
}
