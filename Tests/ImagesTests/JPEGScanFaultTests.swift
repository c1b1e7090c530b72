// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport
import Testing

/// Faults in scans: their headers, their order, their data; and files that end anywhere.
@Suite struct JPEGScanFaultTests {
  typealias Case = JPEGCorruptionTests.Case
  static let plain = JPEGCorruptionTests.plain
  static let progressive = JPEGCorruptionTests.progressive
  static let restarts = JPEGCorruptionTests.restarts
  static let sos = JPEGParts.sos

  static func scan(_ number: Int = 0, of parts: JPEGParts, _ change: (inout JPEGParts.Part) -> Void) -> JPEGParts {
    parts.with(sos, number, change)
  }

  static func invalid(
    _ field: String, _ found: String, _ expected: String, _ number: Int = 0, in parts: JPEGParts = plain
  ) -> JPEGError {
    JPEGCorruptionTests.invalid(field, "SOS", found, expected, sos, number, in: parts)
  }

  static func unexpected(_ number: Int, _ reason: String, in parts: JPEGParts = progressive) -> JPEGError {
    .unexpectedSegment("SOS", offset: parts.offset(of: sos, number), reason: reason)
  }

  static let headers = [
    Case("no component", scan(of: plain) { $0.data[0] = 0 }, invalid("component count", "0", "1 to 4")),
    Case("five components", scan(of: plain) { $0.data[0] = 5 }, invalid("component count", "5", "1 to 4")),
    Case(
      "component of no frame", scan(of: plain) { $0.data[1] = 9 }, invalid("component", "9", "one of 1, 2, 3")),
    Case(
      "component twice", scan(of: plain) { $0.data[3] = 1 }, invalid("component 1", "twice", "different components")),
    Case("table 4", scan(of: plain) { $0.data[2] = 0x40 }, invalid("Huffman tables", "4 and 0", "0 to 3")),
    Case(
      "short header", scan(of: plain) { $0.data.removeLast() },
      .invalidLength(segment: "SOS", offset: plain.offset(of: sos), found: 9, expected: "10")),
    Case(
      "large unit", plain.with(JPEGParts.sof) { $0.data[7] = 0x44 },
      invalid("minimum coded unit", "of 18 blocks", "at most 10")),
    Case(
      "band backwards", scan(1, of: progressive) { $0.data.replaceSubrange(3...4, with: [9, 8]) },
      invalid("spectral band", "9 to 8", "0 to 0, or within 1 to 63", 1, in: progressive)),
    Case(
      "band of DC and AC", scan(0, of: progressive) { $0.data[8] = 5 },
      invalid("spectral band", "0 to 5", "0 to 0, or within 1 to 63", 0, in: progressive)),
    Case(
      "band beyond 63", scan(1, of: progressive) { $0.data[4] = 64 },
      invalid("spectral band", "1 to 64", "0 to 0, or within 1 to 63", 1, in: progressive)),
    Case(
      "AC of three components", scan(0, of: progressive) { $0.data.replaceSubrange(7...8, with: [1, 5]) },
      invalid("component count", "3", "1 in a progressive scan of AC coefficients", 0, in: progressive)),
    Case(
      "two bits at once", scan(4, of: progressive) { $0.data[9] = 0x31 },
      invalid("successive approximation", "from bit 3 to 1", "one bit further, at most 13", 4, in: progressive)),
    Case(
      "bit 14", scan(0, of: progressive) { $0.data[9] = 0x0E },
      invalid("successive approximation", "from bit 0 to 14", "one bit further, at most 13", 0, in: progressive)),
  ]

  static let orders = [
    Case(
      "AC before DC", progressive.keeping(scans: 2).removingScan(0),
      .unexpectedSegment(
        "SOS", offset: progressive.removingScan(0).offset(of: sos),
        reason: "before the DC coefficients of its component")),
    Case(
      "band twice", scan(1, of: progressive) { $0.data[1] = 2 },
      unexpected(2, "for coefficient 1, which earlier scans define down to bit 3")),
    Case(
      "refinement first", scan(1, of: progressive) { $0.data[5] = 0x32 },
      unexpected(1, "as a refinement of coefficient 1, which has no first scan")),
    Case(
      "refinement left out", progressive.removingScan(4),
      unexpected(7, "for coefficient 0, which earlier scans define down to bit 3", in: progressive.removingScan(4))),
    Case(
      "component again", JPEGParts(fixture: "scans-sequential-1x1").with(sos, 1) { $0.data[1] = 1 },
      unexpected(1, "for a component of an earlier scan", in: JPEGParts(fixture: "scans-sequential-1x1"))),
    Case("component left out", JPEGParts(fixture: "scans-sequential-1x1").keeping(scans: 2), .missingComponent(3)),
    Case("mean left out", JPEGParts(fixture: "scans-apart").keeping(scans: 1), .missingComponent(2)),
    Case("last scans left out", progressive.keeping(scans: 15).withoutEnd(), .missingScans),
  ]

  /// 45×37 pixels of 4:2:0 are 3×3 MCUs.
  static func fault(
    _ fault: JPEGError.DataFault, _ parts: JPEGParts, unit: Int, of count: Int, scan number: Int = 0
  ) -> JPEGError {
    .scan(fault, offset: parts.offset(of: sos, number), unit: unit, unitCount: count)
  }

  static let data = [
    Case(
      "no data", scan(of: plain) { $0.scan = [] },
      fault(.endsEarly(marker: "EOI", offset: plain.scanOffset()), plain, unit: 0, of: 2)),
    Case(
      "no data, no end", scan(of: plain) { $0.scan = [] }.withoutEnd(),
      fault(.endsEarly(marker: nil, offset: plain.scanOffset()), plain, unit: 0, of: 2)),
    Case(
      "ten blocks of zeros", endless,
      fault(.endsEarly(marker: "EOI", offset: endless.scanOffset()), endless, unit: 0, of: 8)),
    Case("no code", scan(of: plain) { $0.scan = ones }, fault(.invalidCode, plain, unit: 0, of: 2)),
    Case("no AC code", scan(of: plain) { $0.scan = [0x3F] + ones }, fault(.invalidCode, plain, unit: 0, of: 2)),
    Case("four runs of 16", scan(of: plain) { $0.scan = fourRuns + ones }, fault(.runTooLong, plain, unit: 0, of: 2)),
    Case("63 zeros and one", scan(of: plain) { $0.scan = longRun + ones }, fault(.runTooLong, plain, unit: 0, of: 2)),
    Case(
      "wrong restart", scan(of: restarts) { $0.scan[firstRestart + 1] = 0xD3 },
      fault(
        .restartMismatch(expected: "RST0", found: "RST3", offset: restarts.scanOffset() + firstRestart), restarts,
        unit: 1, of: 9)),
    Case(
      "missing restart", scan(of: restarts) { $0.scan.removeSubrange(firstRestart...) },
      fault(
        .restartMismatch(expected: "RST0", found: "EOI", offset: restarts.scanOffset() + firstRestart), restarts,
        unit: 1, of: 9)),
    Case(
      "file ends at a restart", scan(of: restarts) { $0.scan.removeSubrange(firstRestart...) }.withoutEnd(),
      fault(.endsEarly(marker: nil, offset: restarts.scanOffset() + firstRestart), restarts, unit: 1, of: 9)),
    Case(
      "early restart", scan(of: restarts) { $0.scan.removeSubrange(..<firstRestart) },
      fault(.endsEarly(marker: "RST0", offset: restarts.scanOffset()), restarts, unit: 0, of: 9)),
    Case(
      "unannounced restart", restarts.removing(JPEGParts.dri),
      fault(
        .endsEarly(marker: "RST0", offset: restarts.removing(JPEGParts.dri).scanOffset() + firstRestart),
        restarts.removing(JPEGParts.dri), unit: 1, of: 9)),
    Case("refinement by two", refinementByTwo, fault(.invalidCode, refinementByTwo, unit: 0, of: 30, scan: 5)),
  ]

  /// No data; zeros would be codes of 16 bits for numbers of 15, 31 bits each, in units of ten blocks. Reading on behind
  /// the data once left the memory there.
  static let endless = JPEGParts(fixture: "sampling-2x4").with(sos) { $0.scan = [] }.settingCodes([15, 1])

  /// No code consists of ones only.
  static let ones = JPEGParts.data(String(repeating: "1", count: 160))
  /// In the tables of T.81, K.3: DC category 0 is 00, a run of 16 zeros 11111111001, 15 zeros and a coefficient of one
  /// bit 1111111111110101.
  static let fourRuns = JPEGParts.data("00 11111111001 11111111001 11111111001 11111111001")
  static let longRun = JPEGParts.data("00 11111111001 11111111001 11111111001 1111111111110101 1")

  /// Scan 5 refines the luminance, of 6×5 blocks; here all codes of its table are for coefficients of two bits.
  static let refinementByTwo = progressive.with(JPEGParts.dht, 5) { part in
    for index in 17..<part.data.count { part.data[index] = 2 }
  }

  static var firstRestart: Int {
    let scan = restarts.parts[restarts.index(of: sos)].scan
    return scan.indices.first { scan[$0] == 0xFF && scan[$0 + 1] != 0 } ?? 0
  }

  @Test(arguments: headers + orders + data) func raisesTheError(fault: Case) {
    #expect(throws: fault.error) { try JPEGImage(decoding: fault.bytes) }
    let message = fault.error.description
    #expect(message.contains("; ") && !message.hasSuffix("."))
  }
}
