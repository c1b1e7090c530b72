// SPDX-License-Identifier: Apache-2.0

/// Decompresses zlib streams.
///
/// - Source: RFC 1950 (zlib) and RFC 1951 (deflate); section numbers below are those of RFC 1951.
package struct Inflate {
  private let input: Bitstream
  /// In bits; at most 64 beyond `input.bitCount`, never beyond it when a method returns.
  private var position = 0
  /// The first `count` bytes are valid; the rest is room to write into.
  private var output: ContiguousArray<UInt8>
  private var count = 0
  private let maximumByteCount: Int
  /// Those of 3.2.6, once they are needed: a block that uses them may be ten bits long, and making them takes longer than
  /// all else.
  private var fixedCodes: (literals: HuffmanDecoder, distances: HuffmanDecoder)?

  /// Decompresses a whole stream. Bytes after its checksum are ignored.
  ///
  /// Memory starts at a small multiple of the input and doubles as data arrives, up to `maximumByteCount`.
  package static func decompress(
    zlib input: Bitstream, maximumByteCount: Int, verifiesChecksum: Bool = true
  ) throws(InflateError) -> ContiguousArray<UInt8> {
    var inflate = Inflate(input, maximumByteCount: maximumByteCount)
    try inflate.readZlibHeader()
    while try !inflate.readBlock() {}
    inflate.output.removeLast(inflate.output.count - inflate.count)
    try inflate.readChecksum(verifies: verifiesChecksum)
    return inflate.output
  }

  private init(_ input: Bitstream, maximumByteCount: Int) {
    self.input = input
    self.maximumByteCount = maximumByteCount
    let first = min(maximumByteCount, 8 * input.byteCount + 4096) + Self.slack
    output = ContiguousArray(repeating: 0, count: first)
  }

  /// Room for one match plus one literal, so that one check covers a turn of the symbol loop.
  private static let slack = DeflateAlphabet.maximumMatch + 2

  private mutating func readZlibHeader() throws(InflateError) {
    let high = try UInt16(read(8))
    let header = try high << 8 | UInt16(read(8))
    guard high & 0x0F == 8, high >> 4 <= 7, header % 31 == 0 else { throw .invalidHeader(header) }
    guard header & 0x20 == 0 else { throw .presetDictionary }
  }

  private mutating func readChecksum(verifies: Bool) throws(InflateError) {
    position = (position + 7) & ~7
    var declared: UInt32 = 0
    for _ in 0..<4 { declared = try declared << 8 | UInt32(read(8)) }
    guard verifies else { return }
    let computed = Adler32.checksum(output)
    guard declared == computed else { throw .checksumMismatch(declared: declared, computed: computed) }
  }

  /// Reads `count` ≤ 32 bits as a number.
  private mutating func read(_ count: Int) throws(InflateError) -> Int {
    guard position + count <= input.bitCount else { throw .truncated(byteCount: input.byteCount) }
    let value = bits(of: input.words.span, at: position) & (1 << UInt64(count) - 1)
    position += count
    return Int(value)
  }

  /// Reads one block (3.2.3) and returns true after the last one.
  private mutating func readBlock() throws(InflateError) -> Bool {
    let offset = position >> 3
    let isLast = try read(1) == 1
    switch try read(2) {
    case 0:
      try readStored(offset: offset)
    case 1:
      if fixedCodes == nil { fixedCodes = try Self.makeFixedCodes() }
      if let (literals, distances) = fixedCodes { try readSymbols(literals, distances) }
    case 2:
      let (literals, distances) = try readCodes()
      try readSymbols(literals, distances)
    default:
      throw .invalidBlockType(offset: offset)
    }
    return isLast
  }

  /// 3.2.4: bytes after a length and its complement, aligned to a byte.
  private mutating func readStored(offset: Int) throws(InflateError) {
    position = (position + 7) & ~7
    let length = try UInt16(read(16))
    let complement = try UInt16(read(16))
    guard length == ~complement else {
      throw .storedLengthMismatch(length: length, complement: complement, offset: offset)
    }
    guard position + 8 * Int(length) <= input.bitCount else { throw .truncated(byteCount: input.byteCount) }
    guard count + Int(length) <= maximumByteCount else { throw .tooLong(limit: maximumByteCount) }
    while output.count < count + Int(length) + Self.slack { try grow() }
    let source = input
    for index in count..<count + Int(length) {
      output[index] = UInt8(truncatingIfNeeded: bits(of: source.words.span, at: position))
      position += 8
    }
    count += Int(length)
  }

  /// 3.2.7: the two codes of a dynamic block, themselves coded.
  private mutating func readCodes() throws(InflateError) -> (HuffmanDecoder, HuffmanDecoder) {
    let literalCount = try read(5) + 257
    let distanceCount = try read(5) + 1
    let codeLengthCount = try read(4) + 4
    guard literalCount <= 286 && distanceCount <= 30 else {
      throw .tooManySymbols(literalLengths: literalCount, distances: distanceCount)
    }
    var codeLengths = [UInt8](repeating: 0, count: 19)
    for symbol in DeflateAlphabet.codeLengthOrder.prefix(codeLengthCount) {
      codeLengths[symbol] = try UInt8(read(3))
    }
    let decoder = try HuffmanDecoder(lengths: codeLengths[...], alphabet: .codeLength)
    var lengths: [UInt8] = []
    while lengths.count < literalCount + distanceCount {
      let window = bits(of: input.words.span, at: position) & UInt64(decoder.entries.count - 1)
      let entry = decoder.entries[Int(window)]
      _ = try read(Int(entry & 0xFF))
      let offset = position >> 3
      let value: UInt8
      let repeats: Int
      switch entry >> 16 {
      case 16:
        guard let last = lengths.last else { throw .invalidRepeat(offset: offset) }
        (value, repeats) = try (last, read(2) + 3)
      case 17: (value, repeats) = try (0, read(3) + 3)
      case 18: (value, repeats) = try (0, read(7) + 11)
      case let length: (value, repeats) = (UInt8(length), 1)
      }
      lengths.append(contentsOf: repeatElement(value, count: repeats))
      guard lengths.count <= literalCount + distanceCount else { throw .invalidRepeat(offset: offset) }
    }
    guard lengths[DeflateAlphabet.endOfBlock] > 0 else { throw .missingEndOfBlock }
    return try (
      HuffmanDecoder(lengths: lengths[..<literalCount], alphabet: .literalLength),
      HuffmanDecoder(lengths: lengths[literalCount...], alphabet: .distance)
    )
  }

  private static func makeFixedCodes() throws(InflateError) -> (HuffmanDecoder, HuffmanDecoder) {
    try (
      HuffmanDecoder(lengths: DeflateAlphabet.fixedLiteralLengths[...], alphabet: .literalLength),
      HuffmanDecoder(lengths: DeflateAlphabet.fixedDistanceLengths[...], alphabet: .distance)
    )
  }

  /// Reads the symbols of a block up to its end.
  private mutating func readSymbols(_ literals: HuffmanDecoder, _ distances: HuffmanDecoder) throws(InflateError) {
    while try !Self.readSymbols(literals, distances, input, &position, into: &output, &count) { try grow() }
    guard count <= maximumByteCount else { throw .tooLong(limit: maximumByteCount) }
  }

  /// Doubles the room for output, up to the maximum.
  private mutating func grow() throws(InflateError) {
    guard count <= maximumByteCount else { throw .tooLong(limit: maximumByteCount) }
    let size = min(2 * output.count, maximumByteCount + 2 * Self.slack)
    output.append(contentsOf: repeatElement(0, count: max(0, size - output.count)))
  }
}
