// SPDX-License-Identifier: Apache-2.0
import Tensor

extension Image {
  /// Resamples to another size by bicubic interpolation with antialias; the aspect ratio is not kept.
  ///
  /// Every pixel equals that of Pillow's `Image.resize(size, Image.BICUBIC)`: first rows, then columns, each with weights of
  /// 22 fractional bits, rounded to eight bits.
  ///
  /// - Precondition: both sides are at least 1.
  public func resampled(height newHeight: Int, width newWidth: Int) -> Image {
    precondition(newHeight > 0 && newWidth > 0, "resampling to \(newWidth)x\(newHeight) pixels")
    var result = self
    if newWidth != width {
      let taps = FixedTaps.list(from: width, to: newWidth)
      let source = pixels
      let rowLength = 3 * width
      let resampled =
        Parallel.array(count: 3 * newWidth * height, chunkSize: 3 * newWidth) { y, row in
          let input = source.span.extracting(y * rowLength..<(y + 1) * rowLength)
          for (x, tap) in taps.enumerated() { tap.fill(&row, at: 3 * x, from: input, stride: 3, count: 3) }
        } as ContiguousArray<UInt8>
      result = Image(width: newWidth, height: height, pixels: resampled)
    }
    if newHeight != height {
      let taps = FixedTaps.list(from: height, to: newHeight)
      let source = result.pixels
      let rowLength = 3 * newWidth
      let resampled =
        Parallel.array(count: rowLength * newHeight, chunkSize: rowLength) { y, row in
          taps[y].fill(&row, at: 0, from: source.span, stride: rowLength, count: rowLength)
        } as ContiguousArray<UInt8>
      result = Image(width: newWidth, height: newHeight, pixels: resampled)
    }
    return result
  }
}

/// The weights of `CubicTaps` as integers.
private struct FixedTaps: Sendable {
  private let first: Int
  private let weights: [Int32]

  private static let fractionBits = 22

  static func list(from inputCount: Int, to outputCount: Int) -> [FixedTaps] {
    (0..<outputCount).map { FixedTaps(CubicTaps(antialiased: $0, from: inputCount, to: outputCount)) }
  }

  private init(_ taps: CubicTaps) {
    first = taps.first
    weights = taps.weights.map { weight in
      let scaled = weight * Double(1 << Self.fractionBits)
      return Int32(scaled + (scaled < 0 ? -0.5 : 0.5))
    }
  }

  /// Sums weighted samples of `count` elements, `stride` apart, rounded and clamped to eight bits.
  func fill(_ output: inout MutableSpan<UInt8>, at start: Int, from source: Span<UInt8>, stride: Int, count: Int) {
    for i in 0..<count {
      var sum = Int32(1 << (Self.fractionBits - 1))
      var place = first * stride + i
      for weight in weights {
        sum &+= weight &* Int32(source[place])
        place += stride
      }
      output[start + i] = UInt8(clamping: sum >> Int32(Self.fractionBits))
    }
  }
}
