// SPDX-License-Identifier: Apache-2.0

extension PNMImage {
  /// Reads the first image of a file of type P1 to P7.
  ///
  /// The raster's size is compared with the size of the file before anything is allocated.
  public init(decoding bytes: [UInt8], limits: DecodingLimits = DecodingLimits()) throws(ImageError) {
    guard !bytes.isEmpty else { throw .emptyFile }
    let found = ImageFormat.sniff(bytes)
    guard found == .pnm else { throw .unexpectedFormat(expected: .pnm, found: found) }
    var reader = PNMReader(bytes)
    self = try reader.image(limits: limits)
  }

  /// The size that a file's beginning tells; nil if the header is damaged or not in it.
  static func size(inHeader bytes: [UInt8]) -> (width: Int, height: Int)? {
    var reader = PNMReader(bytes)
    return try? reader.size()
  }
}

/// A position in a file and the ways to read on from it.
private struct PNMReader {
  let bytes: [UInt8]
  var offset = 2

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func image(limits: DecodingLimits) throws(ImageError) -> PNMImage {
    let type = bytes[1] - UInt8(ascii: "0")
    let header = try type == 7 ? readPAMHeader(limits) : readHeader(type: type, limits)
    let samples: ImageSamples
    switch type {
    case 1: samples = try readPlainBits(header)
    case 2, 3: samples = try readPlain(header)
    case 4: samples = try readPackedBits(header)
    default: samples = try readRaw(header)
    }
    return PNMImage(
      width: header.width, height: header.height, colorType: header.colorType, hasAlpha: header.hasAlpha,
      maximum: header.maximum, samples: samples)
  }

  mutating func size() throws(ImageError) -> (width: Int, height: Int) {
    let type = bytes[1] - UInt8(ascii: "0")
    let header = try type == 7 ? readPAMHeader(DecodingLimits()) : readHeader(type: type, DecodingLimits())
    return (header.width, header.height)
  }

  /// Width, height and, but for PBM, maximum; numbers separated by white space and comments.
  private mutating func readHeader(type: UInt8, _ limits: DecodingLimits) throws(ImageError) -> PNMHeader {
    var header = PNMHeader()
    header.width = try readNumber("width")
    header.height = try readNumber("height")
    header.colorType = type % 3 == 0 ? .rgb : type % 3 == 2 ? .grayscale : .blackAndWhite
    if header.colorType != .blackAndWhite { header.maximum = try readMaximum(limit: 65535) }
    try limits.check(width: header.width, height: header.height)
    if type >= 4 { try skipSeparator() }
    return header
  }

  private mutating func readMaximum(limit: Int) throws(ImageError) -> Int {
    skipSpace()
    let start = offset
    let value = try readNumber("maximum")
    guard (1...limit).contains(value) else {
      throw .invalidField("maximum", offset: start, found: "\(value)", expected: "1 to \(limit)")
    }
    return value
  }

  /// One white space, or a comment up to the end of its line, parts a raw raster from its header.
  private mutating func skipSeparator() throws(ImageError) {
    guard offset < bytes.count else { return }
    if bytes[offset] == UInt8(ascii: "#") { skipLine() } else { offset += 1 }
  }

  /// Lines of a keyword and a value, in any order, up to `ENDHDR`.
  private mutating func readPAMHeader(_ limits: DecodingLimits) throws(ImageError) -> PNMHeader {
    var header = PNMHeader()
    var depth = 0
    var tupleType = ""
    var offsets: [String: Int] = [:]
    while true {
      let start = skipSpace()
      let keyword = readWord()
      if keyword == "ENDHDR" { break }
      switch keyword {
      case "WIDTH": header.width = try readNumber("width")
      case "HEIGHT": header.height = try readNumber("height")
      case "DEPTH": depth = try readNumber("depth")
      case "MAXVAL": header.maximum = try readMaximum(limit: 65535)
      case "TUPLTYPE":
        skipSpace()
        tupleType = readWord()
      case "": throw .missingField("ENDHDR")
      default:
        throw .invalidField(
          "keyword", offset: start, found: String(keyword.prefix(16)), expected: "a PAM keyword such as WIDTH")
      }
      offsets[keyword] = start
    }
    for field in ["WIDTH", "HEIGHT", "DEPTH", "MAXVAL"] where offsets[field] == nil { throw .missingField(field) }
    skipLine()
    try limits.check(width: header.width, height: header.height)
    try interpret(tupleType, depth: depth, offsets, &header)
    return header
  }

  /// A file without a tuple type is understood by its depth.
  private func interpret(
    _ tupleType: String, depth: Int, _ offsets: [String: Int], _ header: inout PNMHeader
  ) throws(ImageError) {
    func invalid(_ name: String, of keyword: String, _ found: String, _ expected: String) -> ImageError {
      .invalidField(name, offset: offsets[keyword] ?? offset, found: found, expected: expected)
    }
    let byDepth = [1: "GRAYSCALE", 2: "GRAYSCALE_ALPHA", 3: "RGB", 4: "RGB_ALPHA"]
    let name = tupleType.isEmpty ? byDepth[depth] ?? "" : tupleType
    header.hasAlpha = name.hasSuffix("_ALPHA")
    guard let type = PNMImage.ColorType(rawValue: header.hasAlpha ? String(name.dropLast(6)) : name) else {
      throw tupleType.isEmpty
        ? invalid("depth", of: "DEPTH", "\(depth)", "1 to 4")
        : invalid("tuple type", of: "TUPLTYPE", String(name.prefix(16)), "BLACKANDWHITE, GRAYSCALE or RGB")
    }
    header.colorType = type
    guard depth == header.channelCount else {
      throw invalid("depth", of: "DEPTH", "\(depth)", "\(header.channelCount) for \(name)")
    }
    guard type != .blackAndWhite || header.maximum == 1 else {
      throw invalid("maximum", of: "MAXVAL", "\(header.maximum)", "1 for \(name)")
    }
  }

  private func needs(_ count: Int) throws(ImageError) {
    guard count <= bytes.count - offset else {
      throw .truncated(.pnm, element: "raster", offset: offset, needed: count, available: bytes.count - offset)
    }
  }

  /// P1: digits 0 and 1, which need no space between them.
  private mutating func readPlainBits(_ header: PNMHeader) throws(ImageError) -> ImageSamples {
    try needs(header.sampleCount)
    var samples = ContiguousArray<UInt8>()
    samples.reserveCapacity(header.sampleCount)
    let start = offset
    for _ in 0..<header.sampleCount {
      skipSpace()
      guard offset < bytes.count else {
        throw .truncated(
          .pnm, element: "raster", offset: start, needed: header.sampleCount, available: samples.count)
      }
      let digit = bytes[offset] &- UInt8(ascii: "0")
      guard digit <= 1 else {
        throw .invalidField("sample", offset: offset, found: foundText(), expected: "0 or 1")
      }
      samples.append(1 - digit)
      offset += 1
    }
    return .uint8(samples)
  }

  /// P2 and P3: decimal numbers. Each but the last takes two bytes at least.
  private mutating func readPlain(_ header: PNMHeader) throws(ImageError) -> ImageSamples {
    try needs(2 * header.sampleCount - 1)
    var samples = ContiguousArray<UInt16>()
    samples.reserveCapacity(header.sampleCount)
    for _ in 0..<header.sampleCount {
      skipSpace()
      let start = offset
      let value = try readNumber("sample")
      guard value <= header.maximum else {
        throw .sampleAboveMaximum(value, maximum: header.maximum, offset: start)
      }
      samples.append(UInt16(value))
    }
    return header.maximum > 255
      ? .uint16(samples) : .uint8(ContiguousArray(samples.lazy.map { UInt8(truncatingIfNeeded: $0) }))
  }

  /// P4: eight pixels to a byte from the high bit, rows start at a byte, 1 is black.
  private func readPackedBits(_ header: PNMHeader) throws(ImageError) -> ImageSamples {
    let rowByteCount = (header.width + 7) / 8
    try needs(rowByteCount * header.height)
    var samples = ContiguousArray<UInt8>()
    samples.reserveCapacity(header.sampleCount)
    for row in 0..<header.height {
      let start = offset + row * rowByteCount
      for column in 0..<header.width { samples.append(~bytes[start + column / 8] >> UInt8(7 - column % 8) & 1) }
    }
    return .uint8(samples)
  }

  /// P5, P6 and P7: one byte for each sample, or two, big-endian, if the maximum is above 255.
  private func readRaw(_ header: PNMHeader) throws(ImageError) -> ImageSamples {
    let count = header.sampleCount
    if header.maximum <= 255 {
      try needs(count)
      let samples = ContiguousArray(bytes[offset..<offset + count])
      if header.maximum < 255, let index = samples.firstIndex(where: { Int($0) > header.maximum }) {
        throw .sampleAboveMaximum(Int(samples[index]), maximum: header.maximum, offset: offset + index)
      }
      return .uint8(samples)
    }
    try needs(2 * count)
    var samples = ContiguousArray<UInt16>()
    samples.reserveCapacity(count)
    for start in stride(from: offset, to: offset + 2 * count, by: 2) {
      let value = UInt16(bytes[start]) << 8 | UInt16(bytes[start + 1])
      guard Int(value) <= header.maximum else {
        throw .sampleAboveMaximum(Int(value), maximum: header.maximum, offset: start)
      }
      samples.append(value)
    }
    return .uint16(samples)
  }
}

extension PNMReader {
  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  /// Skips white space and comments and returns the offset.
  @discardableResult
  private mutating func skipSpace() -> Int {
    while offset < bytes.count {
      if bytes[offset] == UInt8(ascii: "#") {
        skipLine()
      } else if Self.isSpace(bytes[offset]) {
        offset += 1
      } else {
        break
      }
    }
    return offset
  }

  /// Moves behind the next line feed.
  private mutating func skipLine() {
    while offset < bytes.count && bytes[offset] != 10 { offset += 1 }
    offset = min(offset + 1, bytes.count)
  }

  private mutating func readWord() -> String {
    let start = offset
    while offset < bytes.count && !Self.isSpace(bytes[offset]) { offset += 1 }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  /// Reads a decimal number after white space. Ten digits and more are cut off by `DecodingLimits` or a maximum.
  private mutating func readNumber(_ name: String) throws(ImageError) -> Int {
    skipSpace()
    guard offset < bytes.count else {
      throw .truncated(.pnm, element: name, offset: offset, needed: 1, available: 0)
    }
    let start = offset
    var value = 0
    while offset < bytes.count, case let digit = bytes[offset] &- UInt8(ascii: "0"), digit <= 9 {
      guard offset - start < 10 else {
        throw .invalidField(
          name, offset: start, found: "a number of more than 10 digits", expected: "at most 10 digits")
      }
      value = 10 * value + Int(digit)
      offset += 1
    }
    guard offset > start else {
      throw .invalidField(name, offset: offset, found: foundText(), expected: "a decimal number")
    }
    return value
  }

  /// The byte at the current offset, as messages show it.
  private func foundText() -> String { "byte \(hexadecimal([bytes[offset]]))" }
}
