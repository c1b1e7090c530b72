// SPDX-License-Identifier: Apache-2.0

/// The reason why a JPEG file cannot be read. Offsets are in bytes from the start of the file; segments start at their markers.
public enum JPEGError: Error, Equatable, Sendable {
  /// A fault in the compressed data of a scan.
  public enum DataFault: Equatable, Sendable {
    /// Bits that are not a code of the Huffman table, or a value that this kind of scan does not define.
    case invalidCode
    /// A run of zeros that passes the last coefficient of a block or band.
    case runTooLong
    /// The data end at another marker, or, for nil, at the end of the file.
    case endsEarly(marker: String?, offset: Int)
    /// Restart markers count from RST0 to RST7 in a cycle.
    case restartMismatch(expected: String, found: String, offset: Int)
  }

  /// Bytes where a marker must start with FF.
  case missingMarker(offset: Int, found: [UInt8])
  case invalidLength(segment: String, offset: Int, found: Int, expected: String)
  case invalidField(String, segment: String, offset: Int, found: String, expected: String)
  /// A known segment in a place where T.81 B.2 does not allow it, or a marker that is not a segment's.
  case unexpectedSegment(String, offset: Int, reason: String)
  /// The file ends without this segment.
  case missingSegment(String)
  /// A process of T.81 or a later standard that the decoder does not support.
  case unsupported(String, segment: String, offset: Int)
  /// A scan refers to a table that is not defined before it.
  case undefinedTable(String, number: Int, scanOffset: Int)
  /// The scans do not include this component or, in a progressive file, its mean.
  case missingComponent(Int)
  /// The file ends without EOI before all scans of all components.
  case missingScans
  /// `unit` counts minimum coded units (MCU) from 0, in the order of the scan.
  case scan(DataFault, offset: Int, unit: Int, unitCount: Int)
}

extension JPEGError {
  /// Whether the file may be valid but needs a decoder for another process.
  var isUnsupported: Bool {
    if case .unsupported = self { true } else { false }
  }
}

extension JPEGError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missingMarker(let offset, let found):
      "byte \(offset) is \(hexadecimal(found)), expected a marker, which starts with ff"
    case .invalidLength(let segment, let offset, let found, let expected):
      "\(segment) at byte \(offset) has \(found) bytes, expected \(expected)"
    case .invalidField(let field, let segment, let offset, let found, let expected):
      "\(segment) at byte \(offset) has \(field) \(found), expected \(expected)"
    case .unexpectedSegment(let segment, let offset, let reason):
      "\(segment) at byte \(offset) is not allowed \(reason)"
    case .missingSegment(let segment):
      "segment \(segment) is missing"
    case .unsupported(let feature, let segment, let offset):
      "JPEG with \(feature) (\(segment) at byte \(offset)) is not supported; save it as baseline or progressive JPEG"
    case .undefinedTable(let kind, let number, let scanOffset):
      "the scan at byte \(scanOffset) uses \(kind) table \(number), which is not defined before it"
    case .missingComponent(let component):
      "no scan contains component \(component)"
    case .missingScans:
      "truncated, the file ends without EOI before the last scan"
    case .scan(let fault, let offset, let unit, let unitCount):
      "\(fault.text(place: "unit \(unit) of \(unitCount)")) in the scan at byte \(offset)"
    }
  }
}

extension JPEGError.DataFault {
  fileprivate func text(place: String) -> String {
    switch self {
    case .invalidCode: "invalid Huffman code at \(place)"
    case .runTooLong: "a run of zeros passes the end of the block at \(place)"
    case .endsEarly(nil, let end): "truncated, the file ends at byte \(end), at \(place)"
    case .endsEarly(let marker?, let end): "the data end early, with \(marker) at byte \(end), at \(place)"
    case .restartMismatch(let expected, let found, let offset):
      "found \(found) at byte \(offset), expected \(expected), at \(place)"
    }
  }
}
