// SPDX-License-Identifier: Apache-2.0

/// A literal, or a match of a length at a distance.
struct DeflateToken {
  /// A literal is its value; a match is length · 2¹⁶ + distance, which no literal reaches.
  let rawValue: UInt32

  @inline(__always)
  init(literal: UInt8) { rawValue = UInt32(literal) }

  @inline(__always)
  init(length: Int, distance: Int) { rawValue = UInt32(truncatingIfNeeded: length &<< 16 | distance) }

  var isLiteral: Bool { rawValue < 256 }
  var length: Int { Int(rawValue >> 16) }
  var distance: Int { Int(rawValue & 0xFFFF) }
  var byteCount: Int { isLiteral ? 1 : length }

  /// Inverts RFC 1951, 3.2.5: above 10, every power of two is divided into four symbols; 258 has its own.
  var lengthSymbol: Int {
    let value = length - DeflateAlphabet.minimumMatch
    if value < 8 { return 257 + value }
    if length == DeflateAlphabet.maximumMatch { return 285 }
    let exponent = Int.bitWidth - 1 - value.leadingZeroBitCount
    return 257 + 4 * (exponent - 1) + (value >> (exponent - 2) & 3)
  }

  /// As for lengths, with two symbols for each power of two.
  var distanceSymbol: Int {
    let value = distance - 1
    if value < 4 { return value }
    let exponent = Int.bitWidth - 1 - value.leadingZeroBitCount
    return 2 * exponent + (value >> (exponent - 1) & 1)
  }
}

/// How often a stretch of tokens uses each symbol.
struct DeflateHistogram {
  var literals = [Int](repeating: 0, count: 286)
  var distances = [Int](repeating: 0, count: 30)
  /// Of the uncompressed data.
  var byteCount = 0

  mutating func add(_ token: DeflateToken) {
    byteCount += token.byteCount
    if token.isLiteral {
      literals[Int(token.rawValue)] += 1
    } else {
      literals[token.lengthSymbol] += 1
      distances[token.distanceSymbol] += 1
    }
  }

  func adding(_ other: DeflateHistogram) -> DeflateHistogram {
    var sum = self
    for index in literals.indices { sum.literals[index] += other.literals[index] }
    for index in distances.indices { sum.distances[index] += other.distances[index] }
    sum.byteCount += other.byteCount
    return sum
  }

  /// Bits after the codes, the same for every code.
  var extraBitCount: Int {
    let lengthBits = zip(literals[257...], DeflateAlphabet.lengthExtraBits).reduce(0) { $0 + $1.0 * Int($1.1) }
    return zip(distances, DeflateAlphabet.distanceExtraBits).reduce(lengthBits) { $0 + $1.0 * Int($1.1) }
  }
}

/// The two codes of a block and how the block transmits them.
struct DeflateBlockCode {
  let literals: HuffmanCode
  let distances: HuffmanCode
  /// Nil for the fixed code.
  let header: DeflateCodeHeader?
  /// Of the whole block but its three header bits.
  let bitCount: Int

  /// The best dynamic code for a block with this histogram.
  init(dynamic histogram: DeflateHistogram) {
    var frequencies = histogram.literals
    frequencies[DeflateAlphabet.endOfBlock] = 1
    literals = HuffmanCode(frequencies: frequencies, limit: 15)
    distances = HuffmanCode(frequencies: histogram.distances, limit: 15)
    let header = DeflateCodeHeader(literals: literals.lengths, distances: distances.lengths)
    self.header = header
    bitCount =
      header.bitCount + literals.bitCount(frequencies) + distances.bitCount(histogram.distances)
      + histogram.extraBitCount
  }

  /// The fixed code (3.2.6).
  init(fixed histogram: DeflateHistogram) {
    literals = HuffmanCode(lengths: DeflateAlphabet.fixedLiteralLengths)
    distances = HuffmanCode(lengths: DeflateAlphabet.fixedDistanceLengths)
    header = nil
    var frequencies = histogram.literals
    frequencies[DeflateAlphabet.endOfBlock] = 1
    bitCount = literals.bitCount(frequencies) + distances.bitCount(histogram.distances) + histogram.extraBitCount
  }

  /// Writes the codes, the tokens and the end of the block.
  func write(_ tokens: ArraySlice<DeflateToken>, to writer: inout BitWriter) {
    header?.write(to: &writer)
    let literalCodes = literals.reversedCodes
    let distanceCodes = distances.reversedCodes
    for token in tokens {
      if token.isLiteral {
        let symbol = Int(token.rawValue)
        writer.append(UInt64(literalCodes[symbol]), count: Int(literals.lengths[symbol]))
        continue
      }
      let symbol = token.lengthSymbol
      var bits = UInt64(literalCodes[symbol])
      var count = UInt64(literals.lengths[symbol])
      bits |= UInt64(token.length - Int(DeflateAlphabet.lengthBases[symbol - 257])) &<< count
      count += UInt64(DeflateAlphabet.lengthExtraBits[symbol - 257])
      let distanceSymbol = token.distanceSymbol
      bits |= UInt64(distanceCodes[distanceSymbol]) &<< count
      count += UInt64(distances.lengths[distanceSymbol])
      bits |= UInt64(token.distance - Int(DeflateAlphabet.distanceBases[distanceSymbol])) &<< count
      count += UInt64(DeflateAlphabet.distanceExtraBits[distanceSymbol])
      writer.append(bits, count: Int(count))
    }
    writer.append(
      UInt64(literalCodes[DeflateAlphabet.endOfBlock]), count: Int(literals.lengths[DeflateAlphabet.endOfBlock]))
  }
}

/// The lengths of both codes of a dynamic block, run-length coded and Huffman coded.
///
/// - Source: RFC 1951, 3.2.7.
struct DeflateCodeHeader {
  private let literalCount: Int
  private let distanceCount: Int
  private let code: HuffmanCode
  /// How many lengths of `code` are sent, in `DeflateAlphabet.codeLengthOrder`.
  private let codeLengthCount: Int
  private let symbols: [(symbol: UInt8, extra: UInt8)]

  private static let extraBits: [Int] = [Int](repeating: 0, count: 16) + [2, 3, 7]

  init(literals: [UInt8], distances: [UInt8]) {
    literalCount = max(257, (literals.lastIndex { $0 > 0 } ?? 0) + 1)
    distanceCount = max(1, (distances.lastIndex { $0 > 0 } ?? 0) + 1)
    symbols = Self.runs(in: literals[..<literalCount] + distances[..<distanceCount])
    var frequencies = [Int](repeating: 0, count: 19)
    for (symbol, _) in symbols { frequencies[Int(symbol)] += 1 }
    let code = HuffmanCode(frequencies: frequencies, limit: 7)
    self.code = code
    codeLengthCount = max(4, (DeflateAlphabet.codeLengthOrder.lastIndex { code.lengths[$0] > 0 } ?? 0) + 1)
  }

  /// Codes runs greedily: 16 repeats the last length 3 to 6 times, 17 and 18 stand for 3 to 10 and 11 to 138 zeros.
  private static func runs(in lengths: ArraySlice<UInt8>) -> [(symbol: UInt8, extra: UInt8)] {
    var result: [(symbol: UInt8, extra: UInt8)] = []
    var index = lengths.startIndex
    while index < lengths.endIndex {
      let value = lengths[index]
      var run = lengths[index...].prefix { $0 == value }.count
      index += run
      if value != 0 {
        result.append((value, 0))
        run -= 1
      }
      while run >= 3 {
        let count = min(run, value == 0 ? 138 : 6)
        let symbol: UInt8 = value != 0 ? 16 : count <= 10 ? 17 : 18
        result.append((symbol, UInt8(count - (symbol == 18 ? 11 : 3))))
        run -= count
      }
      for _ in 0..<run { result.append((value, 0)) }
    }
    return result
  }

  var bitCount: Int {
    symbols.reduce(14 + 3 * codeLengthCount) {
      $0 + Int(code.lengths[Int($1.symbol)]) + Self.extraBits[Int($1.symbol)]
    }
  }

  func write(to writer: inout BitWriter) {
    writer.append(UInt64(literalCount - 257), count: 5)
    writer.append(UInt64(distanceCount - 1), count: 5)
    writer.append(UInt64(codeLengthCount - 4), count: 4)
    for symbol in DeflateAlphabet.codeLengthOrder.prefix(codeLengthCount) {
      writer.append(UInt64(code.lengths[symbol]), count: 3)
    }
    let codes = code.reversedCodes
    for (symbol, extra) in symbols {
      writer.append(UInt64(codes[Int(symbol)]), count: Int(code.lengths[Int(symbol)]))
      writer.append(UInt64(extra), count: Self.extraBits[Int(symbol)])
    }
  }
}
