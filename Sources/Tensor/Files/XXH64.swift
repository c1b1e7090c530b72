// SPDX-License-Identifier: Apache-2.0

/// The 64-bit hash XXH64: distinguishes files at the speed of memory. It is not cryptographic: two files with the same hash can be
/// constructed.
///
/// - Source: the xxHash fast digest algorithm, github.com/Cyan4973/xxHash, doc/xxhash_spec.md, version 0.1.1.
package enum XXH64 {
  private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
    0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63, 0x27D4_EB2F_1656_67C5
  )

  /// Sixteen hexadecimal digits, as `xxh64sum` prints them.
  package static func digest(_ bytes: [UInt8]) -> String {
    let digits = String(hash(bytes), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  package static func digest(_ text: String) -> String { digest(Array(text.utf8)) }

  package static func hash(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
    bytes.withUnsafeBytes { hash($0, seed: seed) }
  }

  static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    func lane(_ offset: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    var offset = 0
    var hash = seed &+ primes.4
    if bytes.count >= 32 {
      var lanes = SIMD4(seed &+ primes.0 &+ primes.1, seed &+ primes.1, seed, seed &- primes.0)
      while offset + 32 <= bytes.count {
        for index in 0..<4 { lanes[index] = round(lanes[index], lane(offset + 8 * index)) }
        offset += 32
      }
      hash = rotated(lanes[0], 1) &+ rotated(lanes[1], 7) &+ rotated(lanes[2], 12) &+ rotated(lanes[3], 18)
      for index in 0..<4 { hash = (hash ^ round(0, lanes[index])) &* primes.0 &+ primes.3 }
    }
    hash &+= UInt64(bytes.count)
    while offset + 8 <= bytes.count {
      hash = rotated(hash ^ round(0, lane(offset)), 27) &* primes.0 &+ primes.3
      offset += 8
    }
    if offset + 4 <= bytes.count {
      let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      hash = rotated(hash ^ UInt64(word) &* primes.0, 23) &* primes.1 &+ primes.2
      offset += 4
    }
    for byte in bytes[offset...] { hash = rotated(hash ^ UInt64(byte) &* primes.4, 11) &* primes.0 }
    hash = (hash ^ hash >> 33) &* primes.1
    hash = (hash ^ hash >> 29) &* primes.2
    return hash ^ hash >> 32
  }

  private static func round(_ accumulator: UInt64, _ lane: UInt64) -> UInt64 {
    rotated(accumulator &+ lane &* primes.1, 31) &* primes.0
  }

  private static func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 { value << count | value >> (64 - count) }
}
