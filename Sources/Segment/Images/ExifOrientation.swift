// SPDX-License-Identifier: Apache-2.0

extension Orientation {
  private static let tag = 274

  /// The orientation that EXIF data tell: a TIFF header, and tag 274 in the first directory. Nil if there is none, or if
  /// the data are damaged; viewers show such pictures as they are stored.
  ///
  /// - Source: Exif 2.32 (CIPA DC-008), 4.5 and 4.6; TIFF 6.0, section 2.
  public init?(exif bytes: [UInt8]) {
    guard bytes.count >= 8 else { return nil }
    let isLittleEndian: Bool
    switch (bytes[0], bytes[1]) {
    case (UInt8(ascii: "I"), UInt8(ascii: "I")): isLittleEndian = true
    case (UInt8(ascii: "M"), UInt8(ascii: "M")): isLittleEndian = false
    default: return nil
    }
    func number(at offset: Int, byteCount: Int) -> Int? {
      guard offset >= 0 && offset + byteCount <= bytes.count else { return nil }
      let digits = bytes[offset..<offset + byteCount]
      let ordered = isLittleEndian ? Array(digits.reversed()) : Array(digits)
      return ordered.reduce(0) { $0 << 8 | Int($1) }
    }
    guard number(at: 2, byteCount: 2) == 42, let directory = number(at: 4, byteCount: 4),
      let count = number(at: directory, byteCount: 2)
    else { return nil }
    // An entry has 12 bytes: tag, type (3: 16-bit numbers), count, value from the left.
    for entry in 0..<count {
      let start = directory + 2 + 12 * entry
      guard let tag = number(at: start, byteCount: 2) else { return nil }
      guard tag == Self.tag else { continue }
      guard number(at: start + 2, byteCount: 2) == 3, number(at: start + 4, byteCount: 4) == 1,
        let value = number(at: start + 8, byteCount: 2)
      else { return nil }
      self.init(rawValue: value)
      return
    }
    return nil
  }
}
