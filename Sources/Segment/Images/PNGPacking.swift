// SPDX-License-Identifier: Apache-2.0

/// Conversion between the bytes of rows and samples.
///
/// - Source: PNG specification, 7.2: samples of less than a byte fill it from the high bits; rows start at a byte.
///   Samples of 16 bits are big-endian (7.1).
enum PNGPacking {
  /// Reads all passes of restored rows, each row after its filter byte, into the samples of the whole image.
  static func unpack(_ bytes: ContiguousArray<UInt8>, header: PNGHeader) -> ImageSamples {
    let channelCount = header.colorType.channelCount
    let sampleCount = header.width * header.height * channelCount
    if header.bitDepth == 16 {
      var samples = ContiguousArray<UInt16>(repeating: 0, count: sampleCount)
      forEachRow(of: header) { row, first, step, pass in
        let source = bytes.span
        var target = samples.mutableSpan
        var from = row
        for pixel in 0..<pass.width {
          for channel in 0..<channelCount {
            target[first &+ pixel &* step &+ channel] = UInt16(source[from]) << 8 | UInt16(source[from &+ 1])
            from &+= 2
          }
        }
      }
      return .uint16(samples)
    }
    var samples = ContiguousArray<UInt8>(repeating: 0, count: sampleCount)
    forEachRow(of: header) { row, first, step, pass in
      let source = bytes.span
      var target = samples.mutableSpan
      if header.bitDepth < 8 {
        unpackBits(source, row, header.bitDepth, pass.width, into: &target, first, step)
      } else if step == channelCount {
        for index in 0..<pass.rowByteCount { target[first &+ index] = source[row &+ index] }
      } else {
        for pixel in 0..<pass.width {
          for channel in 0..<channelCount {
            target[first &+ pixel &* step &+ channel] = source[row &+ pixel &* channelCount &+ channel]
          }
        }
      }
    }
    return .uint8(samples)
  }

  /// Calls `body` with the first byte of a row, the index of its first sample and the samples between two pixels.
  private static func forEachRow(of header: PNGHeader, _ body: (Int, Int, Int, PNGPass) -> Void) {
    let channelCount = header.colorType.channelCount
    var row = 1
    for pass in header.passes {
      for index in 0..<pass.height {
        let pixel = (pass.firstRow + index * pass.rowStep) * header.width + pass.firstColumn
        body(row, pixel * channelCount, pass.columnStep * channelCount, pass)
        row += pass.rowByteCount + 1
      }
    }
  }

  private static func unpackBits(
    _ source: Span<UInt8>, _ row: Int, _ bitDepth: Int, _ width: Int, into target: inout MutableSpan<UInt8>,
    _ first: Int, _ step: Int
  ) {
    let perByte = 8 / bitDepth
    let mask = UInt8(1 << bitDepth - 1)
    for pixel in 0..<width {
      let shift = 8 - bitDepth * (pixel % perByte + 1)
      target[first &+ pixel &* step] = source[row &+ pixel / perByte] &>> UInt8(shift) & mask
    }
  }

  /// The rows of an image without interlace, without filter bytes.
  static func packed(_ samples: ImageSamples, header: PNGHeader) -> ContiguousArray<UInt8> {
    switch samples {
    case .uint16(let values):
      var result = ContiguousArray<UInt8>(repeating: 0, count: 2 * values.count)
      for (index, value) in values.enumerated() {
        result[2 * index] = UInt8(value >> 8)
        result[2 * index + 1] = UInt8(value & 0xFF)
      }
      return result
    case .uint8(let values):
      if header.bitDepth == 8 { return values }
      return packedBits(values, bitDepth: header.bitDepth, width: header.width, height: header.height)
    }
  }

  /// Rows of samples below 8 bits, also the layout of raw PBM.
  static func packedBits(
    _ samples: ContiguousArray<UInt8>, bitDepth: Int, width: Int, height: Int
  ) -> ContiguousArray<UInt8> {
    let perByte = 8 / bitDepth
    let rowByteCount = (width + perByte - 1) / perByte
    var result = ContiguousArray<UInt8>(repeating: 0, count: rowByteCount * height)
    for row in 0..<height {
      for column in 0..<width {
        let shift = 8 - bitDepth * (column % perByte + 1)
        result[row * rowByteCount + column / perByte] |= samples[row * width + column] << UInt8(shift)
      }
    }
    return result
  }
}
