// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport
import Testing

@Suite struct ImageResamplingTests {
  private static func image(_ name: String) throws -> Image {
    try Image.decode(Fixture.bytes("png/resampled/\(name).png"))
  }

  /// Reductions, enlargements, one axis alone, and single pixels.
  @Test(arguments: [(61, 47), (30, 23), (122, 94), (7, 5), (61, 20), (25, 47), (1, 1), (5, 200)])
  func everyPixelIsThatOfPillow(_ width: Int, _ height: Int) throws {
    let expected = try Self.image("\(width)x\(height)")
    #expect(try Self.image("source").resampled(height: height, width: width) == expected)
  }

  @Test func anEnlargedPixelKeepsItsColor() {
    let pixel = Image(width: 1, height: 1, pixels: [255, 0, 77])
    let result = pixel.resampled(height: 3, width: 2)
    #expect(result.pixels == ContiguousArray([[UInt8]](repeating: [255, 0, 77], count: 6).joined()))
  }
}
