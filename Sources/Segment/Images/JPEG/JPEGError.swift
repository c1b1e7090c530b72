// SPDX-License-Identifier: Apache-2.0

/// Why a JPEG file could not be read. Offsets are in bytes from the start of the file, those of segments at the marker.
public enum JPEGError: Error, Equatable, Sendable {
  /// What is wrong with the compressed data of a scan.
  public enum DataFault: Equatable, Sendable {
    /// No code of the Huffman table, or one whose value has no meaning in this kind of scan.
    case invalidCode
    /// A run of zeros beyond the last coefficient of a block or band.
    case runTooLong
    /// The data stop at another marker; nil: at the end of the file.
    case endsEarly(marker: String?, offset: Int)
    /// Restart markers count from RST0 to RST7 and start again.
    case restartMismatch(expected: String, found: String, offset: Int)
  }

  /// Bytes where a marker must start with FF.
  case missingMarker(offset: Int, found: [UInt8])
  case invalidLength(segment: String, offset: Int, found: Int, expected: String)
  case invalidField(String, segment: String, offset: Int, found: String, expected: String)
  /// A known segment where T.81 B.2 does not allow it, or a marker that stands for no segment.
  case unexpectedSegment(String, offset: Int, reason: String)
  /// Neither before EOI nor before the end of the file.
  case missingSegment(String)
  /// A process of T.81 or a later standard that is refused.
  case unsupported(String, segment: String, offset: Int)
  /// A scan refers to a table that no segment before it defines.
  case undefinedTable(String, number: Int, scanOffset: Int)
  /// No scan holds (for progressive files: begins with the mean of) this component.
  case missingComponent(Int)
  /// The file ends without EOI before the scans of all components, or all their refinements, have come.
  case missingScans
  /// `unit` counts minimum coded units (MCU) from 0, in the order of the scan.
  case scan(DataFault, offset: Int, unit: Int, unitCount: Int)
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
      "file has no \(segment)"
    case .unsupported(let feature, let segment, let offset):
      "\(segment) at byte \(offset) means \(feature), which is not supported, save as baseline or progressive JPEG"
    case .undefinedTable(let kind, let number, let scanOffset):
      "scan at byte \(scanOffset) uses \(kind) table \(number), which is not defined before it"
    case .missingComponent(let component):
      "no scan holds the image of component \(component)"
    case .missingScans:
      "file is truncated, it ends without EOI before the last scan"
    case .scan(let fault, let offset, let unit, let unitCount):
      "\(fault.text(place: "unit \(unit) of \(unitCount)")) in the scan at byte \(offset)"
    }
  }
}

extension JPEGError.DataFault {
  fileprivate func text(place: String) -> String {
    switch self {
    case .invalidCode: "invalid Huffman code at \(place)"
    case .runTooLong: "run of zeros leaves the block at \(place)"
    case .endsEarly(nil, let end): "file is truncated, it ends at byte \(end), at \(place)"
    case .endsEarly(let marker?, let end): "data end too early, \(marker) at byte \(end) stands at \(place)"
    case .restartMismatch(let expected, let found, let offset):
      "\(found) at byte \(offset) stands at \(place), expected \(expected),"
    }
  }
}
