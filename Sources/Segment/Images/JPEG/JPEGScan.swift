// SPDX-License-Identifier: Apache-2.0

/// The contents of SOS: which components a scan holds, and for progressive files which coefficients and bits of them.
///
/// - Source: ITU-T T.81, B.2.3 and G.1.1.1.
struct JPEGScan: Equatable {
  /// How the blocks of a scan are coded.
  enum Kind {
    case sequential
    case firstDC, refinedDC
    case firstAC, refinedAC
  }

  struct Member: Equatable {
    /// Position in the frame.
    let component: Int
    let dcTable: Int
    let acTable: Int
  }

  let kind: Kind
  let members: [Member]
  /// Coefficients in zigzag order, Ss ... Se.
  let band: ClosedRange<Int>
  /// Al: the lowest bit that this scan codes.
  let lowBit: Int
  /// Ah: the lowest bit that was coded before, or 0.
  let highBit: Int
  /// Of the marker.
  let offset: Int

  init(_ segment: JPEGSegment, of bytes: [UInt8], frame: JPEGFrame) throws(ImageError) {
    let start = segment.data.lowerBound
    let count = segment.data.isEmpty ? 0 : Int(bytes[start])
    guard (1...4).contains(count) else { throw segment.invalid("component count", count, expected: "1 to 4") }
    guard segment.data.count == 4 + 2 * count else { throw segment.invalidLength(expected: "\(4 + 2 * count)") }
    var members: [Member] = []
    for at in stride(from: start + 1, to: start + 1 + 2 * count, by: 2) {
      guard let component = frame.components.firstIndex(where: { $0.identifier == bytes[at] }) else {
        let known = frame.components.map { "\($0.identifier)" }.joined(separator: ", ")
        throw segment.invalid("component", bytes[at], expected: "one of \(known)")
      }
      guard !members.contains(where: { $0.component == component }) else {
        throw segment.invalid("component \(bytes[at])", "twice", expected: "different components")
      }
      let (dc, ac) = (bytes[at + 1] >> 4, bytes[at + 1] & 15)
      guard dc < 4 && ac < 4 else { throw segment.invalid("Huffman tables", "\(dc) and \(ac)", expected: "0 to 3") }
      members.append(Member(component: component, dcTable: Int(dc), acTable: Int(ac)))
    }
    if count > 1 {
      let blockCount = members.reduce(0) { sum, member in
        sum + frame.components[member.component].horizontal * frame.components[member.component].vertical
      }
      guard blockCount <= 10 else {
        throw segment.invalid("minimum coded unit", "of \(blockCount) blocks", expected: "at most 10")
      }
    }
    self.members = members
    offset = segment.offset
    guard frame.isProgressive else {
      // Writers get these fields wrong, and nothing depends on them.
      (kind, band, lowBit, highBit) = (.sequential, 0...63, 0, 0)
      return
    }
    let at = start + 1 + 2 * count
    let (first, last) = (Int(bytes[at]), Int(bytes[at + 1]))
    (highBit, lowBit) = (Int(bytes[at + 2] >> 4), Int(bytes[at + 2] & 15))
    guard first <= last && last <= 63 && (first > 0 || last == 0) else {
      throw segment.invalid("spectral band", "\(first) to \(last)", expected: "0 to 0, or within 1 to 63")
    }
    guard first == 0 || count == 1 else {
      throw segment.invalid("component count", count, expected: "1 in a progressive scan of AC coefficients")
    }
    guard lowBit <= 13 && (highBit == 0 || highBit == lowBit + 1) else {
      throw segment.invalid(
        "successive approximation", "from bit \(highBit) to \(lowBit)", expected: "one bit further, at most 13")
    }
    band = first...last
    kind = highBit == 0 ? (first == 0 ? .firstDC : .firstAC) : (first == 0 ? .refinedDC : .refinedAC)
  }
}

/// The lowest bit known of every coefficient, by which the scans of a progressive file must follow each other.
///
/// - Source: ITU-T T.81, G.1.1.1.1 and G.1.1.1.2.
struct JPEGProgression {
  private static let unknown = -1
  private var lowBits: [[Int]]

  init(componentCount: Int) {
    lowBits = Array(repeating: Array(repeating: Self.unknown, count: 64), count: componentCount)
  }

  func hasMean(of component: Int) -> Bool { lowBits[component][0] != Self.unknown }

  /// Every coefficient of every component is known in full.
  var isComplete: Bool { lowBits.allSatisfy { $0.allSatisfy { $0 == 0 } } }

  /// Throws unless `scan` continues from what is known.
  mutating func advance(_ scan: JPEGScan, _ segment: JPEGSegment) throws(ImageError) {
    for member in scan.members {
      guard scan.band.lowerBound == 0 || hasMean(of: member.component) else {
        throw segment.unexpected("before the DC coefficients of its component")
      }
      for index in scan.band {
        let known = lowBits[member.component][index]
        guard known == (scan.highBit == 0 ? Self.unknown : scan.highBit) else {
          if scan.kind == .sequential { throw segment.unexpected("for a component of an earlier scan") }
          throw segment.unexpected(
            known == Self.unknown
              ? "as a refinement of coefficient \(index), which has no first scan"
              : "for coefficient \(index), which earlier scans define down to bit \(known)")
        }
        lowBits[member.component][index] = scan.lowBit
      }
    }
  }
}
