// SPDX-License-Identifier: Apache-2.0

/// Why a zlib stream could not be decompressed. Offsets are in bytes from the start of the compressed stream.
public enum InflateError: Error, Equatable, Sendable {
  /// The three alphabets of RFC 1951, 3.2.7.
  public enum Alphabet: String, Sendable {
    case codeLength = "code length"
    case literalLength = "literal/length"
    case distance = "distance"
  }

  /// The stream of `byteCount` bytes ends before its last block or checksum.
  case truncated(byteCount: Int)
  /// Not deflate with a window of at most 32 KiB, or the header's check bits are wrong (RFC 1950, 2.2).
  case invalidHeader(UInt16)
  case presetDictionary
  case invalidBlockType(offset: Int)
  case storedLengthMismatch(length: UInt16, complement: UInt16, offset: Int)
  case tooManySymbols(literalLengths: Int, distances: Int)
  /// More codes than bits allow (Kraft sum above 1).
  case oversubscribedCode(Alphabet)
  /// Some bit patterns stand for nothing (Kraft sum below 1).
  case incompleteCode(Alphabet)
  case missingEndOfBlock
  /// A repeat code with nothing before it, or running past the last symbol.
  case invalidRepeat(offset: Int)
  /// A bit pattern or symbol that stands for nothing.
  case invalidSymbol(Alphabet, offset: Int)
  case distanceTooFar(distance: Int, available: Int, offset: Int)
  case tooLong(limit: Int)
  case checksumMismatch(declared: UInt32, computed: UInt32)
}

extension InflateError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .truncated(let byteCount):
      "compressed data is truncated after \(byteCount) bytes"
    case .invalidHeader(let value):
      "compressed data has the header \(hexadecimal([UInt8(value >> 8), UInt8(value & 0xFF)])), expected zlib"
    case .presetDictionary:
      "compressed data needs a preset dictionary, which PNG does not allow"
    case .invalidBlockType(let offset):
      "block at byte \(offset) of the compressed data has type 3, expected 0 to 2"
    case .storedLengthMismatch(let length, let complement, let offset):
      "stored block at byte \(offset) of the compressed data has length \(length) and complement \(complement)"
    case .tooManySymbols(let literalLengths, let distances):
      "block has \(literalLengths) literal/length and \(distances) distance codes, expected at most 286 and 30"
    case .oversubscribedCode(let alphabet):
      "\(alphabet.rawValue) code is over-subscribed"
    case .incompleteCode(let alphabet):
      "\(alphabet.rawValue) code is incomplete"
    case .missingEndOfBlock:
      "literal/length code has no end of block"
    case .invalidRepeat(let offset):
      "code length repeat at byte \(offset) of the compressed data has nothing to repeat or too far to go"
    case .invalidSymbol(let alphabet, let offset):
      "invalid \(alphabet.rawValue) symbol at byte \(offset) of the compressed data"
    case .distanceTooFar(let distance, let available, let offset):
      "distance \(distance) at byte \(offset) of the compressed data reaches before the start, \(available) bytes exist"
    case .tooLong(let limit):
      "decompressed data is longer than \(limit) bytes"
    case .checksumMismatch(let declared, let computed):
      "decompressed data has checksum \(hexadecimal(declared)), computed \(hexadecimal(computed))"
    }
  }
}
