// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport
import Testing

@Suite struct PNGEncoderTests {
  static let sizes = [(1, 1), (1, 9), (9, 1), (3, 5), (17, 8), (64, 33)]

  static func bytes(_ count: Int, below limit: Int = 256, seed: UInt64 = 3) -> ContiguousArray<UInt8> {
    var generator = SeededGenerator(seed: seed)
    return ContiguousArray((0..<count).map { _ in UInt8(Int.random(in: 0..<limit, using: &generator)) })
  }

  static func check(_ image: PNGImage) throws {
    let decoded = try PNGImage(decoding: image.encoded())
    #expect(decoded == image)
  }

  @Test(arguments: sizes) func roundTripOfGrayscale(width: Int, height: Int) throws {
    try Self.check(PNGImage(width: width, height: height, grayscale: Self.bytes(width * height)))
    let wide = ContiguousArray(
      zip(Self.bytes(width * height), Self.bytes(width * height, seed: 4)).map {
        UInt16($0) << 8 | UInt16($1)
      })
    try Self.check(PNGImage(width: width, height: height, grayscale: wide))
  }

  @Test(arguments: sizes) func roundTripOfColor(width: Int, height: Int) throws {
    let image = Image(width: width, height: height, pixels: Self.bytes(3 * width * height))
    try Self.check(PNGImage(image))
    #expect(try Image.decode(PNGImage(image).encoded()) == image)
    let rgba = Self.bytes(4 * width * height)
    try Self.check(PNGImage(width: width, height: height, rgba: rgba))
    #expect(PNGImage(width: width, height: height, rgba: rgba).rgba() == rgba)
  }

  /// Palette size and the bits it needs.
  @Test(arguments: [(1, 1), (2, 1), (3, 2), (4, 2), (5, 4), (16, 4), (17, 8), (256, 8)])
  func roundTripOfIndices(colorCount: Int, bitDepth: Int) throws {
    let palette = Array(VOCPalette.colors[..<colorCount])
    for (width, height) in Self.sizes {
      let indices = Self.bytes(width * height, below: colorCount)
      for alpha in [[], [UInt8](repeating: 7, count: 1), [UInt8](repeating: 9, count: colorCount)] {
        let image = PNGImage(width: width, height: height, indices: indices, palette: palette, alpha: alpha)
        #expect(image.bitDepth == bitDepth)
        try Self.check(image)
        #expect(image.rgba()[3] == (Int(indices[0]) < alpha.count ? alpha[Int(indices[0])] : 255))
      }
    }
  }

  /// Whatever the decoder reads, the encoder writes, with tRNS and eXIf.
  @Test(arguments: PNGDecoderTests.Sample.all) func roundTripOfFixtures(
    fixture: PNGDecoderTests.Sample
  ) throws {
    let image = try fixture.decode()
    let copy = try PNGImage(decoding: image.encoded())
    #expect(copy.samples == image.samples && copy.palette == image.palette && copy.exif == image.exif)
    #expect(copy.transparency == image.transparency && copy.colorType == image.colorType)
    #expect(copy.bitDepth == image.bitDepth && !copy.isInterlaced)
  }

  /// A label map of 43 kB and 21 labels; zlib at level 6 needs 1325 bytes.
  @Test func labelMapsAreSmall() throws {
    let image = try PNGImage(decoding: Fixture.contents("png/labels.png"))
    let small = PNGImage(
      width: image.width, height: image.height,
      indices: ContiguousArray((0..<image.samples.count).map { UInt8(image.samples[$0]) }),
      palette: Array(VOCPalette.colors[..<21]))
    #expect(small.encoded().count < 1600)
  }

  /// The start of the map as the development kit prints it: background, aeroplane, bicycle, …, and the border.
  @Test func paletteIsThatOfPascalVOC() {
    func values(_ index: Int) -> [UInt8] {
      let color = VOCPalette.colors[index]
      return [color.red, color.green, color.blue]
    }
    #expect(VOCPalette.colors.count == 256 && Set(VOCPalette.colors).count == 256)
    #expect(values(0) == [0, 0, 0])
    #expect(values(1) == [128, 0, 0])
    #expect(values(2) == [0, 128, 0])
    #expect(values(3) == [128, 128, 0])
    #expect(values(8) == [64, 0, 0])
    #expect(values(15) == [192, 128, 128])
    #expect(values(20) == [0, 64, 128])
    #expect(values(255) == [224, 224, 192])
  }
}
