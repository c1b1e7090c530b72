// SPDX-License-Identifier: Apache-2.0

/// Where in the bits a scan is, and what carries over from block to block.
///
/// - Source: ITU-T T.81, F.2.1.3.1 and G.1.2.2; a restart begins anew.
struct JPEGEntropyState {
  /// In bits.
  var position = 0
  /// By member of the scan: the DC coefficient of the block before.
  var predictors = SIMD4<Int32>()
  /// Blocks that the last end-of-band code has ended and that are still to come.
  var endOfBandRun = 0
}

extension JPEGEntropyState {
  /// Decodes the DC difference and returns the coefficient (F.2.2.1).
  @inline(__always)
  mutating func dcCoefficient(
    _ words: Span<UInt64>, _ table: JPEGHuffmanTable, member: Int
  ) throws(JPEGBlockFault) -> Int32 {
    let window = JPEGBits.window(words, at: position)
    let (length, size) = table.symbol(window)
    guard length > 0 else { throw .invalidCode }
    position &+= length &+ size
    if size > 0 {
      predictors[member] &+= Int32(
        truncatingIfNeeded: jpegAmplitude(window &<< UInt64(truncatingIfNeeded: length), size: size))
    }
    return predictors[member]
  }

  /// Decodes a block of a sequential scan into 64 zeros that start at `base`, in natural order (F.2.2).
  mutating func decodeSequential(
    _ words: Span<UInt64>, dc: JPEGHuffmanTable, ac: JPEGHuffmanTable, member: Int,
    into coefficients: inout MutableSpan<Int16>, at base: Int, order: Span<UInt8>
  ) throws(JPEGBlockFault) {
    coefficients[base] = Int16(truncatingIfNeeded: try dcCoefficient(words, dc, member: member))
    let packed = ac.coefficients
    let short = packed.span
    var position = position
    defer { self.position = position }
    var index = 1
    while index < 64 {
      let window = JPEGBits.window(words, at: position)
      let entry = Int(short[Int(truncatingIfNeeded: window &>> UInt64(64 - JPEGHuffmanTable.lookupBits))])
      if entry != 0 {
        position &+= entry & 63
        index &+= entry &>> 6 & 127
        let value = entry &>> 16
        if value == 0 { continue }
        guard index < 64 else { throw .runTooLong }
        coefficients[base &+ Int(order[index])] = Int16(truncatingIfNeeded: value)
        index &+= 1
        continue
      }
      let (length, symbol) = ac.symbol(window)
      guard length > 0 else { throw .invalidCode }
      let (run, size) = (symbol &>> 4, symbol & 15)
      position &+= length &+ size
      if size == 0 {
        guard run == 0 || run == 15 else { throw .invalidCode }
        index &+= run == 0 ? JPEGHuffmanTable.endOfBlockStep : 16
        continue
      }
      index &+= run
      guard index < 64 else { throw .runTooLong }
      let value = jpegAmplitude(window &<< UInt64(truncatingIfNeeded: length), size: size)
      coefficients[base &+ Int(order[index])] = Int16(truncatingIfNeeded: value)
      index &+= 1
    }
    // A run of 16 zeros ends at 64 at most; an end of block lies beyond 96.
    guard index == 64 || index > JPEGHuffmanTable.endOfBlockStep else { throw .runTooLong }
  }
}
