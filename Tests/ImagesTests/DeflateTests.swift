// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport
import Testing

@Suite struct DeflateTests {
  enum Source: String, CaseIterable, Sendable {
    case empty, oneByte, twoBytes, threeEqual, allEqual, incompressible, fewSymbols, repetitive, farRepeats, mixed
    case allBytesOnce, skewed

    var bytes: ContiguousArray<UInt8> {
      var generator = SeededGenerator(seed: 42)
      func random(_ count: Int, below limit: Int = 256) -> ContiguousArray<UInt8> {
        ContiguousArray((0..<count).map { _ in UInt8(Int.random(in: 0..<limit, using: &generator)) })
      }
      switch self {
      case .empty: return []
      case .oneByte: return [7]
      case .twoBytes: return [7, 7]
      case .threeEqual: return [7, 7, 7]
      case .allEqual: return ContiguousArray(repeating: 200, count: 300_000)
      case .incompressible: return random(200_000)
      case .fewSymbols: return random(50_000, below: 3)
      case .repetitive: return ContiguousArray((0..<100_000).map { UInt8($0 % 251) })
      case .farRepeats:
        let block = random(32_768)
        return block + block + random(1) + block
      case .mixed:
        return random(70_000) + ContiguousArray(repeating: 0, count: 70_000) + random(70_000, below: 20)
      case .allBytesOnce: return ContiguousArray(0...255)
      // Byte i occurs about 2^-i times as often: an unlimited code would have more than 15 bits.
      case .skewed:
        return ContiguousArray((1..<600_000).map { UInt8(($0 * 7919 % 599_999 + 1).trailingZeroBitCount) })
      }
    }
  }

  @Test(arguments: Source.allCases) func roundTrip(source: Source) throws {
    let bytes = source.bytes
    for isQuick in [false, true] {
      let packed = Deflate.compress(zlib: bytes, isQuick: isQuick)
      #expect(try Inflate.decompress(zlib: Bitstream(packed), maximumByteCount: bytes.count) == bytes)
    }
  }

  /// Streams of one, two and three pieces, which end within a match, a stored block, or at no bit in particular.
  @Test(arguments: [1, 2], [-2, -1, 0, 1, 2, 3, 258, 300]) func roundTripOfPieces(pieces: Int, more: Int) throws {
    let count = pieces * Deflate.pieceLength + more
    var generator = SeededGenerator(seed: 2)
    let noise = ContiguousArray((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
    let words = ContiguousArray(
      (0..<count).map { index in
        let isChanged = noise[index] & noise[index / 2] & noise[index / 3] & 3 == 3
        return isChanged ? noise[index] : UInt8(index / 7 % 23)
      })
    for bytes in [noise, words, ContiguousArray(repeating: 9, count: count)] {
      let packed = Deflate.compress(zlib: bytes)
      #expect(try Inflate.decompress(zlib: Bitstream(packed), maximumByteCount: count) == bytes)
    }
  }

  /// 20,000 bytes of noise again and again: where a piece begins they are found in the one before.
  @Test func piecesReachBackIntoTheOneBefore() {
    var generator = SeededGenerator(seed: 3)
    let noise = ContiguousArray((0..<20_000).map { _ in UInt8.random(in: 0...255, using: &generator) })
    let bytes = ContiguousArray((0..<4 * Deflate.pieceLength).map { noise[$0 % noise.count] })
    // Each repetition is 78 matches of 258 bytes, of some three bytes each.
    #expect(Deflate.compress(zlib: bytes).count < 20_000 + 53 * 300 + 4 * 200)
  }

  /// Every length around the sizes at which a match, a stored block or a segment of tokens ends.
  @Test func roundTripOfCriticalLengths() throws {
    var generator = SeededGenerator(seed: 1)
    let noise = ContiguousArray((0..<65_540).map { _ in UInt8.random(in: 0...255, using: &generator) })
    for count in [1, 2, 3, 4, 257, 258, 259, 260, 4095, 4096, 4097, 65_534, 65_535, 65_536, 65_537] {
      for bytes in [ContiguousArray(noise[..<count]), ContiguousArray(repeating: 9, count: count)] {
        let packed = Deflate.compress(zlib: bytes)
        #expect(try Inflate.decompress(zlib: Bitstream(packed), maximumByteCount: count) == bytes)
      }
    }
  }

  /// Stored blocks cost five bytes in 65535.
  @Test func noiseGrowsByLittle() {
    let bytes = Source.incompressible.bytes
    #expect(Deflate.compress(zlib: bytes).count <= bytes.count + 5 * (bytes.count / 4096 + 1) + 6)
    #expect(Deflate.compress(zlib: bytes).count > bytes.count)
  }

  /// Noise, zeros and 20 symbols take no more together than one by one: each part gets its own code.
  @Test func blocksFollowTheStatistics() {
    let bytes = Source.mixed.bytes
    let parts = stride(from: 0, to: bytes.count, by: 70_000).map { start in
      Deflate.compress(zlib: ContiguousArray(bytes[start..<start + 70_000])).count
    }
    #expect(parts.count == 3)
    #expect(Deflate.compress(zlib: bytes).count * 100 <= parts.reduce(0, +) * 101)
  }

  /// 258 bytes take at least two bits.
  @Test func constantBytesShrinkToTheLimit() {
    #expect(Deflate.compress(zlib: Source.allEqual.bytes).count < 400)
    #expect(Deflate.compress(zlib: []) == [0x78, 0x9C, 0x03, 0, 0, 0, 0, 1])
  }

  /// fixtures/png/deflate.txt: what zlib at level 6 makes of the rows that our filters should choose, computed by a
  /// second implementation of the filters. The checksum proves that both compress the same bytes.
  @Test(arguments: Fixture.lines("png/deflate.txt")) func comparesWithZlib(fields: [String]) throws {
    let rows = try PNGImage(decoding: Fixture.contents("png/\(fields[0]).png")).filteredRows()
    #expect(rows.count == Int(fields[1]))
    #expect(CRC32.checksum(Array(rows)) == UInt32(fields[2], radix: 16))
    let reference = try #require(Int(fields[3]))
    let found = Deflate.compress(zlib: rows).count
    #expect(found * 100 <= reference * 102, "\(fields[0]): \(found) bytes, zlib has \(reference)")
  }

  @Test func comparesSixImages() {
    #expect(Fixture.lines("png/deflate.txt").count == 6)
  }
}

@Suite struct HuffmanCodeTests {
  /// Σ 2^-length, in units of 2^-15.
  static func kraftSum(_ lengths: [UInt8]) -> Int {
    lengths.reduce(0) { $0 + ($1 > 0 ? 1 << (15 - Int($1)) : 0) }
  }

  /// The cost of an unlimited Huffman code is the sum of all inner nodes.
  static func unlimitedCost(_ frequencies: [Int]) -> Int {
    var queue = frequencies.filter { $0 > 0 }.sorted(by: >)
    var cost = 0
    while queue.count > 1 {
      let sum = queue.removeLast() + queue.removeLast()
      cost += sum
      queue.insert(sum, at: queue.firstIndex { $0 < sum } ?? queue.count)
    }
    return cost
  }

  @Test(arguments: [2, 3, 19, 30, 286]) func isOptimalWhereTheLimitDoesNotBind(symbolCount: Int) {
    var generator = SeededGenerator(seed: UInt64(symbolCount))
    for _ in 0..<20 {
      let frequencies = (0..<symbolCount).map { _ in Int.random(in: 1...40, using: &generator) }
      let lengths = HuffmanCode(frequencies: frequencies, limit: 15).lengths
      let cost = zip(frequencies, lengths).reduce(0) { $0 + $1.0 * Int($1.1) }
      #expect(cost == Self.unlimitedCost(frequencies))
      #expect(Self.kraftSum(lengths) == 1 << 15)
    }
  }

  /// Fibonacci frequencies make the deepest tree.
  @Test func respectsTheLimit() {
    let fibonacci = [1, 1, 2, 3, 5, 8, 13]
    let short = HuffmanCode(frequencies: fibonacci, limit: 4).lengths
    #expect(zip(fibonacci, short).reduce(0) { $0 + $1.0 * Int($1.1) } == Self.bestCost(fibonacci, limit: 4))
    #expect(short.max() == 4)

    var long = [1, 1]
    while long.count < 40 { long.append(long[long.count - 1] + long[long.count - 2]) }
    let lengths = HuffmanCode(frequencies: long, limit: 15).lengths
    #expect(lengths.max() == 15)
    #expect(Self.kraftSum(lengths) == 1 << 15)
  }

  /// The least cost over all length vectors that satisfy Kraft's inequality.
  static func bestCost(_ frequencies: [Int], limit: Int) -> Int {
    func search(_ rest: ArraySlice<Int>, _ room: Int) -> Int {
      guard let first = rest.first else { return 0 }
      return (1...limit).compactMap { length in
        let need = 1 << (limit - length)
        guard need <= room else { return nil }
        let cost = search(rest.dropFirst(), room - need)
        return cost == .max ? nil : cost + first * length
      }.min() ?? .max
    }
    return search(frequencies[...], 1 << limit)
  }

  @Test func smallCodesAreComplete() {
    #expect(HuffmanCode(frequencies: [0, 0, 0], limit: 15).lengths == [1, 1, 0])
    #expect(HuffmanCode(frequencies: [0, 0, 5], limit: 15).lengths == [1, 0, 1])
    #expect(HuffmanCode(frequencies: [5, 0, 0], limit: 15).lengths == [1, 1, 0])
  }
}
