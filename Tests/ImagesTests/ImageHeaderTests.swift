// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport
import Testing

@Suite struct ImageHeaderTests {
  /// The header tells what decoding gives, but for the turn.
  @Test(arguments: [
    "images/coffee.png", "jpeg/photograph.jpg", "jpeg/orientation-6.jpg", "jpeg/photograph.png",
  ])
  func sizesAreThoseOfTheDecodedImage(path: String) throws {
    let bytes = Fixture.contents(path)
    let header = try #require(ImageHeader(bytes))
    let (image, orientation) = try Image.decodeOriented(bytes)
    let sides = orientation.swapsAxes ? (image.height, image.width) : (image.width, image.height)
    #expect((header.width, header.height) == sides)
    #expect(ImageHeader(Array(bytes.prefix(ImageHeader.usualByteCount))) == header)
  }

  @Test(
    arguments: [
      ("P6 # a comment\n 31 17 255\n", 31, 17), ("P4 8 9\n", 8, 9),
      ("P7\nWIDTH 5\nHEIGHT 6\nDEPTH 1\nMAXVAL 255\nENDHDR\n", 5, 6),
    ] as [(String, Int, Int)])
  func rastersAreNotNeeded(text: String, width: Int, height: Int) throws {
    let header = try #require(ImageHeader(Array(text.utf8)))
    #expect(header.width == width && header.height == height && !header.isProgressive)
  }

  @Test func progressiveFilesAreTold() throws {
    // SOI, a comment, SOF2 of 3 rows and 5 columns.
    let bytes: [UInt8] = [
      0xFF, 0xD8, 0xFF, 0xFE, 0, 3, 7, 0xFF, 0xC2, 0, 11, 8, 0, 3, 0, 5, 1, 1, 0x11, 0,
    ]
    let header = try #require(ImageHeader(bytes))
    #expect(header.width == 5 && header.height == 3 && header.isProgressive)
  }

  @Test(
    arguments: [
      [], Array("P6 3".utf8), [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0], [0xFF, 0xD8, 0xFF, 0xE0, 0, 9],
      Array("GIF89a____".utf8), Array("text".utf8), [0xFF, 0xD8, 0xFF, 0xC2, 0, 2],
    ] as [[UInt8]])
  func whatIsNotThereIsNotGuessed(bytes: [UInt8]) {
    #expect(ImageHeader(bytes) == nil)
  }
}
