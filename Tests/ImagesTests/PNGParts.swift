// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport

/// A PNG file taken apart, so that a test can damage one thing and keep the rest valid.
struct PNGParts {
  var chunks: [(name: String, data: [UInt8])]

  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  init(fixture name: String) {
    let bytes = Fixture.contents("png/\(name).png")
    chunks = []
    var offset = 8
    while offset + 12 <= bytes.count {
      let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      let name = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
      chunks.append((name, Array(bytes[offset + 8..<offset + 8 + length])))
      offset += length + 12
    }
  }

  /// The file with correct lengths and checksums.
  var bytes: [UInt8] {
    chunks.reduce(Self.signature) { $0 + Self.chunk($1.name, $1.data) }
  }

  static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    return bigEndian(UInt32(data.count)) + body + bigEndian(CRC32.checksum(body))
  }

  static func bigEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }

  func index(of name: String) -> Int { chunks.firstIndex { $0.name == name } ?? 0 }

  /// Where a chunk starts in the file.
  func offset(of index: Int) -> Int { chunks[..<index].reduce(8) { $0 + $1.data.count + 12 } }

  func offset(of name: String) -> Int { offset(of: index(of: name)) }

  func with(_ name: String, _ change: (inout [UInt8]) -> Void) -> PNGParts {
    var copy = self
    change(&copy.chunks[index(of: name)].data)
    return copy
  }

  func inserting(_ name: String, _ data: [UInt8], before anchor: String) -> PNGParts {
    var copy = self
    copy.chunks.insert((name, data), at: index(of: anchor))
    return copy
  }

  func removing(_ name: String) -> PNGParts {
    var copy = self
    copy.chunks.removeAll { $0.name == name }
    return copy
  }

  /// Replaces the image data by other rows, properly compressed.
  func withRows(_ rows: [UInt8]) -> PNGParts {
    with("IDAT") { $0 = Deflate.compress(zlib: ContiguousArray(rows)) }
  }
}
