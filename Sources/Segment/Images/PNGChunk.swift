// SPDX-License-Identifier: Apache-2.0

/// One chunk of a PNG file: length, name, data, CRC-32 of name and data.
///
/// - Source: PNG specification, 5.3.
struct PNGChunk {
  let name: String
  /// Where its length field starts in the file.
  let offset: Int
  let data: Range<Int>

  /// - Source: PNG specification, 5.2.
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Bytes around the data: length, name and CRC.
  static let overhead = 12

  /// Reads the chunk at `offset` and checks its length, name and CRC.
  init(_ bytes: [UInt8], at offset: Int, limits: DecodingLimits) throws(ImageError) {
    let available = bytes.count - offset
    guard available >= Self.overhead else {
      throw .truncated(.png, element: "chunk", offset: offset, needed: Self.overhead, available: available)
    }
    let letters = Array(bytes[offset + 4..<offset + 8])
    guard letters.allSatisfy({ 65...90 ~= $0 || 97...122 ~= $0 }) else {
      throw .invalidChunkName(bytes: letters, offset: offset)
    }
    let name = String(decoding: letters, as: UTF8.self)
    let length = Int(bigEndian32(bytes, at: offset))
    let limit = min(limits.maximumChunkLength, 1 << 31 - 1)
    guard length <= limit else { throw .exceedsLimit(.chunkLength, found: length, limit: limit) }
    guard length <= available - Self.overhead else {
      throw .truncated(
        .png, element: "chunk \(name)", offset: offset, needed: length + Self.overhead, available: available)
    }
    self.name = name
    self.offset = offset
    data = offset + 8..<offset + 8 + length

    guard limits.verifiesChecksums else { return }
    let declared = bigEndian32(bytes, at: data.upperBound)
    let computed = CRC32.checksum(bytes, in: offset + 4..<data.upperBound)
    guard declared == computed else {
      throw .checksumMismatch(chunk: name, offset: offset, declared: declared, computed: computed)
    }
  }

  /// The first byte after the chunk.
  var endOffset: Int { data.upperBound + 4 }

  /// PNG 5.4: bit 5 of the first letter is clear.
  var isCritical: Bool { name.utf8.first.map { $0 & 0x20 == 0 } ?? false }

  func invalidLength(expected: String) -> ImageError {
    .invalidChunkLength(chunk: name, offset: offset, found: data.count, expected: expected)
  }

  func unexpected(_ reason: String) -> ImageError {
    .unexpectedChunk(name, offset: offset, reason: reason)
  }

  /// The bytes of a new chunk.
  static func encoded(_ name: StaticString, _ data: [UInt8]) -> [UInt8] {
    var result = bigEndianBytes(UInt32(data.count))
    result.reserveCapacity(data.count + overhead)
    result += name.description.utf8
    result += data
    result += bigEndianBytes(CRC32.checksum(result, in: 4..<result.count))
    return result
  }
}

/// The number in four bytes, most significant first (PNG 7.1).
func bigEndian32(_ bytes: [UInt8], at offset: Int) -> UInt32 {
  bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
}

func bigEndianBytes(_ value: UInt32) -> [UInt8] {
  [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
}
