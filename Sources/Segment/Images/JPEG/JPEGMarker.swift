// SPDX-License-Identifier: Apache-2.0

/// The second byte of a marker; the first is FF.
///
/// - Source: ITU-T T.81, table B.1.
struct JPEGMarker: RawRepresentable, Equatable {
  let rawValue: UInt8

  static let startOfImage = JPEGMarker(rawValue: 0xD8)
  static let endOfImage = JPEGMarker(rawValue: 0xD9)
  static let startOfScan = JPEGMarker(rawValue: 0xDA)
  static let quantizationTables = JPEGMarker(rawValue: 0xDB)
  static let numberOfLines = JPEGMarker(rawValue: 0xDC)
  static let restartInterval = JPEGMarker(rawValue: 0xDD)
  static let huffmanTables = JPEGMarker(rawValue: 0xC4)
  static let exif = JPEGMarker(rawValue: 0xE1)
  static let jfif = JPEGMarker(rawValue: 0xE0)
  static let adobe = JPEGMarker(rawValue: 0xEE)

  /// C0 to CF but for DHT, JPG and DAC start a frame; F7 starts one of JPEG-LS.
  var startsFrame: Bool {
    (0xC0...0xCF).contains(rawValue) && ![0xC4, 0xC8, 0xCC].contains(rawValue) || rawValue == 0xF7
  }

  /// RST0 to RST7 count the restarts of a scan, modulo 8.
  var restartIndex: Int? { (0xD0...0xD7).contains(rawValue) ? Int(rawValue & 7) : nil }

  /// TEM, RSTm, SOI and EOI have no length and no contents.
  var isStandalone: Bool { rawValue == 1 || (0xD0...0xD9).contains(rawValue) }

  /// The feature of a file with this marker that the decoder does not support, or nil.
  var unsupportedFeature: String? {
    switch rawValue {
    case 0xC3: "lossless coding"
    case 0xC5, 0xC6, 0xC7, 0xDE, 0xDF: "hierarchical coding"
    case 0xC9, 0xCA, 0xCC: "arithmetic coding"
    case 0xCB: "lossless arithmetic coding"
    case 0xCD, 0xCE, 0xCF: "hierarchical arithmetic coding"
    case 0xF7: "JPEG-LS"
    default: nil
    }
  }

  /// The standard's name.
  var name: String {
    switch rawValue {
    case 0x01: "TEM"
    case 0xC4: "DHT"
    case 0xC8: "JPG"
    case 0xCC: "DAC"
    case 0xC0...0xCF: "SOF\(rawValue & 15)"
    case 0xD0...0xD7: "RST\(rawValue & 7)"
    case 0xD8: "SOI"
    case 0xD9: "EOI"
    case 0xDA: "SOS"
    case 0xDB: "DQT"
    case 0xDC: "DNL"
    case 0xDD: "DRI"
    case 0xDE: "DHP"
    case 0xDF: "EXP"
    case 0xE0...0xEF: "APP\(rawValue & 15)"
    case 0xF7: "SOF55"
    case 0xF0...0xFD: "JPG\(rawValue & 15)"
    case 0xFE: "COM"
    default: "marker \(hexadecimal([rawValue]))"
    }
  }
}

/// A marker with what its length field covers.
struct JPEGSegment {
  let marker: JPEGMarker
  /// Of the marker's FF (the last one, if fill bytes come before).
  let offset: Int
  /// Without the length field; empty for markers that stand alone.
  let data: Range<Int>

  /// Reads the segment at `offset`; any number of FF may fill up the space before a marker (B.1.1.2).
  init(_ bytes: [UInt8], at start: Int) throws(ImageError) {
    var code = start
    while code < bytes.count && bytes[code] == 0xFF { code += 1 }
    guard code < bytes.count else {
      throw .truncated(.jpeg, element: "marker", offset: start, needed: code - start + 1, available: code - start)
    }
    guard code > start && bytes[code] != 0 else {
      throw .jpeg(.missingMarker(offset: start, found: Array(bytes[start..<min(start + 2, bytes.count)])))
    }
    marker = JPEGMarker(rawValue: bytes[code])
    offset = code - 1
    guard !marker.isStandalone else {
      data = code + 1..<code + 1
      return
    }
    let available = bytes.count - offset
    guard available >= 4 else {
      throw .truncated(.jpeg, element: marker.name, offset: offset, needed: 4, available: available)
    }
    let length = Int(bigEndian16(bytes, at: code + 1))
    guard length >= 2 else {
      throw .jpeg(.invalidLength(segment: marker.name, offset: offset, found: length, expected: "at least 2"))
    }
    guard available >= 2 + length else {
      throw .truncated(.jpeg, element: marker.name, offset: offset, needed: 2 + length, available: available)
    }
    data = code + 3..<code + 1 + length
  }

  func invalidLength(expected: String) -> ImageError {
    .jpeg(.invalidLength(segment: marker.name, offset: offset, found: data.count, expected: expected))
  }

  func invalid(_ field: String, _ found: some CustomStringConvertible, expected: String) -> ImageError {
    .jpeg(.invalidField(field, segment: marker.name, offset: offset, found: found.description, expected: expected))
  }

  func unexpected(_ reason: String) -> ImageError {
    .jpeg(.unexpectedSegment(marker.name, offset: offset, reason: reason))
  }

  func unsupported(_ feature: String) -> ImageError {
    .jpeg(.unsupported(feature, segment: marker.name, offset: offset))
  }
}

/// The number in two bytes, most significant first (B.1.1.1).
func bigEndian16(_ bytes: [UInt8], at offset: Int) -> UInt16 {
  UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
}
