// SPDX-License-Identifier: Apache-2.0

/// The CRC-32 of PNG chunks: reflected polynomial EDB88320, register and result complemented.
///
/// - Source: PNG specification (third edition), 5.5 and annex D.
package enum CRC32 {
  /// Entry i is the register after the eight bits of i went through it.
  private static let table: ContiguousArray<UInt32> = {
    var result = ContiguousArray<UInt32>(0..<256)
    for index in result.indices {
      for _ in 0..<8 { result[index] = (result[index] >> 1) ^ (0xEDB8_8320 * (result[index] & 1)) }
    }
    return result
  }()

  package static func checksum(_ bytes: [UInt8], in range: Range<Int>) -> UInt32 {
    let table = table
    var register = UInt32.max
    for index in range {
      register = table[Int((register ^ UInt32(bytes[index])) & 0xFF)] ^ register >> 8
    }
    return ~register
  }

  package static func checksum(_ bytes: [UInt8]) -> UInt32 { checksum(bytes, in: bytes.indices) }
}

/// The Adler-32 of zlib streams: a = 1 + Σ dᵢ and b = Σ aᵢ, both modulo 65521.
///
/// - Source: RFC 1950, section 9.
package enum Adler32 {
  private static let modulus: UInt32 = 65521
  /// The longest run whose sums stay below 2³² when both start below the modulus (RFC 1950: 5552).
  private static let runLength = 5552

  package static func checksum(_ bytes: ContiguousArray<UInt8>) -> UInt32 {
    let bytes = bytes.span
    var a: UInt32 = 1
    var b: UInt32 = 0
    var start = 0
    while start < bytes.count {
      let end = min(start + runLength, bytes.count)
      for index in start..<end {
        a &+= UInt32(bytes[index])
        b &+= a
      }
      a %= modulus
      b %= modulus
      start = end
    }
    return b << 16 | a
  }
}
