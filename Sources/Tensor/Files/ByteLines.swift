// SPDX-License-Identifier: Apache-2.0

/// The lines of a text one after the other, empty ones too, without the byte that ends them.
///
/// An array of them would be 32 bytes for each, and a line may be a single byte.
package struct ByteLines: Sequence, IteratorProtocol {
  private let bytes: [UInt8]
  private let separator: UInt8
  private var start: Int? = 0

  package init(_ bytes: [UInt8], separator: UInt8 = UInt8(ascii: "\n")) {
    (self.bytes, self.separator) = (bytes, separator)
  }

  package mutating func next() -> ArraySlice<UInt8>? {
    guard let start else { return nil }
    let end = bytes[start...].firstIndex(of: separator)
    self.start = end.map { $0 + 1 }
    return bytes[start..<(end ?? bytes.count)]
  }
}
