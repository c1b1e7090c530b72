// SPDX-License-Identifier: Apache-2.0

/// Decodes the blocks of one scan in their order: MCU by MCU, restart interval by restart interval.
///
/// - Source: ITU-T T.81, A.2 (order), E.2.4 and F.2.1.3.1 (restarts).
struct JPEGScanDecoder {
  /// Tables of one member of the scan; empty where its kind of scan has no use for one.
  private struct Codes {
    let dc: JPEGHuffmanTable
    let ac: JPEGHuffmanTable
  }

  /// A block of each MCU of a row, in blocks from the start of the row: the first one, and the step to the next MCU.
  private struct Place {
    let member: Int
    let first: Int
    let step: Int
  }

  private let scan: JPEGScan
  private let frame: JPEGFrame
  private let layout: JPEGBlockLayout
  private let codes: [Codes]
  private let restartInterval: Int
  private let unitCount: Int
  /// Decoded so far.
  private var unit = 0
  private var bits = JPEGBits()
  private var state = JPEGEntropyState()

  /// Where the scan's data end; meaningful after the last row.
  var endOffset: Int { bits.endOffset }

  init(
    _ scan: JPEGScan, at start: Int, of bytes: [UInt8], frame: JPEGFrame, layout: JPEGBlockLayout, tables: JPEGTables
  ) throws(ImageError) {
    var codes: [Codes] = []
    for member in scan.members {
      var (dc, ac) = (JPEGHuffmanTable.empty, JPEGHuffmanTable.empty)
      if scan.kind == .sequential || scan.kind == .firstDC {
        guard let table = tables.dc[member.dcTable] else {
          throw .jpeg(.undefinedTable("DC Huffman", number: member.dcTable, scanOffset: scan.offset))
        }
        dc = table
      }
      if scan.kind == .sequential || scan.kind == .firstAC || scan.kind == .refinedAC {
        guard let table = tables.ac[member.acTable] else {
          throw .jpeg(.undefinedTable("AC Huffman", number: member.acTable, scanOffset: scan.offset))
        }
        ac = table
      }
      codes.append(Codes(dc: dc, ac: ac))
    }
    let first = frame.components[scan.members[0].component]
    self.scan = scan
    self.frame = frame
    self.layout = layout
    self.codes = codes
    restartInterval = tables.restartInterval
    unitCount =
      scan.members.count > 1 ? frame.unitColumns * frame.unitRows : first.blockColumns * first.blockRows
    bits.load(bytes, from: start)
  }

  /// Decodes what the scan has of row `row` of MCUs of the whole frame into row `storedRow` of `coefficients`.
  ///
  /// A scan of one component codes the blocks that hold its samples, in rows of blocks (A.2.2).
  mutating func decode(
    row: Int, of bytes: [UInt8], into coefficients: inout JPEGCoefficients, storedRow: Int
  ) throws(ImageError) {
    let base = storedRow * layout.blockCount
    if scan.members.count > 1 {
      var places: [Place] = []
      for (index, member) in scan.members.enumerated() {
        let plane = layout.planes[member.component]
        for y in 0..<plane.vertical {
          for x in 0..<plane.horizontal {
            places.append(
              Place(member: index, first: base + plane.firstBlock + y * plane.columns + x, step: plane.horizontal))
          }
        }
      }
      try decode(places, columns: frame.unitColumns, of: bytes, into: &coefficients)
    } else {
      let component = frame.components[scan.members[0].component]
      let plane = layout.planes[scan.members[0].component]
      let rows = min(plane.vertical, component.blockRows - row * plane.vertical)
      for y in 0..<rows {
        let place = Place(member: 0, first: base + plane.firstBlock + y * plane.columns, step: 1)
        try decode([place], columns: component.blockColumns, of: bytes, into: &coefficients)
      }
    }
  }

  private mutating func decode(
    _ places: [Place], columns: Int, of bytes: [UInt8], into coefficients: inout JPEGCoefficients
  ) throws(ImageError) {
    var values = coefficients.values.mutableSpan
    let naturalOrder = JPEGZigzag.naturalOrder
    var state = state
    for column in 0..<columns {
      if restartInterval > 0 && unit > 0 && unit % restartInterval == 0 {
        try restart(bytes)
        state = JPEGEntropyState()
      }
      do {
        for place in places {
          let block = 64 &* (place.first &+ column &* place.step)
          try decodeBlock(place.member, &state, &values, block, naturalOrder.span)
          // The zeros behind the data suffice for one block.
          guard state.position <= bits.bitCount else { break }
        }
      } catch {
        // Zeros follow the end of the data, and no code need consist of them.
        try checkEnd(state, bytes)
        throw fault(error == .invalidCode ? .invalidCode : .runTooLong)
      }
      try checkEnd(state, bytes)
      unit &+= 1
    }
    self.state = state
  }

  @inline(__always)
  private func decodeBlock(
    _ member: Int, _ state: inout JPEGEntropyState, _ values: inout MutableSpan<Int16>, _ block: Int,
    _ order: Span<UInt8>
  ) throws(JPEGBlockFault) {
    let words = bits.words.span
    switch scan.kind {
    case .sequential:
      try state.decodeSequential(
        words, dc: codes[member].dc, ac: codes[member].ac, member: member, into: &values, at: block, order: order)
    case .firstDC:
      try state.decodeFirstDC(
        words, codes[member].dc, member: member, lowBit: scan.lowBit, into: &values, at: block)
    case .refinedDC:
      state.decodeRefinedDC(words, lowBit: scan.lowBit, into: &values, at: block)
    case .firstAC:
      try state.decodeFirstAC(
        words, codes[member].ac, scan.band, lowBit: scan.lowBit, into: &values, at: block, order: order)
    case .refinedAC:
      try state.decodeRefinedAC(
        words, codes[member].ac, scan.band, lowBit: scan.lowBit, into: &values, at: block, order: order)
    }
  }

  private func fault(_ fault: JPEGError.DataFault) -> ImageError {
    .jpeg(.scan(fault, offset: scan.offset, unit: unit, unitCount: unitCount))
  }

  /// The marker that ended the data, or nil at the end of the file, and where it is.
  private func nextMarker(_ bytes: [UInt8]) -> (marker: JPEGMarker, offset: Int)? {
    guard let code = bytes[bits.endOffset...].firstIndex(where: { $0 != 0xFF }) else { return nil }
    return (JPEGMarker(rawValue: bytes[code]), code - 1)
  }

  /// Throws if more bits were used than there are.
  @inline(__always)
  private func checkEnd(_ state: JPEGEntropyState, _ bytes: [UInt8]) throws(ImageError) {
    guard state.position > bits.bitCount else { return }
    let next = nextMarker(bytes)
    throw fault(.endsEarly(marker: next?.marker.name, offset: next?.offset ?? bytes.count))
  }

  /// Takes the next restart marker, which must come now and have the next number, and loads the data behind it.
  private mutating func restart(_ bytes: [UInt8]) throws(ImageError) {
    let expected = (unit / restartInterval - 1) % 8
    guard let (marker, offset) = nextMarker(bytes) else {
      throw fault(.endsEarly(marker: nil, offset: bytes.count))
    }
    guard marker.restartIndex == expected else {
      throw fault(.restartMismatch(expected: "RST\(expected)", found: marker.name, offset: offset))
    }
    bits.load(bytes, from: offset + 2)
  }
}
