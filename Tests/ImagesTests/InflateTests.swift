// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport
import Testing

@Suite struct InflateTests {
  /// A stream of fixtures/png/zlib: name, length and CRC-32 of what it decompresses to.
  struct Stream: CustomTestStringConvertible {
    let name: String
    let byteCount: Int
    let checksum: UInt32
    var testDescription: String { name }

    static let all = Fixture.lines("png/zlib/manifest.txt").map { fields in
      Stream(name: fields[0], byteCount: Int(fields[1]) ?? -1, checksum: UInt32(fields[2], radix: 16) ?? 0)
    }

    var bytes: [UInt8] { Fixture.contents("png/zlib/\(name).z") }
  }

  static func inflate(_ bytes: [UInt8], limit: Int = 1 << 20) throws(InflateError) -> ContiguousArray<UInt8> {
    try Inflate.decompress(zlib: Bitstream(bytes), maximumByteCount: limit)
  }

  @Test func fixturesArePresent() {
    #expect(Stream.all.count == 18)
  }

  @Test(arguments: Stream.all) func decompressesWhatZlibWrote(stream: Stream) throws {
    let result = try Self.inflate(stream.bytes)
    #expect(result.count == stream.byteCount)
    #expect(CRC32.checksum(Array(result)) == stream.checksum)
  }

  /// A limit of exactly the length is enough, one byte less is not.
  @Test(arguments: Stream.all) func respectsTheLimit(stream: Stream) throws {
    #expect(try Self.inflate(stream.bytes, limit: stream.byteCount).count == stream.byteCount)
    guard stream.byteCount > 0 else { return }
    #expect(throws: InflateError.tooLong(limit: stream.byteCount - 1)) {
      try Self.inflate(stream.bytes, limit: stream.byteCount - 1)
    }
  }

  @Test(arguments: Stream.all) func everyPrefixIsTruncated(stream: Stream) {
    let bytes = stream.bytes
    for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 97)) {
      #expect(throws: InflateError.truncated(byteCount: count)) { try Self.inflate(Array(bytes[..<count])) }
    }
  }

  /// Six million blocks of ten bits that hold nothing: codes that are made anew for each take half a minute.
  @Test(.timeLimit(.minutes(1))) func emptyBlocksOfTheFixedCodeAreQuick() throws {
    // Four blocks of 0, 01, 0000000 fill five bytes; the last one is 1, 01, 0000000.
    let four: [UInt8] = [0x02, 0x08, 0x20, 0x80, 0x00]
    var bytes: [UInt8] = [0x78, 0x9C]
    for _ in 0..<1_500_000 { bytes += four }
    bytes += [0x03, 0x00, 0, 0, 0, 1]
    let start = ContinuousClock.now
    #expect(try Self.inflate(bytes).isEmpty)
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  /// Image data in chunks of a byte: each may not copy those before it.
  @Test(.timeLimit(.minutes(1))) func smallPortionsAreQuick() {
    let bytes = [UInt8](repeating: 7, count: 4_000_000)
    var stream = Bitstream()
    let start = ContinuousClock.now
    for index in bytes.indices { stream.append(bytes, in: index..<index + 1) }
    #expect(stream.byteCount == bytes.count)
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func packedBytesDoNotDependOnTheirPortions() throws {
    let bytes = Stream.all[6].bytes
    var stream = Bitstream()
    var start = 0
    var length = 0
    while start < bytes.count {
      stream.append(bytes, in: start..<min(start + length, bytes.count))
      start += length
      length += 1
    }
    #expect(stream.byteCount == bytes.count)
    #expect(try Inflate.decompress(zlib: stream, maximumByteCount: 6500) == Self.inflate(bytes))
  }

  @Test func checksumsCanBeSkipped() throws {
    var bytes = Deflate.compress(zlib: [1, 2, 3])
    bytes[bytes.count - 1] ^= 1
    #expect(throws: InflateError.checksumMismatch(declared: 0x000D_0006, computed: 0x000D_0007)) {
      try Self.inflate(bytes)
    }
    let result = try Inflate.decompress(zlib: Bitstream(bytes), maximumByteCount: 3, verifiesChecksum: false)
    #expect(result == [1, 2, 3])
  }
}

/// Streams written bit by bit, each with one fault (RFC 1950, RFC 1951).
@Suite struct CorruptStreamTests {
  /// Bits in stream order, packed behind a valid zlib header.
  static func stream(_ bits: String) -> [UInt8] {
    let digits = bits.filter { $0 != " " }.map { $0 == "1" ? UInt8(1) : 0 }
    return [0x78, 0x9C]
      + stride(from: 0, to: digits.count, by: 8).map { start in
        digits[start..<min(start + 8, digits.count)].enumerated().reduce(0) { $0 | $1.element << UInt8($1.offset) }
      }
  }

  /// The first 17 bits of a dynamic block: last, type 2, and three counts.
  static func dynamic(_ literals: Int, _ distances: Int, _ codeLengths: [Int]) -> String {
    func field(_ value: Int, _ count: Int) -> String {
      (0..<count).map { value >> $0 & 1 == 1 ? "1" : "0" }.joined()
    }
    return "1 01" + field(literals - 257, 5) + field(distances - 1, 5) + field(codeLengths.count - 4, 4)
      + codeLengths.map { field($0, 3) }.joined()
  }

  static func zeros(_ count: Int) -> [Int] { [Int](repeating: 0, count: count) }

  /// In transmission order the code length symbols are 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1.
  static let cases: [([UInt8], InflateError)] = [
    ([0x78], .truncated(byteCount: 1)),
    ([0x78, 0x9D, 0], .invalidHeader(0x789D)),
    ([0x77, 0x9C, 0], .invalidHeader(0x779C)),
    ([0x88, 0x1C, 0], .invalidHeader(0x881C)),
    ([0x78, 0xBB, 0], .presetDictionary),
    (stream("1 11"), .invalidBlockType(offset: 2)),
    (stream("0 10 0000000 1 11 00000"), .invalidBlockType(offset: 3)),
    ([0x78, 0x9C, 1, 5, 0, 5, 0, 9], .storedLengthMismatch(length: 5, complement: 5, offset: 2)),
    ([0x78, 0x9C, 1, 5, 0, 250, 255, 9, 9, 9, 9], .truncated(byteCount: 11)),
    // Fixed code: 286 is 11000110, 257 is 0000001 with distance 00000, distance symbol 30 is 11110.
    (stream("1 10 11000110 0000"), .invalidSymbol(.literalLength, offset: 2)),
    (stream("1 10 00110000 0000001 11110 00"), .invalidSymbol(.distance, offset: 3)),
    (stream("1 10 00110000 0000001 00001 00"), .distanceTooFar(distance: 2, available: 1, offset: 3)),
    (stream("1 10 0000001 00000 00"), .distanceTooFar(distance: 1, available: 0, offset: 2)),
    (stream(dynamic(287, 1, [0, 0, 0, 0])), .tooManySymbols(literalLengths: 287, distances: 1)),
    (stream(dynamic(257, 31, [0, 0, 0, 0])), .tooManySymbols(literalLengths: 257, distances: 31)),
    (stream(dynamic(257, 1, [1, 1, 1, 0])), .oversubscribedCode(.codeLength)),
    (stream(dynamic(257, 1, [0, 0, 1, 0])), .incompleteCode(.codeLength)),
    (stream(dynamic(257, 1, [0, 0, 0, 0])), .incompleteCode(.codeLength)),
    // Symbol 16 is coded 1, symbol 0 is coded 0.
    (stream(dynamic(257, 1, [1, 0, 0, 1]) + "1 00"), .invalidRepeat(offset: 5)),
    // Symbol 18 is coded 1: twice 138 zeros are more than 258.
    (stream(dynamic(257, 1, [0, 0, 1, 1]) + "1 1111111 1 1111111"), .invalidRepeat(offset: 6)),
    // 138 + 120 zeros: no end of block.
    (stream(dynamic(257, 1, [0, 0, 1, 1]) + "1 1111111 1 1011011"), .missingEndOfBlock),
    // Symbols 1 (coded 0) and 18 (coded 1): three literal codes of one bit, then three distance codes.
    (
      stream(dynamic(257, 1, [0, 0, 1] + zeros(14) + [1]) + "0 0 1 1111111 1 1001011 0 0"),
      .oversubscribedCode(.literalLength)
    ),
    (
      stream(dynamic(257, 3, [0, 0, 1] + zeros(14) + [1]) + "0 1 1111111 1 0101011 0 0 0 0"),
      .oversubscribedCode(.distance)
    ),
    // Symbols 2 (coded 0) and 18 (coded 1): the only code has two bits. One bit is allowed.
    (
      stream(dynamic(257, 1, [0, 0, 1] + zeros(12) + [1]) + "1 1111111 1 1101011 0 0"),
      .incompleteCode(.literalLength)
    ),
    // Symbols 18 (coded 0), 1 (coded 10) and 2 (coded 11).
    (
      stream(dynamic(257, 1, [0, 0, 1] + zeros(12) + [2, 0, 2]) + "0 1111111 0 1101011 10 11"),
      .incompleteCode(.distance)
    ),
    // Fewer than two codes, which the standard allows: only the unused half of the single code is an error.
    (
      stream(dynamic(257, 1, [0, 0, 1] + zeros(14) + [1]) + "1 1111111 1 1101011 0 0" + "1 00000000"),
      .invalidSymbol(.literalLength, offset: 13)
    ),
  ]

  @Test(arguments: cases) func reportsTheFault(bytes: [UInt8], expected: InflateError) {
    #expect(throws: expected) { try InflateTests.inflate(bytes) }
    #expect(!expected.description.isEmpty)
  }
}
