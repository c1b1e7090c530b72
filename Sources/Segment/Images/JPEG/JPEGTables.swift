// SPDX-License-Identifier: Apache-2.0

/// The tables in force: each segment replaces those it names and leaves the others.
///
/// - Source: ITU-T T.81, B.2.4.
struct JPEGTables {
  /// In natural order, row by row.
  private(set) var quantization = [ContiguousArray<UInt16>?](repeating: nil, count: 4)
  private(set) var dc = [JPEGHuffmanTable?](repeating: nil, count: 4)
  private(set) var ac = [JPEGHuffmanTable?](repeating: nil, count: 4)
  /// MCUs between two restart markers; 0 if there are none.
  private(set) var restartInterval = 0

  /// DQT (B.2.4.1): any number of tables, each of 64 values of one or two bytes in zigzag order.
  mutating func readQuantization(_ segment: JPEGSegment, of bytes: [UInt8]) throws(ImageError) {
    var at = segment.data.lowerBound
    while at < segment.data.upperBound {
      let (precision, number) = (Int(bytes[at] >> 4), Int(bytes[at] & 15))
      guard precision < 2 else { throw segment.invalid("precision", precision, expected: "0 or 1") }
      guard number < 4 else { throw segment.invalid("table", number, expected: "0 to 3") }
      let byteCount = 1 + 64 * (1 + precision)
      guard at + byteCount <= segment.data.upperBound else {
        throw segment.invalidLength(expected: "at least \(at + byteCount - segment.data.lowerBound)")
      }
      var values = ContiguousArray<UInt16>(repeating: 0, count: 64)
      for index in 0..<64 {
        let value = precision == 0 ? UInt16(bytes[at + 1 + index]) : bigEndian16(bytes, at: at + 1 + 2 * index)
        guard value > 0 else { throw segment.invalid("divisor \(index) of table \(number)", 0, expected: "at least 1") }
        values[Int(JPEGZigzag.naturalOrder[index])] = value
      }
      quantization[number] = values
      at += byteCount
    }
  }

  /// DHT (B.2.4.2): any number of tables, each of 16 counts and the values of the codes, shortest first.
  mutating func readHuffman(_ segment: JPEGSegment, of bytes: [UInt8]) throws(ImageError) {
    var at = segment.data.lowerBound
    while at < segment.data.upperBound {
      let (kind, number) = (Int(bytes[at] >> 4), Int(bytes[at] & 15))
      guard kind < 2 else { throw segment.invalid("table class", kind, expected: "0 or 1") }
      guard number < 4 else { throw segment.invalid("table", number, expected: "0 to 3") }
      let needed = at + 17 - segment.data.lowerBound
      guard at + 17 <= segment.data.upperBound else { throw segment.invalidLength(expected: "at least \(needed)") }
      let counts = bytes[at + 1..<at + 17].map(Int.init)
      let total = counts.reduce(0, +)
      guard total <= 256 else { throw segment.invalid("code count", total, expected: "at most 256") }
      guard at + 17 + total <= segment.data.upperBound else {
        throw segment.invalidLength(expected: "at least \(needed + total)")
      }
      let values = Array(bytes[at + 17..<at + 17 + total])
      if kind == 0, let value = values.first(where: { $0 > 15 }) {
        throw segment.invalid("DC category", value, expected: "at most 15")
      }
      guard let table = JPEGHuffmanTable(counts: counts, values: values) else {
        throw segment.invalid("code lengths", "of too many codes", expected: "a prefix code without 1...1")
      }
      if kind == 0 { dc[number] = table } else { ac[number] = table }
      at += 17 + total
    }
  }

  /// DRI (B.2.4.4).
  mutating func readRestartInterval(_ segment: JPEGSegment, of bytes: [UInt8]) throws(ImageError) {
    guard segment.data.count == 2 else { throw segment.invalidLength(expected: "2") }
    restartInterval = Int(bigEndian16(bytes, at: segment.data.lowerBound))
  }
}

/// The order in which the coefficients of a block are coded: by rising frequency.
///
/// - Source: ITU-T T.81, figure 5 (A.3.6).
package enum JPEGZigzag {
  /// Row · 8 + column of each coefficient.
  package static let naturalOrder: ContiguousArray<UInt8> = {
    var result = ContiguousArray<UInt8>()
    for diagonal in 0..<15 {
      let rows = max(0, diagonal - 7)...min(7, diagonal)
      for step in rows {
        // Even diagonals run upwards, odd ones downwards.
        let row = diagonal % 2 == 0 ? rows.upperBound - (step - rows.lowerBound) : step
        result.append(UInt8(8 * row + diagonal - row))
      }
    }
    return result
  }()
}
