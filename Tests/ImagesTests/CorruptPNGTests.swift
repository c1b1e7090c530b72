// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport
import Testing

/// Good files with one fault each, and the exact error it must raise.
@Suite struct CorruptPNGTests {
  static let rgb = PNGParts(fixture: "rgb-8")
  static let indexed = PNGParts(fixture: "indexed-4-transparent")
  static let gray = PNGParts(fixture: "grayscale-2-transparent")

  static func decode(_ bytes: [UInt8], _ limits: DecodingLimits = DecodingLimits()) throws(ImageError) -> PNGImage {
    try PNGImage(decoding: bytes, limits: limits)
  }

  struct Case: CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let error: ImageError
    var testDescription: String { name }

    init(_ name: String, _ bytes: [UInt8], _ error: ImageError) {
      self.name = name
      self.bytes = bytes
      self.error = error
    }
  }

  static func header(_ index: Int, _ value: UInt8) -> [UInt8] { rgb.with("IHDR") { $0[index] = value }.bytes }

  static func size(_ width: UInt32, _ height: UInt32) -> [UInt8] {
    rgb.with("IHDR") { $0.replaceSubrange(..<8, with: PNGParts.bigEndian(width) + PNGParts.bigEndian(height)) }.bytes
  }

  static let headerCases = [
    Case("empty", [], .emptyFile),
    Case("jpeg", [0xFF, 0xD8, 0xFF, 0xE0], .unexpectedFormat(expected: .png, found: .jpeg)),
    Case("signature only", PNGParts.signature, .missingChunk("IEND")),
    Case("no width", size(0, 5), .zeroSize(width: 0, height: 5)),
    Case("no height", size(5, 0), .zeroSize(width: 5, height: 0)),
    Case("wide", size(1 << 24 + 1, 1), .exceedsLimit(.width, found: 1 << 24 + 1, limit: 1 << 24)),
    Case("high", size(1, .max), .exceedsLimit(.height, found: 0xFFFF_FFFF, limit: 1 << 24)),
    Case("large", size(1 << 15, 1 << 14), .exceedsLimit(.pixelCount, found: 1 << 29, limit: 1 << 28)),
    Case("color type 1", header(9, 1), .invalidColorType(1, bitDepth: 8)),
    Case("color type 7", header(9, 7), .invalidColorType(7, bitDepth: 8)),
    Case("RGB of 4 bits", header(8, 4), .invalidColorType(2, bitDepth: 4)),
    Case("compression", header(10, 1), .invalidMethod("compression", found: 1, maximum: 0)),
    Case("filter", header(11, 1), .invalidMethod("filter", found: 1, maximum: 0)),
    Case("interlace", header(12, 2), .invalidMethod("interlace", found: 2, maximum: 1)),
    Case(
      "long header", rgb.with("IHDR") { $0.append(0) }.bytes,
      .invalidChunkLength(chunk: "IHDR", offset: 8, found: 14, expected: "13")),
  ]

  static let orderCases = [
    Case("no IHDR", rgb.removing("IHDR").bytes, .unexpectedChunk("IDAT", offset: 8, reason: "before IHDR")),
    Case("only IEND", PNGParts.signature + PNGParts.chunk("IEND", []), .missingChunk("IHDR")),
    Case(
      "two IHDR", rgb.inserting("IHDR", [], before: "IDAT").bytes, .unexpectedChunk("IHDR", offset: 33, reason: "twice")
    ),
    Case("no IDAT", rgb.removing("IDAT").bytes, .missingChunk("IDAT")),
    Case("no IEND", rgb.removing("IEND").bytes, .missingChunk("IEND")),
    Case("no PLTE", indexed.removing("tRNS").removing("PLTE").bytes, .missingChunk("PLTE")),
    Case(
      "PLTE after tRNS", indexed.removing("PLTE").bytes, .unexpectedChunk("tRNS", offset: 33, reason: "before PLTE")),
    Case(
      "two PLTE", indexed.inserting("PLTE", [1, 2, 3], before: "tRNS").bytes,
      .unexpectedChunk("PLTE", offset: indexed.offset(of: "tRNS"), reason: "twice")),
    Case(
      "two tRNS", indexed.inserting("tRNS", [1], before: "IDAT").bytes,
      .unexpectedChunk("tRNS", offset: indexed.offset(of: "IDAT"), reason: "twice")),
    Case(
      "PLTE in gray", gray.inserting("PLTE", [1, 2, 3], before: "tRNS").bytes,
      .unexpectedChunk("PLTE", offset: 33, reason: "in a grayscale image")),
    Case(
      "tRNS with alpha", PNGParts(fixture: "rgba-8").inserting("tRNS", [0, 0], before: "IDAT").bytes,
      .unexpectedChunk("tRNS", offset: 33, reason: "in an image with an alpha channel")),
    Case(
      "tRNS after IDAT", rgb.inserting("tRNS", [0, 0, 0, 0, 0, 0], before: "IEND").bytes,
      .unexpectedChunk("tRNS", offset: rgb.offset(of: "IEND"), reason: "after IDAT")),
    Case(
      "PLTE after IDAT", rgb.inserting("PLTE", [0, 0, 0], before: "IEND").bytes,
      .unexpectedChunk("PLTE", offset: rgb.offset(of: "IEND"), reason: "after IDAT")),
    Case(
      "gap in IDAT",
      rgb.inserting("tEXt", [], before: "IEND").inserting("IDAT", [], before: "IEND").bytes,
      .unexpectedChunk("IDAT", offset: rgb.offset(of: "IEND") + 12, reason: "after a chunk that followed IDAT")),
    Case(
      "unknown critical", rgb.inserting("ABCD", [], before: "IDAT").bytes, .unknownCriticalChunk("ABCD", offset: 33)),
    Case(
      "chunk name", rgb.inserting("A1CD", [], before: "IDAT").bytes,
      .invalidChunkName(bytes: Array("A1CD".utf8), offset: 33)),
  ]

  static let lengthCases = [
    Case(
      "palette of 4 bytes", indexed.with("PLTE") { $0 = [1, 2, 3, 4] }.bytes,
      .invalidChunkLength(chunk: "PLTE", offset: 33, found: 4, expected: "a multiple of 3 up to 48")),
    Case(
      "palette of 17 entries", indexed.with("PLTE") { $0 = [UInt8](repeating: 0, count: 51) }.bytes,
      .invalidChunkLength(chunk: "PLTE", offset: 33, found: 51, expected: "a multiple of 3 up to 48")),
    Case(
      "empty palette", indexed.with("PLTE") { $0 = [] }.bytes,
      .invalidChunkLength(chunk: "PLTE", offset: 33, found: 0, expected: "a multiple of 3 up to 48")),
    Case(
      "more alpha than palette", indexed.with("tRNS") { $0 = [UInt8](repeating: 0, count: 14) }.bytes,
      .invalidChunkLength(chunk: "tRNS", offset: indexed.offset(of: "tRNS"), found: 14, expected: "1 to 13")),
    Case(
      "gray key of 1 byte", gray.with("tRNS") { $0 = [1] }.bytes,
      .invalidChunkLength(chunk: "tRNS", offset: 33, found: 1, expected: "2")),
    Case(
      "RGB key of 2 bytes", rgb.inserting("tRNS", [0, 0], before: "IDAT").bytes,
      .invalidChunkLength(chunk: "tRNS", offset: 33, found: 2, expected: "6")),
    Case(
      "end with data", rgb.with("IEND") { $0 = [0] }.bytes,
      .invalidChunkLength(chunk: "IEND", offset: rgb.offset(of: "IEND"), found: 1, expected: "0")),
    Case(
      "palette too short", indexed.removing("tRNS").with("PLTE") { $0.removeLast(3) }.bytes,
      { () -> ImageError in
        let indices = Fixture.contents("png/indexed-4.indices")
        let first = indices.firstIndex(of: 12) ?? 0
        return .paletteIndexOutOfRange(index: 12, row: first / 29, column: first % 29, paletteCount: 12)
      }()),
  ]

  /// 23 rows of 29 RGB pixels: 23 · 88 = 2024 bytes.
  static let rows = [UInt8](repeating: 0, count: 2024)

  static let dataCases = [
    Case(
      "filter type", rgb.withRows(rows.enumerated().map { $0.offset == 88 * 4 ? 5 : 0 }).bytes,
      .invalidFilter(5, row: 4)),
    Case("short data", rgb.withRows(rows.dropLast()).bytes, .imageDataTooShort(expected: 2024, found: 2023)),
    Case("long data", rgb.withRows(rows + [0]).bytes, .imageDataTooLong(expected: 2024)),
    Case("no data", rgb.with("IDAT") { $0 = [] }.bytes, .compression(.truncated(byteCount: 0))),
    Case("not zlib", rgb.with("IDAT") { $0[0] = 0 }.bytes, .compression(.invalidHeader(UInt16(rgb.chunks[1].data[1])))),
    Case(
      "truncated stream", rgb.with("IDAT") { $0.removeLast(7) }.bytes,
      .compression(.truncated(byteCount: rgb.chunks[1].data.count - 7))),
    Case(
      "lying size", size(16000, 16000), .imageDataTooShort(expected: 16000 * 48001, found: 2024)),
    Case(
      "Adler-32", rgb.withRows(rows).with("IDAT") { $0[$0.count - 4] ^= 0x80 }.bytes,
      .compression(.checksumMismatch(declared: 0x87E8_0001, computed: 0x07E8_0001))),
  ]

  @Test(arguments: headerCases + orderCases + lengthCases + dataCases) func raisesTheError(fault: Case) {
    #expect(throws: fault.error) { try Self.decode(fault.bytes) }
    let message = fault.error.description
    #expect(message.contains("; ") && !message.hasSuffix("."))
  }

  @Test func reportsBothChecksums() {
    var bytes = Self.rgb.bytes
    let end = Self.rgb.offset(of: "IEND") - 4
    let declared = bytes[end..<end + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    bytes[60] ^= 1
    let computed = CRC32.checksum(bytes, in: 37..<end)
    let error = ImageError.checksumMismatch(chunk: "IDAT", offset: 33, declared: declared, computed: computed)
    #expect(declared != computed)
    #expect(throws: error) { try Self.decode(bytes) }
    let sample = ImageError.checksumMismatch(chunk: "IDAT", offset: 33, declared: 0xA2B_3C4D, computed: 0x5E6F_7A8B)
    #expect(
      sample.description
        == "damaged PNG file: chunk IDAT at byte 33 has checksum 0a2b3c4d, computed 5e6f7a8b; copy or download the file again"
    )
  }

  @Test func skipsChecksumsOnRequest() throws {
    var bytes = Self.rgb.withRows(Self.rows).bytes
    bytes[bytes.count - 1] ^= 1
    bytes[bytes.count - 17] ^= 1
    let image = try Self.decode(bytes, DecodingLimits(verifiesChecksums: false))
    #expect(image.samples == .uint8(ContiguousArray(repeating: 0, count: 2001)))
  }

  /// Every prefix is an error of the right kind.
  @Test func everyPrefixIsTruncated() {
    let bytes = Self.indexed.bytes
    for count in 8..<bytes.count {
      #expect {
        try Self.decode(Array(bytes[..<count]))
      } throws: { error in
        switch error as? ImageError {
        case .truncated(.png, _, let offset, let needed, let available):
          return offset + available == count && needed > available
        case .missingChunk("IEND"): return Self.indexed.chunks.indices.contains { Self.indexed.offset(of: $0) == count }
        default: return false
        }
      }
    }
  }

  @Test func respectsLimits() {
    let bytes = Self.rgb.bytes
    let length = Self.rgb.chunks[1].data.count
    let cases: [(DecodingLimits, ImageError?)] = [
      (DecodingLimits(maximumWidth: 28), .exceedsLimit(.width, found: 29, limit: 28)),
      (DecodingLimits(maximumHeight: 22), .exceedsLimit(.height, found: 23, limit: 22)),
      (DecodingLimits(maximumPixelCount: 666), .exceedsLimit(.pixelCount, found: 667, limit: 666)),
      (DecodingLimits(maximumChunkLength: length - 1), .exceedsLimit(.chunkLength, found: length, limit: length - 1)),
      (
        DecodingLimits(maximumWidth: 29, maximumHeight: 23, maximumPixelCount: 667, maximumChunkLength: length), nil
      ),
    ]
    for (limits, error) in cases {
      if let error {
        #expect(throws: error) { try Self.decode(bytes, limits) }
      } else {
        #expect(throws: Never.self) { try Self.decode(bytes, limits) }
      }
    }
  }

  /// Limits that admit anything must not let sizes overflow.
  @Test func survivesUnlimitedSizes() {
    let unlimited = DecodingLimits(maximumWidth: .max, maximumHeight: .max, maximumPixelCount: .max)
    #expect(throws: ImageError.exceedsLimit(.pixelCount, found: .max, limit: 1 << 48)) {
      try Self.decode(Self.size(.max, .max), unlimited)
    }
    let expected = (1 + 3 << 24) << 24
    #expect(throws: ImageError.imageDataTooShort(expected: expected, found: 2024)) {
      try Self.decode(Self.size(1 << 24, 1 << 24), unlimited)
    }
  }

  /// Mutated files must decode or throw; a trap would end the test run.
  @Test(arguments: ["rgb-8", "indexed-2-transparent", "grayscale-16-interlaced", "rgba-8", "size-9x9-rgb-8-interlaced"])
  func survivesMutations(name: String) {
    let original = Fixture.contents("png/\(name).png")
    var generator = SeededGenerator(seed: 2024)
    let limits = DecodingLimits(maximumPixelCount: 1 << 20, verifiesChecksums: false)
    var decoded = 0
    for _ in 0..<500 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let index = Int.random(in: 8..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[index] = [0, 0xFF, 0x7F, 0x80].randomElement(using: &generator) ?? 0
        case 2: bytes.remove(at: index)
        default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
        }
      }
      if let image = try? Self.decode(bytes, limits) {
        decoded += 1
        #expect(image.rgba().count == 4 * image.width * image.height)
        #expect(image.rgb().pixels.count == 3 * image.width * image.height)
      }
    }
    #expect(decoded > 0, "no mutation reached the pixels")
  }
}
