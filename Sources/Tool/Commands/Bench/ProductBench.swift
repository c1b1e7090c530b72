// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Matrix products: squares, and a linear layer of each kind of SSD-1B at 1024 pixels.
enum ProductBench {
  /// (stage, rows, depth, columns)
  private static let layers = [
    ("vae.down_blocks.1 shortcut", 262_144, 128, 256), ("vae.mid_block query", 16384, 512, 512),
    ("unet.down_blocks.1 query", 4096, 640, 640), ("unet.down_blocks.1 expansion", 4096, 640, 5120),
    ("unet.down_blocks.1 contraction", 4096, 2560, 640), ("unet.down_blocks.2 query", 1024, 1280, 1280),
    ("unet.down_blocks.2 expansion", 1024, 1280, 10240), ("unet.down_blocks.2 contraction", 1024, 5120, 1280),
    ("unet.down_blocks.2 prompt key", 77, 2048, 1280), ("text_encoder_2 expansion", 77, 1280, 5120),
  ]

  /// - Parameter size: order of the only square; nil: two squares and the network's layers.
  static func bench(size: Int?, precision: Precision) -> KernelBench {
    let squares = (size.map { [$0] } ?? [1024, 2048]).map { square($0, precision) }
    return KernelBench(
      name: "gemm", cases: squares + (size == nil ? layers.map { layer($0, $1, $2, $3, precision) } : []))
  }

  private static func square(_ n: Int, _ precision: Precision) -> KernelBench.Case {
    KernelBench.Case(stage: "square", shape: [n, n, n]) { stopwatch in
      let (a, b) = (BenchData.tensor([n, n]), BenchData.tensor([n, n], seed: 2))
      var product = a
      let timing = stopwatch.time { product = a.multiplied(by: b, precision: precision) }
      let (rows, columns) = (BenchData.sample(16, of: n), BenchData.sample(64, of: n))
      let right = Reference.Matrix(
        BenchData.rows(Array(0..<n), columns, of: b), rows: n, columns: columns.count)
      return [measurement(timing, a, right, product, rows, columns)]
    }
  }

  private static func layer(
    _ stage: String, _ m: Int, _ k: Int, _ n: Int, _ precision: Precision
  ) -> KernelBench.Case {
    KernelBench.Case(stage: stage, shape: [m, k, n]) { stopwatch in
      let (x, weight) = (BenchData.tensor([m, k]), BenchData.tensor([n, k], seed: 2))
      let matrix = WeightMatrix(weight, precision: precision)
      var product = x
      let timing = stopwatch.time { product = x.multiplied(by: matrix) }
      let (rows, columns) = (BenchData.sample(16, of: m), BenchData.sample(64, of: n))
      let right = Reference.Matrix(BenchData.rows(columns, of: weight), rows: columns.count, columns: k).transposed
      return [measurement(timing, x, right, product, rows, columns)]
    }
  }

  /// - Parameter right: the sampled columns.
  private static func measurement(
    _ timing: Stopwatch.Timing, _ left: Tensor, _ right: Reference.Matrix, _ product: Tensor, _ rows: [Int],
    _ columns: [Int]
  ) -> KernelBench.Measurement {
    let (depth, count) = (left.shape[1], product.count)
    let sampled = Reference.Matrix(BenchData.rows(rows, of: left), rows: rows.count, columns: depth)
    let error = BenchData.error(
      BenchData.rows(rows, columns, of: product), Reference.gemm(sampled, right),
      magnitudes: Reference.gemmMagnitude(sampled, right))
    return KernelBench.Measurement(
      timing: timing, amount: .products(written: count * depth, executed: count * depth), error: error)
  }
}
