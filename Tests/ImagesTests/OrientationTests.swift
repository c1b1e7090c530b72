// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport
import Testing

@Suite struct OrientationTests {
  /// A TIFF header and a directory of one entry.
  static func exif(value: UInt8, tag: UInt8 = 0x12, type: UInt8 = 3, count: UInt8 = 1) -> [UInt8] {
    [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, tag, 0, type, 0, 0, 0, count, 0, value, 0, 0, 0, 0, 0, 0]
  }

  @Test(arguments: Orientation.allCases) func readsBothByteOrders(orientation: Orientation) {
    let value = UInt8(orientation.rawValue)
    #expect(Orientation(exif: Self.exif(value: value)) == orientation)
    let little: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, value, 0, 0, 0]
    #expect(Orientation(exif: little) == orientation)
  }

  /// Damage hides the orientation, and nothing else.
  @Test func ignoresDamage() {
    let good = Self.exif(value: 6)
    for count in 0..<20 { #expect(Orientation(exif: Array(good[..<count])) == nil) }
    #expect(Orientation(exif: Self.exif(value: 0)) == nil)
    #expect(Orientation(exif: Self.exif(value: 9)) == nil)
    #expect(Orientation(exif: Self.exif(value: 6, tag: 0x13)) == nil)
    #expect(Orientation(exif: Self.exif(value: 6, type: 4)) == nil)
    #expect(Orientation(exif: Self.exif(value: 6, count: 2)) == nil)
    for (index, byte) in [(0, 0x49), (1, 0x49), (3, 43), (4, 0xFF), (7, 0xF0)] {
      var bytes = good
      bytes[index] = UInt8(byte)
      #expect(Orientation(exif: bytes) == nil)
    }
  }

  @Test func damagedExifIsSkippedInAFile() throws {
    let parts = JPEGParts(fixture: "orientation-6-little")
    let index = parts.index(of: 0xE1)
    let upright = try Image.decode(parts.bytes)
    for byte in 6..<parts.parts[index].data.count {
      let damaged = parts.with(0xE1) { $0.data.removeSubrange(byte...) }
      let image = try Image.decode(damaged.bytes)
      #expect(image.width * image.height == upright.width * upright.height)
    }
  }

  /// Where the corners of
  ///
  ///     0 1 2
  ///     3 4 5
  ///
  /// go; the photographs of fixtures/jpeg show the same against Pillow.
  @Test(arguments: [
    (Orientation.up, 3, [0, 1, 2, 3, 4, 5]), (.upMirrored, 3, [2, 1, 0, 5, 4, 3]), (.down, 3, [5, 4, 3, 2, 1, 0]),
    (.downMirrored, 3, [3, 4, 5, 0, 1, 2]), (.leftMirrored, 2, [0, 3, 1, 4, 2, 5]), (.right, 2, [3, 0, 4, 1, 5, 2]),
    (.rightMirrored, 2, [5, 2, 4, 1, 3, 0]), (.left, 2, [2, 5, 1, 4, 0, 3]),
  ])
  func turns(orientation: Orientation, width: Int, expected: [UInt8]) {
    let image = Image(width: 3, height: 2, pixels: ContiguousArray((0..<6).flatMap { [$0, $0 + 10, $0 + 20] }))
    let turned = image.oriented(orientation)
    #expect(turned.width == width && turned.height == 6 / width)
    #expect(Array(turned.pixels) == expected.flatMap { [$0, $0 + 10, $0 + 20] })
  }

  @Test(arguments: Orientation.allCases) func turnsPNG(orientation: Orientation) throws {
    let parts = PNGParts(fixture: "rgb-8")
    let stored = try PNGImage(decoding: parts.bytes).rgb()
    let marked = parts.inserting("eXIf", Self.exif(value: UInt8(orientation.rawValue)), before: "IDAT")
    #expect(try Image.decode(marked.bytes) == stored.oriented(orientation))
  }
}
