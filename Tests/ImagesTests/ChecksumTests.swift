// SPDX-License-Identifier: Apache-2.0
import Images
import Testing

/// Expected values are the published check values of both algorithms, and Python's zlib for the long input.
@Suite struct ChecksumTests {
  @Test func crc32OfKnownText() {
    #expect(CRC32.checksum([]) == 0)
    #expect(CRC32.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(CRC32.checksum(Array("xIENDy".utf8), in: 1..<5) == 0xAE42_6082)
  }

  @Test func adler32OfKnownText() {
    #expect(Adler32.checksum([]) == 1)
    #expect(Adler32.checksum(ContiguousArray("Wikipedia".utf8)) == 0x11E6_0398)
  }

  /// Bytes of 255 make the sums as large as they get between two reductions.
  @Test(arguments: [(5552, 0xF18F_9B8C), (5553, 0x8E29_9C8B), (1_000_000, 0x3843_E1BE)] as [(Int, UInt32)])
  func adler32DoesNotOverflow(count: Int, expected: UInt32) {
    #expect(Adler32.checksum(ContiguousArray(repeating: 255, count: count)) == expected)
  }
}
