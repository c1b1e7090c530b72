// SPDX-License-Identifier: Apache-2.0

/// Bytes as text (RFC 4648, §4), for data that a page carries in itself.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let padding = UInt8(ascii: "=")

  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var group = UInt32(bytes[start]) << 16
      if count > 1 { group |= UInt32(bytes[start + 1]) << 8 }
      if count > 2 { group |= UInt32(bytes[start + 2]) }
      for position in 0..<4 {
        text.append(position <= count ? alphabet[Int(group >> UInt32(18 - 6 * position)) & 63] : padding)
      }
    }
    return text
  }

  /// Doubles as little-endian bytes, then as text.
  static func encode(_ values: some Sequence<Double>) -> [UInt8] {
    var bytes: [UInt8] = []
    for value in values {
      let bits = value.bitPattern
      for shift in stride(from: 0 as UInt64, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }
    return encode(bytes)
  }
}
