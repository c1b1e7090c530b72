// SPDX-License-Identifier: Apache-2.0

/// How pixels between samples are found.
public enum Interpolation: Sendable {
  /// Separable linear weights, no antialias (torch `bilinear`, `align_corners=False`).
  case bilinear
  /// The sample whose pixel holds the center (torch `nearest-exact`).
  case nearest
  /// Four samples along each axis, without antialias (torch `bicubic`, `align_corners=False`).
  case bicubic
  /// All samples within a kernel that widens with a reduction (torch `bicubic` with `antialias=True`).
  case bicubicAntialiased
}

/// Where an output index falls among the samples of one axis, under torch's half-pixel rule.
///
/// s = max((d + ½)·in/out − ½, 0); first = ⌊s⌋, second = min(first + 1, in − 1), weight = s − first.
package struct SamplePosition: Equatable, Sendable {
  package let first: Int
  package let second: Int
  package let weight: Double

  package init(of index: Int, from inputCount: Int, to outputCount: Int) {
    let position = max((Double(index) + 0.5) * Double(inputCount) / Double(outputCount) - 0.5, 0)
    first = min(Int(position), inputCount - 1)
    second = min(first + 1, inputCount - 1)
    weight = position - Double(first)
  }

  /// The same as torch computes it: in/out rounded to single precision, then (d + ½)·scale − ½ rounded once more.
  ///
  /// Across thousands of pixels the rounding is worth 1e-4 of a pixel; a network's input agrees with torch's only with it.
  package init(inSinglePrecision index: Int, from inputCount: Int, to outputCount: Int) {
    let scale = Float(inputCount) / Float(outputCount)
    let position = max(Float(-0.5).addingProduct(Float(index) + 0.5, scale), 0)
    first = min(Int(position), inputCount - 1)
    second = min(first + 1, inputCount - 1)
    weight = Double(position - Float(first))
  }

  /// ⌊(d + ½)·in/out⌋, in integers.
  package static func nearest(of index: Int, from inputCount: Int, to outputCount: Int) -> Int {
    min((2 * index + 1) * inputCount / (2 * outputCount), inputCount - 1)
  }
}

extension Tensor {
  /// Resamples an image to another size; the aspect ratio is not kept.
  ///
  /// - Shapes: self [h, w, c] with h, w ≥ 1; result [height, width, c].
  /// - Numerics: bilinear positions as torch rounds them; rows first, then columns, each a + t·(b − a) in Float. Bicubic
  ///   weights in Double, rounded to Float; rows first, then columns, sums in Float. Same size: an exact copy.
  package func resized(
    height: Int, width: Int, _ interpolation: Interpolation = .bilinear, using kernels: KernelTable = .current
  ) -> Tensor {
    precondition(shape.rank == 3 && height > 0 && width > 0, "resize \(shape) to \(height)×\(width)")
    let (inputHeight, inputWidth, channels) = (shape[0], shape[1], shape[2])
    precondition(inputHeight > 0 && inputWidth > 0, "resize of an empty image \(shape)")
    if height == inputHeight && width == inputWidth { return self }
    var result = Tensor(uninitialized: [height, width, channels])
    let (source, target) = (pointer, result.mutablePointer)
    let rowLength = inputWidth * channels
    switch interpolation {
    case .nearest:
      let columns = (0..<width).map { SamplePosition.nearest(of: $0, from: inputWidth, to: width) }
      Parallel.forEach(height) { y in
        let row = source + SamplePosition.nearest(of: y, from: inputHeight, to: height) * rowLength
        let output = target + y * width * channels
        for x in 0..<width { (output + x * channels).update(from: row + columns[x] * channels, count: channels) }
      }
    case .bilinear:
      let columns = (0..<width).map { SamplePosition(inSinglePrecision: $0, from: inputWidth, to: width) }
      Parallel.forEach(height) { y in
        let position = SamplePosition(inSinglePrecision: y, from: inputHeight, to: height)
        withScratch(rowLength, of: Float.self) { blended in
          kernels.set.interpolate(
            source + position.first * rowLength, source + position.second * rowLength, blended, count: rowLength,
            t: Float(position.weight))
          let output = target + y * width * channels
          for x in 0..<width {
            let column = columns[x]
            let (a, b) = (blended + column.first * channels, blended + column.second * channels)
            let t = Float(column.weight)
            if channels >= 16 {
              kernels.set.interpolate(a, b, output + x * channels, count: channels, t: t)
            } else {
              for c in 0..<channels { output[x * channels + c] = a[c] + t * (b[c] - a[c]) }
            }
          }
        }
      }
    case .bicubic, .bicubicAntialiased:
      let isAntialiased = interpolation == .bicubicAntialiased
      func taps(_ input: Int, _ output: Int) -> [CubicTaps] {
        (0..<output).map {
          isAntialiased
            ? CubicTaps(antialiased: $0, from: input, to: output) : CubicTaps(of: $0, from: input, to: output)
        }
      }
      let (rows, columns) = (taps(inputHeight, height), taps(inputWidth, width))
      Parallel.forEach(height) { y in
        withScratch(rowLength, of: Float.self) { blended in
          Self.sum(rows[y], of: source, stride: rowLength, count: rowLength, into: blended)
          for (x, column) in columns.enumerated() {
            let output = target + (y * width + x) * channels
            Self.sum(column, of: blended, stride: channels, count: channels, into: output)
          }
        }
      }
    }
    return result
  }

  /// Σ weight · sample, where a sample is `count` elements and samples are `stride` apart.
  private static func sum(
    _ taps: CubicTaps, of source: UnsafePointer<Float>, stride: Int, count: Int,
    into output: UnsafeMutablePointer<Float>
  ) {
    output.update(repeating: 0, count: count)
    for (offset, weight) in taps.weights.enumerated() {
      let (sample, weight) = (source + (taps.first + offset) * stride, Float(weight))
      for i in 0..<count { output[i] += weight * sample[i] }
    }
  }
}
