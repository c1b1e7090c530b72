// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// The two parts of PAMR with the demonstration's settings, on noise that has every mask everywhere: nothing is skipped.
enum RefinementBench {
  /// Averages that are timed; the demonstration has 30.
  private static let iterations = 10
  /// Of the smaller problem whose result is compared.
  private static let sample = (side: 40, masks: 3, iterations: 3)

  /// - Parameters:
  ///   - size: side of the image.
  ///   - masks: labels of the map.
  static func bench(size: Int, masks: Int) -> KernelBench {
    KernelBench(
      name: "pamr", cases: [affinity(size: size), averages(size: size, masks: masks)])
  }

  private static func levels(_ side: Int) -> Tensor {
    let noise = BenchData.tensor([side, side, 3])
    return Tensor([side, side, 3], values: noise.values.map { ((127.5 + 127.5 * $0) as Float).rounded() })
  }

  private static func ranks(_ side: Int, _ masks: Int) -> ContiguousArray<Int32> {
    ContiguousArray(BenchData.tensor([side * side]).values.map { Int32(min(($0 + 1) / 2, 0.999) * Float(masks)) })
  }

  private static func affinity(size: Int) -> KernelBench.Case {
    let dilations = PAMR.demo.dilations
    let taps = 8 * dilations.count
    return KernelBench.Case(stage: "affinity", shape: [size, size, taps]) { stopwatch in
      let image = levels(size)
      let timing = stopwatch.time { _ = LocalAffinity(image, dilations: dilations) }
      let (small, expected) = reference()
      let found = LocalAffinity(small, dilations: dilations).planes.values.map(Double.init)
      return [
        KernelBench.Measurement(
          timing: timing, amount: .bytes(4 * size * size * taps),
          error: BenchData.error(found, expected, magnitudes: [Double](repeating: 1, count: expected.count)))
      ]
    }
  }

  private static func averages(size: Int, masks: Int) -> KernelBench.Case {
    let dilations = PAMR.demo.dilations
    let taps = 8 * dilations.count
    return KernelBench.Case(stage: "averages", shape: [masks, size, size, taps]) { stopwatch in
      let affinity = LocalAffinity(levels(size), dilations: dilations)
      let ranks = ranks(size, masks)
      let timing = stopwatch.time {
        _ = affinity.strongestLabels(of: ranks.span, size: (size, size), count: masks, iterations: iterations)
      }
      let products = size * size * taps * masks * iterations
      return [
        KernelBench.Measurement(
          variant: "\(iterations) times", timing: timing, amount: .products(written: products, executed: products),
          error: averagingError())
      ]
    }
  }

  private static func reference() -> (image: Tensor, weights: [Double]) {
    let image = levels(sample.side)
    return (
      image,
      Reference.localAffinity(
        image.values.map(Double.init), height: sample.side, width: sample.side, dilations: PAMR.demo.dilations,
        epsilon: 255e-8)
    )
  }

  /// The largest difference of soft masks, whose values are from 0 to 1.
  private static func averagingError() -> Double {
    let (image, weights) = reference()
    let (side, dilations) = (sample.side, PAMR.demo.dilations)
    let ranks = ranks(side, sample.masks)
    let found = LocalAffinity(image, dilations: dilations).averagedMasks(
      of: ranks.span, size: (side, side), count: sample.masks, iterations: sample.iterations)
    let expected = (0..<sample.masks).flatMap { mask in
      (0..<sample.iterations).reduce(ranks.map { $0 == mask ? 1.0 : 0 }) { plane, _ in
        Reference.averagedNeighbors(plane, weights: weights, height: side, width: side, dilations: dilations)
      }
    }
    return BenchData.error(
      found.values.map(Double.init), expected, magnitudes: [Double](repeating: 1, count: expected.count))
  }
}
