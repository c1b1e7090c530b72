// SPDX-License-Identifier: Apache-2.0

/// The CRC-32 of PNG chunks: reflected polynomial EDB88320, register and result complemented.
///
/// - Source: PNG specification (third edition), 5.5 and annex D.
package enum CRC32 {
  /// Entry 256·k + i is the register after the eight bits of i and k zero bytes went through it.
  private static let table: ContiguousArray<UInt32> = {
    var result = ContiguousArray<UInt32>(0..<256)
    for index in 0..<256 {
      for _ in 0..<8 { result[index] = (result[index] >> 1) ^ (0xEDB8_8320 * (result[index] & 1)) }
    }
    for index in 256..<1024 {
      let shorter = result[index - 256]
      result.append(shorter >> 8 ^ result[Int(shorter & 0xFF)])
    }
    return result
  }()

  /// Four bytes at a time: the register is linear in them, so that their four contributions are looked up and added.
  package static func checksum(_ bytes: [UInt8], in range: Range<Int>) -> UInt32 {
    let table = table
    let entries = table.span
    var register = UInt32.max
    var index = range.lowerBound
    while index + 4 <= range.upperBound {
      let low = UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8
      register ^= low | UInt32(bytes[index + 2]) << 16 | UInt32(bytes[index + 3]) << 24
      let first = entries[768 + Int(register & 0xFF)] ^ entries[512 + Int(register >> 8 & 0xFF)]
      register = first ^ entries[256 + Int(register >> 16 & 0xFF)] ^ entries[Int(register >> 24)]
      index += 4
    }
    for rest in index..<range.upperBound {
      register = entries[Int((register ^ UInt32(bytes[rest])) & 0xFF)] ^ register >> 8
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
