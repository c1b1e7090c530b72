// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Normalizations and gates, which move memory rather than multiply.
enum NormalizationBench {
  private static let groups = 32
  private static let epsilon: Float = 1e-6

  /// - Parameter size: side of the image.
  static func bench(size: Int) -> KernelBench {
    func tokens(_ reduction: Int) -> Int { max(1, size / reduction) * max(1, size / reduction) }
    return KernelBench(
      name: "norm",
      cases: [
        groupNorm("vae.down_blocks.0", tokens(1), 128), groupNorm("vae.down_blocks.1", tokens(2), 256),
        groupNorm("vae.mid_block", tokens(8), 512), groupNorm("unet.down_blocks.1", tokens(16), 640),
        layerNorm("unet.down_blocks.1", tokens(16), 640), gate("unet.down_blocks.1", tokens(16), 2560),
        layerNorm("unet.down_blocks.2", tokens(32), 1280), gate("unet.down_blocks.2", tokens(32), 5120),
      ])
  }

  /// Group norm and SiLU: read for the moments, read again, written.
  private static func groupNorm(_ stage: String, _ positions: Int, _ channels: Int) -> KernelBench.Case {
    KernelBench.Case(stage: stage, shape: [positions, channels]) { stopwatch in
      let x = BenchData.tensor([positions, channels])
      let (weight, bias) = parameters(channels)
      var result = x
      let timing = stopwatch.time {
        result = x.groupNorm(groups: groups, weight: weight, bias: bias, epsilon: epsilon, thenSiLU: true)
      }
      // One group, at some positions.
      let (members, all) = (Array(channels / groups..<2 * channels / groups), Array(0..<positions))
      let scale = members.map { Double(weight.values[$0]) }
      func reference(_ bias: [Double]) -> [Double] {
        Reference.groupNorm(
          BenchData.rows(all, members, of: x), channels: members.count, groups: 1, weight: scale, bias: bias,
          epsilon: Double(epsilon))
      }
      let shift = members.map { Double(bias.values[$0]) }
      let normalized = reference(shift)
      let rows = BenchData.sample(64, of: positions)
      let sampled = rows.flatMap { row in normalized[row * members.count..<(row + 1) * members.count] }
      let shifts = rows.flatMap { _ in shift }
      return [
        KernelBench.Measurement(
          variant: "group norm, SiLU", timing: timing, amount: .bytes(3 * 4 * x.count),
          error: BenchData.error(
            BenchData.rows(rows, members, of: result), sampled.map { $0 / (1 + Platform.exponential(-$0)) },
            magnitudes: zip(sampled, shifts).map { abs($0 - $1) + abs($1) }))
      ]
    }
  }

  private static func layerNorm(_ stage: String, _ tokens: Int, _ channels: Int) -> KernelBench.Case {
    KernelBench.Case(stage: stage, shape: [tokens, channels]) { stopwatch in
      let x = BenchData.tensor([tokens, channels])
      let (weight, bias) = parameters(channels)
      var result = x
      let timing = stopwatch.time { result = x.layerNorm(weight: weight, bias: bias, epsilon: epsilon) }
      let rows = BenchData.sample(16, of: tokens)
      let shift = bias.values.map(Double.init)
      let expected = rows.flatMap { row in
        Reference.layerNorm(
          BenchData.rows([row], of: x), weight: weight.values.map(Double.init), bias: shift, epsilon: Double(epsilon))
      }
      let shifts = rows.flatMap { _ in shift }
      return [
        KernelBench.Measurement(
          variant: "layer norm", timing: timing, amount: .bytes(2 * 4 * x.count),
          error: BenchData.error(
            BenchData.rows(rows, of: result), expected,
            magnitudes: zip(expected, shifts).map { abs($0 - $1) + abs($1) }))
      ]
    }
  }

  /// GEGLU: two halves read, one written.
  private static func gate(_ stage: String, _ tokens: Int, _ channels: Int) -> KernelBench.Case {
    KernelBench.Case(stage: stage, shape: [tokens, 2 * channels]) { stopwatch in
      let x = BenchData.tensor([tokens, 2 * channels])
      var result = x
      let timing = stopwatch.time { result = x.geglu() }
      let rows = BenchData.sample(16, of: tokens)
      let pairs = rows.flatMap { row in
        let values = BenchData.rows([row], of: x)
        return zip(values[..<channels], values[channels...])
      }
      return [
        KernelBench.Measurement(
          variant: "GEGLU", timing: timing, amount: .bytes(3 * 4 * result.count),
          error: BenchData.error(
            BenchData.rows(rows, of: result),
            pairs.map { $0 * $1 * (1 + Platform.errorFunction($1 * 0.5.squareRoot())) / 2 },
            magnitudes: pairs.map { abs($0 * $1) }))
      ]
    }
  }

  private static func parameters(_ channels: Int) -> (weight: Tensor, bias: Tensor) {
    (
      BenchData.tensor([1, channels], seed: 2).reshaped([channels]),
      BenchData.tensor([1, channels], seed: 3).reshaped([channels])
    )
  }
}
