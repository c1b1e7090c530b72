// SPDX-License-Identifier: Apache-2.0

/// A canonical Huffman code as a lookup table with at most two steps.
///
/// The low `primaryBits` bits of the stream index the first 2^`primaryBits` entries. An entry of kind `link` leads to
/// a subtable for the longer codes that share those bits.
///
/// - Source: RFC 1951, 3.2.2 (canonical codes) and 3.2.5 (lengths and distances).
struct HuffmanDecoder {
  /// Bits 0 ..< 8: bits to consume (for a link: index bits of the subtable). Bits 8 ..< 12: number of extra bits.
  /// Bits 12 ..< 16: kind. Bits 16 ..< 32: literal, base value, or start of the subtable.
  typealias Entry = UInt32

  static let literal: Entry = 1 << 12
  static let endOfBlock: Entry = 1 << 13
  static let link: Entry = 1 << 14
  static let invalid: Entry = 1 << 15

  private(set) var entries: ContiguousArray<Entry>
  let primaryBits: Int

  /// Builds the table for the code whose symbol `s` has `lengths[s]` bits; 0 means that the symbol is not used.
  ///
  /// - Throws: `oversubscribedCode`, or `incompleteCode`; as in zlib a literal/length or distance code may consist of
  ///   one code of one bit, and a distance code may be empty.
  init(lengths: ArraySlice<UInt8>, alphabet: InflateError.Alphabet) throws(InflateError) {
    var counts = [Int](repeating: 0, count: 16)
    for length in lengths { counts[Int(length)] += 1 }
    let usedCount = lengths.count - counts[0]
    counts[0] = 0
    var free = 1
    for count in counts.dropFirst() {
      free = 2 * free - count
      guard free >= 0 else { throw .oversubscribedCode(alphabet) }
    }
    let isSingle = usedCount == 1 && counts[1] == 1 && alphabet != .codeLength
    guard free == 0 || isSingle || (usedCount == 0 && alphabet == .distance) else { throw .incompleteCode(alphabet) }

    var firstCodes = [Int](repeating: 0, count: 16)
    for length in 1..<15 { firstCodes[length + 1] = (firstCodes[length] + counts[length]) << 1 }
    let longest = counts.lastIndex { $0 > 0 } ?? 1
    let primary = min(longest, alphabet == .literalLength ? 10 : 9)
    primaryBits = primary
    entries = ContiguousArray(repeating: Self.invalid, count: 1 << primary)

    let templates = Self.templates(alphabet)
    var longCodes: [(code: Int, length: Int, template: Entry)] = []
    for (length, template) in zip(lengths, templates) where length > 0 {
      let length = Int(length)
      let code = Self.reversed(firstCodes[length], count: length)
      firstCodes[length] += 1
      if length <= primary {
        for index in stride(from: code, to: entries.count, by: 1 << length) {
          entries[index] = template | Entry(length)
        }
      } else {
        longCodes.append((code, length, template))
      }
    }
    appendSubtables(longCodes)
  }

  private mutating func appendSubtables(_ longCodes: [(code: Int, length: Int, template: Entry)]) {
    guard !longCodes.isEmpty else { return }
    let mask = 1 << primaryBits - 1
    var subtableBits = [Int](repeating: 0, count: 1 << primaryBits)
    for (code, length, _) in longCodes {
      subtableBits[code & mask] = max(subtableBits[code & mask], length - primaryBits)
    }
    for (prefix, bits) in subtableBits.enumerated() where bits > 0 {
      entries[prefix] = Self.link | Entry(bits) | Entry(entries.count) << 16
      entries.append(contentsOf: repeatElement(Self.invalid, count: 1 << bits))
    }
    for (code, length, template) in longCodes {
      let start = Int(entries[code & mask] >> 16)
      let end = start + 1 << subtableBits[code & mask]
      for index in stride(from: start + code >> primaryBits, to: end, by: 1 << (length - primaryBits)) {
        entries[index] = template | Entry(length)
      }
    }
  }

  private static func reversed(_ code: Int, count: Int) -> Int {
    var source = code
    var result = 0
    for _ in 0..<count {
      result = result << 1 | source & 1
      source >>= 1
    }
    return result
  }

  private static func templates(_ alphabet: InflateError.Alphabet) -> ContiguousArray<Entry> {
    switch alphabet {
    case .codeLength: codeLengthTemplates
    case .literalLength: literalLengthTemplates
    case .distance: distanceTemplates
    }
  }

  private static let codeLengthTemplates = ContiguousArray<Entry>((0..<19).map { literal | $0 << 16 })

  /// Symbols 286 and 287 have codes in the fixed code but stand for nothing.
  private static let literalLengthTemplates: ContiguousArray<Entry> = {
    var result = ContiguousArray<Entry>((0..<256).map { literal | $0 << 16 })
    result.append(endOfBlock)
    for (base, extraBits) in zip(DeflateAlphabet.lengthBases, DeflateAlphabet.lengthExtraBits) {
      result.append(Entry(base) << 16 | Entry(extraBits) << 8)
    }
    return result + [invalid, invalid]
  }()

  /// Symbols 30 and 31 stand for nothing.
  private static let distanceTemplates: ContiguousArray<Entry> = {
    var result = ContiguousArray<Entry>()
    for (base, extraBits) in zip(DeflateAlphabet.distanceBases, DeflateAlphabet.distanceExtraBits) {
      result.append(Entry(base) << 16 | Entry(extraBits) << 8)
    }
    return result + [invalid, invalid]
  }()
}
