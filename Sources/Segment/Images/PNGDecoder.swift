// SPDX-License-Identifier: Apache-2.0

extension PNGImage {
  /// Reads a PNG file of any color type, bit depth and interlace method.
  ///
  /// Ancillary chunks other than tRNS and eXIf are skipped after their CRC was checked, and so is whatever follows
  /// IEND. Chunks that must not occur where they do, and data that do not fit the header, are errors.
  public init(decoding bytes: [UInt8], limits: DecodingLimits = DecodingLimits()) throws(ImageError) {
    guard !bytes.isEmpty else { throw .emptyFile }
    let found = ImageFormat.sniff(bytes)
    guard found == .png else { throw .unexpectedFormat(expected: .png, found: found) }
    var decoder = PNGDecoder(limits: limits)
    try decoder.readChunks(bytes)
    self = try decoder.image()
  }
}

/// What the chunks read so far have told.
private struct PNGDecoder {
  let limits: DecodingLimits
  var header: PNGHeader?
  var palette: [RGBColor] = []
  var transparency: PNGImage.Transparency?
  var exif: [UInt8]?
  var imageData = Bitstream()
  var hasImageData = false
  /// True once a chunk other than IDAT followed IDAT.
  var imageDataHasEnded = false

  init(limits: DecodingLimits) { self.limits = limits }

  mutating func readChunks(_ bytes: [UInt8]) throws(ImageError) {
    var offset = PNGChunk.signature.count
    while offset < bytes.count {
      let chunk = try PNGChunk(bytes, at: offset, limits: limits)
      offset = chunk.endOffset
      if chunk.name == "IEND" {
        guard chunk.data.isEmpty else { throw chunk.invalidLength(expected: "0") }
        guard header != nil else { throw .missingChunk("IHDR") }
        guard hasImageData else { throw .missingChunk("IDAT") }
        return
      }
      try read(chunk, of: bytes)
    }
    throw .missingChunk("IEND")
  }

  /// Applies the order of PNG 5.6: IHDR first, PLTE before tRNS, both before IDAT, IDAT without gaps.
  private mutating func read(_ chunk: PNGChunk, of bytes: [UInt8]) throws(ImageError) {
    guard chunk.name != "IHDR" else {
      guard header == nil else { throw chunk.unexpected("twice") }
      header = try PNGHeader(chunk, of: bytes, limits: limits)
      return
    }
    guard let header else { throw chunk.unexpected("before IHDR") }
    if hasImageData && chunk.name != "IDAT" { imageDataHasEnded = true }
    switch chunk.name {
    case "IDAT":
      guard !imageDataHasEnded else { throw chunk.unexpected("after a chunk that followed IDAT") }
      guard header.colorType != .indexed || !palette.isEmpty else { throw .missingChunk("PLTE") }
      hasImageData = true
      imageData.append(bytes, in: chunk.data)
    case "PLTE":
      try readPalette(chunk, bytes, header)
    case "tRNS":
      try readTransparency(chunk, bytes, header)
    case "eXIf":
      if exif == nil { exif = Array(bytes[chunk.data]) }
    default:
      guard !chunk.isCritical else { throw .unknownCriticalChunk(chunk.name, offset: chunk.offset) }
    }
  }

  /// PNG 11.2.2: 1 to 2^depth colors; a suggestion for RGB, forbidden for gray.
  private mutating func readPalette(_ chunk: PNGChunk, _ bytes: [UInt8], _ header: PNGHeader) throws(ImageError) {
    guard !hasImageData else { throw chunk.unexpected("after IDAT") }
    guard palette.isEmpty else { throw chunk.unexpected("twice") }
    guard transparency == nil else { throw chunk.unexpected("after tRNS") }
    guard header.colorType != .grayscale && header.colorType != .grayscaleAlpha else {
      throw chunk.unexpected("in a grayscale image")
    }
    let maximum = header.colorType == .indexed ? 1 << header.bitDepth : 256
    guard chunk.data.count % 3 == 0, (1...maximum).contains(chunk.data.count / 3) else {
      throw chunk.invalidLength(expected: "a multiple of 3 up to \(3 * maximum)")
    }
    palette = stride(from: chunk.data.lowerBound, to: chunk.data.upperBound, by: 3).map {
      RGBColor(red: bytes[$0], green: bytes[$0 + 1], blue: bytes[$0 + 2])
    }
  }

  /// PNG 11.3.1.1. Only the low bits of a color key count when samples have fewer than 16.
  private mutating func readTransparency(
    _ chunk: PNGChunk, _ bytes: [UInt8], _ header: PNGHeader
  ) throws(ImageError) {
    guard !hasImageData else { throw chunk.unexpected("after IDAT") }
    guard transparency == nil else { throw chunk.unexpected("twice") }
    let mask = UInt16(truncatingIfNeeded: 1 << header.bitDepth - 1)
    func key(_ index: Int) -> UInt16 {
      let start = chunk.data.lowerBound + 2 * index
      return (UInt16(bytes[start]) << 8 | UInt16(bytes[start + 1])) & mask
    }
    switch header.colorType {
    case .grayscale:
      guard chunk.data.count == 2 else { throw chunk.invalidLength(expected: "2") }
      transparency = .gray(key(0))
    case .rgb:
      guard chunk.data.count == 6 else { throw chunk.invalidLength(expected: "6") }
      transparency = .rgb(red: key(0), green: key(1), blue: key(2))
    case .indexed:
      guard !palette.isEmpty else { throw chunk.unexpected("before PLTE") }
      guard (1...palette.count).contains(chunk.data.count) else {
        throw chunk.invalidLength(expected: "1 to \(palette.count)")
      }
      transparency = .palette(Array(bytes[chunk.data]))
    case .grayscaleAlpha, .rgba:
      throw chunk.unexpected("in an image with an alpha channel")
    }
  }

  /// Decompresses, restores the rows and unpacks the samples.
  func image() throws(ImageError) -> PNGImage {
    guard let header else { throw .missingChunk("IHDR") }
    let expected = header.imageDataByteCount
    var bytes: ContiguousArray<UInt8>
    do {
      bytes = try Inflate.decompress(
        zlib: imageData, maximumByteCount: expected, verifiesChecksum: limits.verifiesChecksums)
    } catch .tooLong {
      throw .imageDataTooLong(expected: expected)
    } catch {
      throw .compression(error)
    }
    guard bytes.count == expected else { throw .imageDataTooShort(expected: expected, found: bytes.count) }

    var start = 0
    var firstRow = 0
    for pass in header.passes {
      try PNGFilter.unfilter(&bytes, from: start, pass: pass, distance: header.filterDistance, firstRow: firstRow)
      start += pass.height * (pass.rowByteCount + 1)
      firstRow += pass.height
    }
    let samples = PNGPacking.unpack(bytes, header: header)
    try checkIndices(samples, header)
    return PNGImage(
      header: header, samples: samples, palette: header.colorType == .indexed ? palette : [],
      transparency: transparency, exif: exif)
  }

  private func checkIndices(_ samples: ImageSamples, _ header: PNGHeader) throws(ImageError) {
    guard header.colorType == .indexed, case .uint8(let indices) = samples,
      let largest = indices.max(), Int(largest) >= palette.count,
      let position = indices.firstIndex(where: { Int($0) >= palette.count })
    else { return }
    throw .paletteIndexOutOfRange(
      index: Int(indices[position]), row: position / header.width, column: position % header.width,
      paletteCount: palette.count)
  }
}
