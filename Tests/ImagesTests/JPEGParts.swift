// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport

/// A JPEG file taken apart, so that a test can damage one thing and keep the rest valid.
struct JPEGParts {
  struct Part {
    var marker: UInt8
    /// What the length field covers, without it.
    var data: [UInt8]
    /// What follows SOS, up to the next marker that is no restart.
    var scan: [UInt8] = []

    var bytes: [UInt8] {
      let length = data.count + 2
      return [0xFF, marker, UInt8(length >> 8), UInt8(length & 255)] + data + scan
    }
  }

  static let sof: UInt8 = 0xC0
  static let dht: UInt8 = 0xC4
  static let sos: UInt8 = 0xDA
  static let dqt: UInt8 = 0xDB
  static let dri: UInt8 = 0xDD

  var parts: [Part] = []
  var end: [UInt8] = [0xFF, 0xD9]

  init(fixture name: String) {
    let bytes = Fixture.contents("jpeg/\(name).jpg")
    var offset = 2
    while offset + 4 <= bytes.count && bytes[offset + 1] != 0xD9 {
      let marker = bytes[offset + 1]
      var next = offset + 2 + Int(bytes[offset + 2]) << 8 + Int(bytes[offset + 3])
      var part = Part(marker: marker, data: Array(bytes[offset + 4..<next]))
      if marker == Self.sos {
        let start = next
        while bytes[next] != 0xFF || bytes[next + 1] == 0 || bytes[next + 1] & 0xF8 == 0xD0 { next += 1 }
        part.scan = Array(bytes[start..<next])
      }
      parts.append(part)
      offset = next
    }
  }

  var bytes: [UInt8] { parts.reduce([0xFF, 0xD8]) { $0 + $1.bytes } + end }

  /// The position of the `number`-th part with a marker; any SOF answers to `sof`.
  func index(of marker: UInt8, _ number: Int = 0) -> Int {
    let isFrame = marker == Self.sof
    let found = parts.indices.filter {
      parts[$0].marker == marker || isFrame && (0xC1...0xC2).contains(parts[$0].marker)
    }
    return found[number]
  }

  /// Where a part starts in the file.
  func offset(at index: Int) -> Int { parts[..<index].reduce(2) { $0 + $1.bytes.count } }

  func offset(of marker: UInt8, _ number: Int = 0) -> Int { offset(at: index(of: marker, number)) }

  /// The first byte of a scan's data.
  func scanOffset(_ number: Int = 0) -> Int {
    let index = index(of: Self.sos, number)
    return offset(at: index) + 4 + parts[index].data.count
  }

  func with(_ marker: UInt8, _ number: Int = 0, _ change: (inout Part) -> Void) -> JPEGParts {
    var copy = self
    change(&copy.parts[index(of: marker, number)])
    return copy
  }

  func inserting(_ marker: UInt8, _ data: [UInt8], before anchor: UInt8) -> JPEGParts {
    var copy = self
    copy.parts.insert(Part(marker: marker, data: data), at: index(of: anchor))
    return copy
  }

  func removing(_ marker: UInt8) -> JPEGParts {
    var copy = self
    copy.parts.removeAll { $0.marker == marker || marker == Self.sof && (0xC1...0xC2).contains($0.marker) }
    return copy
  }

  /// Every Huffman table has these codes, of 16 bits.
  func settingCodes(_ values: [UInt8]) -> JPEGParts {
    var copy = self
    for index in parts.indices where parts[index].marker == Self.dht {
      copy.parts[index].data = [parts[index].data[0]] + Array(repeating: 0, count: 15) + [UInt8(values.count)] + values
    }
    return copy
  }

  func removingScan(_ number: Int) -> JPEGParts {
    var copy = self
    copy.parts.remove(at: index(of: Self.sos, number))
    return copy
  }

  func keeping(scans count: Int) -> JPEGParts {
    var copy = self
    if copy.parts.count(where: { $0.marker == Self.sos }) > count {
      copy.parts.removeSubrange(index(of: Self.sos, count)...)
    }
    return copy
  }

  /// Bytes of a scan from its bits, written as 0 and 1 with spaces; ones fill up the last byte.
  static func data(_ bits: String) -> [UInt8] {
    var digits = bits.filter { $0 != " " }
    digits += String(repeating: "1", count: (8 - digits.count % 8) % 8)
    var result: [UInt8] = []
    var rest = digits[...]
    while !rest.isEmpty {
      let byte = UInt8(rest.prefix(8), radix: 2) ?? 0
      result += byte == 0xFF ? [0xFF, 0] : [byte]
      rest = rest.dropFirst(8)
    }
    return result
  }

  func withoutEnd() -> JPEGParts {
    var copy = self
    copy.end = []
    return copy
  }
}
