// SPDX-License-Identifier: Apache-2.0

extension PNGImage {
  /// The bytes of a PNG file with these samples, palette, tRNS and eXIf, without interlace.
  public func encoded() -> [UInt8] {
    var plain = header
    plain.isInterlaced = false
    var result = PNGChunk.signature
    result += PNGChunk.encoded("IHDR", plain.encoded)
    if colorType == .indexed {
      result += PNGChunk.encoded("PLTE", palette.flatMap { [$0.red, $0.green, $0.blue] })
    }
    if let transparency { result += PNGChunk.encoded("tRNS", transparency.encoded) }
    if let exif { result += PNGChunk.encoded("eXIf", exif) }
    result += PNGChunk.encoded("IDAT", Deflate.compress(zlib: filteredRows()))
    result += PNGChunk.encoded("IEND", [])
    return result
  }

  private var header: PNGHeader {
    PNGHeader(
      width: width, height: height, bitDepth: bitDepth, colorType: colorType, isInterlaced: isInterlaced)
  }

  /// The rows as they are compressed, each after its filter byte.
  ///
  /// Palette indices and samples of less than a byte are not filtered: neighbouring numbers are no similar colours, or
  /// share bytes (PNG 12.7).
  package func filteredRows() -> ContiguousArray<UInt8> {
    let rows = PNGPacking.packed(samples, header: header)
    let rowByteCount = rows.count / height
    var filter = PNGRowFilter(rowByteCount: rowByteCount, distance: header.filterDistance)
    var result = ContiguousArray<UInt8>()
    result.reserveCapacity(rows.count + height)
    for start in stride(from: 0, to: rows.count, by: rowByteCount) {
      if colorType == .indexed || bitDepth < 8 {
        result.append(PNGFilter.none.rawValue)
        result.append(contentsOf: rows[start..<start + rowByteCount])
      } else {
        let best = filter.best(rows, start: start)
        result.append(best.rawValue)
        result.append(contentsOf: filter.candidates[Int(best.rawValue)])
      }
    }
    return result
  }
}

extension PNGImage.Transparency {
  fileprivate var encoded: [UInt8] {
    func bytes(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
    switch self {
    case .gray(let key): return bytes(key)
    case .rgb(let red, let green, let blue): return bytes(red) + bytes(green) + bytes(blue)
    case .palette(let alpha): return alpha
    }
  }
}

/// Filters a row in all five ways and chooses one.
struct PNGRowFilter {
  private let rowByteCount: Int
  private let distance: Int
  /// The row after each filter, by raw value.
  private(set) var candidates: [ContiguousArray<UInt8>]

  init(rowByteCount: Int, distance: Int) {
    self.rowByteCount = rowByteCount
    self.distance = distance
    candidates = Array(repeating: ContiguousArray(repeating: 0, count: rowByteCount), count: PNGFilter.allCases.count)
  }

  /// The filter with the least sum of absolute differences, bytes taken as signed; the lower type of equal ones.
  ///
  /// - Source: PNG specification, 12.7.
  mutating func best(_ rows: ContiguousArray<UInt8>, start: Int) -> PNGFilter {
    var best = PNGFilter.none
    var least = Int.max
    for filter in PNGFilter.allCases {
      let cost = Self.apply(
        filter, rows.span, start: start, distance: distance, into: &candidates[Int(filter.rawValue)])
      if cost < least { (best, least) = (filter, cost) }
    }
    return best
  }

  /// Filters one row and returns its sum of absolute differences.
  private static func apply(
    _ filter: PNGFilter, _ rows: Span<UInt8>, start: Int, distance: Int, into row: inout ContiguousArray<UInt8>
  ) -> Int {
    let hasAbove = start > 0
    var target = row.mutableSpan
    let count = target.count
    var cost = 0
    for index in 0..<count {
      let here = start &+ index
      let a = index >= distance ? rows[here &- distance] : 0
      let b = hasAbove ? rows[here &- count] : 0
      let c = hasAbove && index >= distance ? rows[here &- count &- distance] : 0
      let prediction: UInt8 =
        switch filter {
        case .none: 0
        case .sub: a
        case .up: b
        case .average: PNGFilter.average(a, b)
        case .paeth: PNGFilter.paethPredictor(a, b, c)
        }
      let value = rows[here] &- prediction
      target[index] = value
      cost &+= Int(Int8(bitPattern: value).magnitude)
    }
    return cost
  }
}
