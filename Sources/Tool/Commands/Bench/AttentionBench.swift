// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Attentions of the VAE and of SSD-1B's UNet.
enum AttentionBench {
  /// (stage, pixels along a side of the image for one token, heads, channels of a head, keys of the prompt)
  private static let layers: [(String, Int, Int, Int, Int?)] = [
    ("vae.mid_block", 8, 1, 512, nil), ("unet.down_blocks.1", 16, 10, 64, nil),
    ("unet.down_blocks.1 prompt", 16, 10, 64, 77), ("unet.down_blocks.2", 32, 20, 64, nil),
    ("unet.down_blocks.2 prompt", 32, 20, 64, 77),
  ]

  /// - Parameter size: side of the image.
  static func bench(size: Int, precision: Precision) -> KernelBench {
    KernelBench(
      name: "attention",
      cases: layers.map { stage, reduction, heads, channels, keys in
        let side = max(1, size / reduction)
        return layer(stage, side * side, keys ?? side * side, heads: heads, channels, precision)
      })
  }

  private static func layer(
    _ stage: String, _ count: Int, _ keyCount: Int, heads: Int, _ size: Int, _ precision: Precision
  ) -> KernelBench.Case {
    KernelBench.Case(stage: stage, shape: [count, keyCount, heads, size]) { stopwatch in
      let width = heads * size
      let (queries, keys) = (BenchData.tensor([count, width]), BenchData.tensor([keyCount, width], seed: 2))
      let values = BenchData.tensor([keyCount, width], seed: 3)
      var result = queries
      let timing = stopwatch.time {
        result = queries.attention(keys: keys, values: values, heads: heads, precision: precision)
      }
      let rows = BenchData.sample(4, of: count)
      let all = Array(0..<keyCount)
      let (keyRows, valueRows) = (BenchData.rows(all, of: keys), BenchData.rows(all, of: values))
      func attention(_ values: [Double]) -> [Double] {
        Reference.attention(
          BenchData.rows(rows, of: queries), keys: keyRows, values: values, heads: heads, size: size,
          scale: 1 / Double(size).squareRoot())
      }
      let products = 2 * count * keyCount * width
      return [
        KernelBench.Measurement(
          timing: timing, amount: .products(written: products, executed: products),
          error: BenchData.error(
            BenchData.rows(rows, of: result), attention(valueRows), magnitudes: attention(valueRows.map(abs))))
      ]
    }
  }
}
