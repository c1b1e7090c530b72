// SPDX-License-Identifier: Apache-2.0
import Tensor

/// 3×3 convolutions of VAE and UNet, every algorithm beside the others.
enum ConvolutionBench {
  /// (stage, pixels along a side of the image for one of the input, channels of input and output, stride)
  private static let layers = [
    ("vae.conv_in", 1, 3, 128, 1), ("vae.down_blocks.0", 1, 128, 128, 1),
    ("vae.down_blocks.0 downsampler", 1, 128, 128, 2), ("vae.down_blocks.1", 2, 256, 256, 1),
    ("vae.down_blocks.2", 4, 512, 512, 1), ("vae.mid_block", 8, 512, 512, 1), ("unet.down_blocks.0", 8, 320, 320, 1),
    ("unet.down_blocks.1", 16, 640, 640, 1), ("unet.down_blocks.2", 32, 1280, 1280, 1),
  ]

  /// - Parameter size: side of the image.
  static func bench(size: Int) -> KernelBench {
    KernelBench(
      name: "conv",
      cases: layers.map { stage, reduction, inputs, outputs, stride in
        layer(stage, side: max(2, size / reduction), inputs, outputs, stride: stride)
      })
  }

  private static func layer(
    _ stage: String, side: Int, _ inputs: Int, _ outputs: Int, stride: Int
  ) -> KernelBench.Case {
    KernelBench.Case(stage: stage, shape: [side, side, inputs, outputs]) { stopwatch in
      let image = BenchData.tensor([side, side, inputs])
      let weight = BenchData.tensor([outputs, inputs, 3, 3], seed: 2)
      let stored = ConvolutionWeight(weight)
      let sample = ConvolutionSample(image, weight, stride: stride)
      let isFiltered = inputs >= ConvolutionAlgorithm.minimumWinogradChannels
      let algorithms = isFiltered ? ConvolutionAlgorithm.applicable(stride: stride) : [.direct]
      return algorithms.map { algorithm in
        var result = image
        let timing = stopwatch.time {
          result = image.convolved(with: stored, stride: stride, padding: Padding(1), algorithm: algorithm)
        }
        let (rows, columns) = (result.shape[0], result.shape[1])
        return KernelBench.Measurement(
          variant: "\(algorithm)", timing: timing,
          amount: .products(
            written: 9 * inputs * result.count,
            executed: algorithm.products(rows: rows, columns: columns) * inputs * outputs),
          error: sample.error(of: result))
      }
    }
  }
}

/// Some outputs of a convolution in double precision.
private struct ConvolutionSample {
  private let pixels: [(row: Int, column: Int)]
  private let channels: [Int]
  private var expected: [Double] = []
  private var magnitudes: [Double] = []

  init(_ image: Tensor, _ weight: Tensor, stride: Int) {
    let (height, width, inputs) = (image.shape[0], image.shape[1], image.shape[2])
    // Of the output, whose sides are the input's, divided by the stride and rounded up.
    let (rows, columns) = ((height + stride - 1) / stride, (width + stride - 1) / stride)
    let places = zip(BenchData.sample(12, of: rows), BenchData.sample(12, of: columns))
    // A diagonal and two corners off it.
    pixels = places.map { (row: $0, column: $1) } + [(row: 0, column: columns - 1), (row: rows - 1, column: 0)]
    channels = BenchData.sample(32, of: weight.shape[0])
    let taps = BenchData.rows(channels, of: weight.reshaped([weight.shape[0], 9 * inputs]))
    for pixel in pixels {
      let patch = image.withSpan { values in
        (0..<9).flatMap { tap in
          let (y, x) = (pixel.row * stride + tap / 3 - 1, pixel.column * stride + tap % 3 - 1)
          let isInside = 0 <= y && y < height && 0 <= x && x < width
          return (0..<inputs).map { isInside ? Double(values[(y * width + x) * inputs + $0]) : 0 }
        }
      }
      func convolved(_ patch: [Double], _ taps: [Double]) -> [Double] {
        Reference.convolved(
          patch, height: 3, width: 3, weight: taps, weightShape: [channels.count, inputs, 3, 3], stride: 1,
          padding: .none)
      }
      expected += convolved(patch, taps)
      magnitudes += convolved(patch.map(abs), taps.map(abs))
    }
  }

  func error(of result: Tensor) -> Double {
    let tokens = result.reshaped([result.shape[0] * result.shape[1], result.shape[2]])
    let rows = pixels.map { $0.row * result.shape[1] + $0.column }
    return BenchData.error(BenchData.rows(rows, channels, of: tokens), expected, magnitudes: magnitudes)
  }
}
