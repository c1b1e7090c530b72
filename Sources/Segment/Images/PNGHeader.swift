// SPDX-License-Identifier: Apache-2.0

/// The contents of IHDR.
///
/// - Source: PNG specification, 11.2.1.
struct PNGHeader: Equatable {
  var width: Int
  var height: Int
  var bitDepth: Int
  var colorType: PNGImage.ColorType
  var isInterlaced: Bool

  static let byteCount = 13

  init(width: Int, height: Int, bitDepth: Int, colorType: PNGImage.ColorType, isInterlaced: Bool) {
    self.width = width
    self.height = height
    self.bitDepth = bitDepth
    self.colorType = colorType
    self.isInterlaced = isInterlaced
  }

  init(_ chunk: PNGChunk, of bytes: [UInt8], limits: DecodingLimits) throws(ImageError) {
    guard chunk.data.count == Self.byteCount else {
      throw chunk.invalidLength(expected: "\(Self.byteCount)")
    }
    let field = bytes[chunk.data]
    let start = field.startIndex
    width = Int(bigEndian32(bytes, at: start))
    height = Int(bigEndian32(bytes, at: start + 4))
    bitDepth = Int(field[start + 8])
    try limits.check(width: width, height: height)
    guard let type = PNGImage.ColorType(rawValue: field[start + 9]), type.bitDepths.contains(bitDepth) else {
      throw .invalidColorType(field[start + 9], bitDepth: field[start + 8])
    }
    colorType = type
    for (index, name) in ["compression", "filter", "interlace"].enumerated() {
      let maximum: UInt8 = name == "interlace" ? 1 : 0
      let value = field[start + 10 + index]
      guard value <= maximum else { throw .invalidMethod(name, found: value, maximum: maximum) }
    }
    isInterlaced = field[start + 12] == 1
  }

  var bitsPerPixel: Int { bitDepth * colorType.channelCount }

  /// The distance in bytes to the sample that filters call "a" (9.2): at least 1.
  var filterDistance: Int { max(1, bitsPerPixel / 8) }

  var encoded: [UInt8] {
    bigEndianBytes(UInt32(width)) + bigEndianBytes(UInt32(height))
      + [UInt8(bitDepth), colorType.rawValue, 0, 0, isInterlaced ? 1 : 0]
  }

  /// The reduced images in file order: seven for Adam7, else the image itself. Empty ones have no rows in the file.
  ///
  /// - Source: PNG specification, 8.1.
  var passes: [PNGPass] {
    let lattice =
      isInterlaced
      ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
      : [(0, 0, 1, 1)]
    return lattice.compactMap { column, row, columnStep, rowStep in
      let passWidth = (width - column + columnStep - 1) / columnStep
      let passHeight = (height - row + rowStep - 1) / rowStep
      guard passWidth > 0 && passHeight > 0 else { return nil }
      return PNGPass(
        width: passWidth, height: passHeight, rowByteCount: (passWidth * bitsPerPixel + 7) / 8, firstColumn: column,
        firstRow: row, columnStep: columnStep, rowStep: rowStep)
    }
  }

  /// The size of the decompressed image data, filter bytes included. Within the default limits it is below 2³².
  var imageDataByteCount: Int { passes.reduce(0) { $0 + $1.height * (1 + $1.rowByteCount) } }
}

/// One reduced image and the pixels that it fills.
struct PNGPass {
  let width: Int
  let height: Int
  /// Without the filter byte.
  let rowByteCount: Int
  let firstColumn: Int
  let firstRow: Int
  let columnStep: Int
  let rowStep: Int
}
