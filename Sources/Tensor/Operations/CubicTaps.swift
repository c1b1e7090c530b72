// SPDX-License-Identifier: Apache-2.0

/// The samples that an output index of a bicubic resampling is made of, and their weights, along one axis.
///
/// The weight of a sample at distance x is the cubic convolution kernel with parameter a.
///
/// - Source: Keys, "Cubic Convolution Interpolation for Digital Image Processing", IEEE TASSP 1981.
package struct CubicTaps: Equatable, Sendable {
  /// The first sample.
  package let first: Int
  /// The weights of the samples from `first` on; their sum is 1.
  package let weights: [Double]

  /// Four samples around the output's center, with a = −0.75. Beyond the ends, the first and the last sample repeat (torch
  /// `bicubic`, `align_corners=False`).
  package init(of index: Int, from inputCount: Int, to outputCount: Int) {
    let position = (Double(index) + 0.5) * Double(inputCount) / Double(outputCount) - 0.5
    let base = position.rounded(.down)
    let places = (-1...2).map { min(max(Int(base) + $0, 0), inputCount - 1) }
    var weights = [Double](repeating: 0, count: places[3] - places[0] + 1)
    for (offset, place) in zip(-1...2, places) {
      weights[place - places[0]] += Self.kernel(position - base - Double(offset), a: -0.75)
    }
    (first, self.weights) = (places[0], weights)
  }

  /// All samples within the kernel, which widens with a reduction, with a = −0.5. Samples beyond the ends do not exist, and
  /// the weights are divided by their sum (Pillow's `BICUBIC`; torch `bicubic` with `antialias=True`).
  package init(antialiased index: Int, from inputCount: Int, to outputCount: Int) {
    let scale = Double(inputCount) / Double(outputCount)
    let width = max(scale, 1)
    let (center, support) = ((Double(index) + 0.5) * scale, 2 * width)
    let first = max(Int(center - support + 0.5), 0)
    let end = min(Int(center + support + 0.5), inputCount)
    let inverse = 1 / width
    let weights = (first..<end).map { Self.kernel((Double($0) - center + 0.5) * inverse, a: -0.5) }
    let sum = weights.reduce(0, +)
    self.first = first
    self.weights = weights.map { $0 / sum }
  }

  private static func kernel(_ distance: Double, a: Double) -> Double {
    let x = abs(distance)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
  }
}
