// SPDX-License-Identifier: Apache-2.0
import Tensor

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
    // Label maps are worth a search: they compress well, and so quickly.
    let imageData = Deflate.compress(zlib: filteredRows(), isQuick: colorType == .rgb || colorType == .rgba)
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
  /// Palette indices and samples of less than a byte are not filtered (PNG 12.7): similar indices may be different colors, and
  /// small samples share bytes.
  package func filteredRows() -> ContiguousArray<UInt8> {
    let rows = PNGPacking.packed(samples, header: header)
    let (rowByteCount, height) = (rows.count / height, height)
    let isFiltered = colorType != .indexed && bitDepth >= 8
    let distance = header.filterDistance
    var result = ContiguousArray<UInt8>(repeating: PNGFilter.none.rawValue, count: rows.count + height)
    Parallel.fillChunks(of: &result, chunkSize: Self.rowsAtATime * (rowByteCount + 1)) { index, chunk in
      var filter = PNGRowFilter(rowByteCount: rowByteCount, distance: distance)
      for row in index * Self.rowsAtATime..<min(height, (index + 1) * Self.rowsAtATime) {
        let (start, target) = (row * rowByteCount, (row - index * Self.rowsAtATime) * (rowByteCount + 1))
        if isFiltered {
          let best = filter.best(rows, start: start)
          chunk[target] = best.rawValue
          let filtered = filter.candidates[Int(best.rawValue)]
          for byte in 0..<rowByteCount { chunk[target + 1 + byte] = filtered[byte] }
        } else {
          for byte in 0..<rowByteCount { chunk[target + 1 + byte] = rows[start + byte] }
        }
      }
    }
    return result
  }

  private static let rowsAtATime = 16
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
