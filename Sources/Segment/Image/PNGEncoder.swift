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
    let imageData = Deflate.compress(zlib: filteredRows())
    for start in stride(from: 0, to: imageData.count, by: Self.maximumChunkLength) {
      result += PNGChunk.encoded("IDAT", Array(imageData[start...].prefix(Self.maximumChunkLength)))
    }
    result += PNGChunk.encoded("IEND", [])
    return result
  }

  /// A power of two below the 2³¹ − 1 bytes of PNG 5.3.
  private static let maximumChunkLength = 1 << 30

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
