// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport
import Testing

/// Files of every color type, bit depth, interlace method and kind of transparency against what ImageMagick and
/// Pillow read from them.
@Suite struct PNGDecoderTests {
  /// A line of fixtures/png/manifest.txt.
  struct Sample: CustomTestStringConvertible {
    let name: String
    let golden: String
    let width: Int
    let height: Int
    let bitDepth: Int
    let colorType: Int
    let isInterlaced: Bool
    var testDescription: String { name }

    static let all = Fixture.lines("png/manifest.txt").map { fields in
      let numbers = fields[2...].map { Int($0) ?? -1 }
      return Sample(
        name: fields[0], golden: fields[1], width: numbers[0], height: numbers[1], bitDepth: numbers[2],
        colorType: numbers[3], isInterlaced: numbers[4] == 1)
    }

    func decode() throws(ImageError) -> PNGImage { try PNGImage(decoding: Fixture.contents("png/\(name).png")) }

    /// RGBA samples of eight or sixteen bits.
    var samples: [Int] {
      let bytes = Fixture.contents("png/\(golden).rgba")
      if bitDepth < 16 { return bytes.map(Int.init) }
      return stride(from: 0, to: bytes.count, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
    }
  }

  /// 15 types with and without interlace, 11 of them with transparency too.
  @Test func everyTypeIsPresent() {
    #expect(Sample.all.count == 88)
    let types = Set(Sample.all.map { [$0.colorType, $0.bitDepth, $0.isInterlaced ? 1 : 0] })
    #expect(types.count == 30)
    #expect(Sample.all.count { $0.name.hasSuffix("transparent") } == 22)
  }

  @Test(arguments: Sample.all) func readsTheHeader(fixture: Sample) throws {
    let image = try fixture.decode()
    #expect(image.width == fixture.width && image.height == fixture.height)
    #expect(image.bitDepth == fixture.bitDepth && Int(image.colorType.rawValue) == fixture.colorType)
    #expect(image.isInterlaced == fixture.isInterlaced)
    #expect((image.transparency != nil) == fixture.name.hasSuffix("transparent"))
  }

  @Test(arguments: Sample.all) func convertsToEightBits(fixture: Sample) throws {
    let image = try fixture.decode()
    let golden = fixture.samples
    try #require(golden.count == 4 * fixture.width * fixture.height)
    let rgba = golden.map { fixture.bitDepth == 16 ? UInt8(($0 * 2 + 257) / 514) : UInt8($0) }
    #expect(image.rgba() == ContiguousArray(rgba))
    let rgb = ContiguousArray(rgba.indices.lazy.filter { $0 % 4 < 3 }.map { rgba[$0] })
    #expect(image.rgb() == Image(width: fixture.width, height: fixture.height, pixels: rgb))
    let orientation = image.exif.flatMap(Orientation.init(exif:)) ?? .up
    #expect(try Image.decode(Fixture.contents("png/\(fixture.name).png")) == image.rgb().oriented(orientation))
  }

  /// No precision is lost before the conversion.
  @Test(arguments: Sample.all.filter { $0.colorType != 3 }) func keepsRawSamples(fixture: Sample) throws {
    let image = try fixture.decode()
    let channels: [Int] =
      switch image.colorType {
      case .grayscale, .indexed: [0]
      case .rgb: [0, 1, 2]
      case .grayscaleAlpha: [0, 3]
      case .rgba: [0, 1, 2, 3]
      }
    let golden = fixture.samples
    let scale = fixture.bitDepth == 16 ? 1 : 255 / (1 << fixture.bitDepth - 1)
    let expected = (0..<fixture.width * fixture.height).flatMap { pixel in
      channels.map { UInt16(golden[4 * pixel + $0] / scale) }
    }
    #expect((0..<image.samples.count).map { image.samples[$0] } == expected)
    if case .uint16 = image.samples { #expect(fixture.bitDepth == 16) } else { #expect(fixture.bitDepth < 16) }
  }

  @Test(arguments: Sample.all.filter { $0.colorType == 3 }) func keepsPaletteIndices(fixture: Sample) throws {
    let expected = Fixture.contents("png/indexed-\(fixture.bitDepth).indices")
    #expect(try fixture.decode().samples == .uint8(ContiguousArray(expected)))
  }

  @Test func keepsExif() throws {
    let image = try PNGImage(decoding: Fixture.contents("png/rgb-8-ancillary.png"))
    #expect(image.exif == PNGParts(fixture: "rgb-8-ancillary").chunks.first { $0.name == "eXIf" }?.data)
    #expect(image.exif?.isEmpty == false)
    #expect(try PNGImage(decoding: Fixture.contents("png/rgb-8.png")).exif == nil)
  }

  /// The fixture's EXIF data say 6: its right side is up.
  @Test func decodesUpright() throws {
    let bytes = Fixture.contents("png/rgb-8-ancillary.png")
    let stored = try PNGImage(decoding: bytes).rgb()
    let image = try Image.decode(bytes)
    #expect(image.width == stored.height && image.height == stored.width)
    #expect(image[0, image.width - 1] == stored[0, 0])
    #expect(image[5, 2] == stored[stored.height - 3, 5])
  }

  @Test func ignoresWhatFollowsTheEnd() throws {
    let bytes = Fixture.contents("png/rgb-8.png")
    #expect(try PNGImage(decoding: bytes + [1, 2, 3]) == PNGImage(decoding: bytes))
  }

  /// Only the low bits of a color key count (PNG 11.3.1.1).
  @Test func masksColorKeys() throws {
    var parts = PNGParts(fixture: "grayscale-2-transparent")
    let expected = try PNGImage(decoding: parts.bytes)
    parts = parts.with("tRNS") { $0[0] = 0xFF }.with("tRNS") { $0[1] |= 0xFC }
    #expect(try PNGImage(decoding: parts.bytes) == expected)
  }

  @Test(arguments: [(1, [0, 255]), (2, [0, 85, 170, 255]), (4, (0...15).map { 17 * $0 })])
  func scalesLowDepthsExactly(bitDepth: Int, expected: [UInt8]) throws {
    let image = try PNGImage(decoding: Fixture.contents("png/grayscale-\(bitDepth).png"))
    for index in 0..<image.samples.count {
      #expect(image.rgb().pixels[3 * index] == expected[Int(image.samples[index])])
    }
  }

  @Test func roundsSixteenBits() {
    let samples = ContiguousArray<UInt16>(0...65535)
    let pixels = PNGImage(width: 256, height: 256, grayscale: samples).rgb().pixels
    #expect(samples.indices.allSatisfy { pixels[3 * $0] == UInt8((Double($0) / 257).rounded()) })
  }
}
