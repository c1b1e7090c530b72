// SPDX-License-Identifier: Apache-2.0

/// The reason why a zlib stream cannot be decompressed. Offsets are in bytes from the start of the compressed stream.
public enum InflateError: Error, Equatable, Sendable {
  /// The three alphabets of RFC 1951, 3.2.7.
  public enum Alphabet: String, Sendable {
    case codeLength = "code length"
    case literalLength = "literal/length"
    case distance = "distance"
  }

  /// The stream of `byteCount` bytes ends before its last block or checksum.
  case truncated(byteCount: Int)
  /// The method is not deflate with a window of at most 32 KiB, or the header's check bits are wrong (RFC 1950, 2.2).
  case invalidHeader(UInt16)
  case presetDictionary
  case invalidBlockType(offset: Int)
  case storedLengthMismatch(length: UInt16, complement: UInt16, offset: Int)
  case tooManySymbols(literalLengths: Int, distances: Int)
  /// The codes are more than their lengths allow (Kraft sum above 1).
  case oversubscribedCode(Alphabet)
  /// The codes leave bit patterns undefined (Kraft sum below 1).
  case incompleteCode(Alphabet)
  case missingEndOfBlock
  /// A repeat code at the start, or one that passes the last symbol.
  case invalidRepeat(offset: Int)
  /// An undefined bit pattern or symbol.
  case invalidSymbol(Alphabet, offset: Int)
  case distanceTooFar(distance: Int, available: Int, offset: Int)
  case tooLong(limit: Int)
  case checksumMismatch(declared: UInt32, computed: UInt32)
}

extension InflateError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .truncated(let byteCount):
      "the compressed data is truncated after \(byteCount) bytes"
    case .invalidHeader(let value):
      "the compressed data has the header \(hexadecimal([UInt8(value >> 8), UInt8(value & 0xFF)])), expected zlib"
    case .presetDictionary:
      "the compressed data needs a preset dictionary, which PNG does not allow"
    case .invalidBlockType(let offset):
      "the block at byte \(offset) of the compressed data has type 3, expected 0 to 2"
    case .storedLengthMismatch(let length, let complement, let offset):
      "the stored block at byte \(offset) of the compressed data has length \(length), "
        + "which does not match its complement \(complement)"
    case .tooManySymbols(let literalLengths, let distances):
      "a block has \(literalLengths) literal/length and \(distances) distance codes, expected at most 286 and 30"
    case .oversubscribedCode(let alphabet):
      "the \(alphabet.rawValue) code is over-subscribed"
    case .incompleteCode(let alphabet):
      "the \(alphabet.rawValue) code is incomplete"
    case .missingEndOfBlock:
      "the literal/length code has no end-of-block symbol"
    case .invalidRepeat(let offset):
      "the code length repeat at byte \(offset) of the compressed data is out of range"
    case .invalidSymbol(let alphabet, let offset):
      "invalid \(alphabet.rawValue) symbol at byte \(offset) of the compressed data"
    case .distanceTooFar(let distance, let available, let offset):
      "the distance at byte \(offset) of the compressed data is \(distance), only \(available) bytes precede it"
    case .tooLong(let limit):
      "the decompressed data is longer than \(limit) bytes"
    case .checksumMismatch(let declared, let computed):
      "the decompressed data has checksum \(hexadecimal(declared)), computed \(hexadecimal(computed))"
    }
  }
}
