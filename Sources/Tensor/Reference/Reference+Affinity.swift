// SPDX-License-Identifier: Apache-2.0

extension Reference {
  /// The eight neighbors at each dilation, coordinates clamped; with `center`, the pixel itself fifth of nine.
  private static func neighbors(
    _ y: Int, _ x: Int, height: Int, width: Int, dilations: [Int], center: Bool
  ) -> [Int] {
    dilations.flatMap { d in
      [-1, 0, 1].flatMap { dy in
        [-1, 0, 1].compactMap { dx -> Int? in
          if dy == 0 && dx == 0 && !center { return nil }
          return min(max(y + d * dy, 0), height - 1) * width + min(max(x + d * dx, 0), width - 1)
        }
      }
    }
  }

  /// softmax_j of −mean_c |x_c − x_c(j)| / (ε + σ_c / 10); σ_c over all neighbors and the pixel once for each dilation.
  ///
  /// - Shapes: `image` [height, width, 3]; result [8 · dilations, height, width].
  package static func localAffinity(
    _ image: [Double], height: Int, width: Int, dilations: [Int], epsilon: Double
  ) -> [Double] {
    let taps = 8 * dilations.count
    var result = [Double](repeating: 0, count: taps * height * width)
    for y in 0..<height {
      for x in 0..<width {
        let place = y * width + x
        let around = neighbors(y, x, height: height, width: width, dilations: dilations, center: false)
        let samples = neighbors(y, x, height: height, width: width, dilations: dilations, center: true)
        var logits = [Double](repeating: 0, count: taps)
        for c in 0..<3 {
          let values = samples.map { image[$0 * 3 + c] }
          let mean = values.reduce(0, +) / Double(values.count)
          let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
          let deviation = (squares / Double(values.count - 1)).squareRoot()
          for (j, neighbor) in around.enumerated() {
            logits[j] -= abs(image[place * 3 + c] - image[neighbor * 3 + c]) / (epsilon + 0.1 * deviation) / 3
          }
        }
        let peak = logits.max() ?? 0
        let powers = logits.map { Platform.exponential($0 - peak) }
        let sum = powers.reduce(0, +)
        for j in 0..<taps { result[j * height * width + place] = powers[j] / sum }
      }
    }
    return result
  }

  /// The average of a mask over each pixel's neighbors.
  ///
  /// - Shapes: `mask` and result [height, width], `weights` [8 · dilations, height, width].
  package static func averagedNeighbors(
    _ mask: [Double], weights: [Double], height: Int, width: Int, dilations: [Int]
  ) -> [Double] {
    mask.indices.map { place in
      let around = neighbors(
        place / width, place % width, height: height, width: width, dilations: dilations, center: false)
      return around.indices.reduce(0) { $0 + weights[$1 * height * width + place] * mask[around[$1]] }
    }
  }

  /// Linear interpolation under which the corner samples coincide (torch `bilinear`, `align_corners=True`).
  ///
  /// - Shapes: `plane` [h, w]; result [height, width].
  package static func resizedAligned(
    _ plane: [Double], from size: (height: Int, width: Int), to target: (height: Int, width: Int)
  ) -> [Double] {
    func position(_ index: Int, _ input: Int, _ output: Int) -> (Int, Int, Double) {
      let place = output > 1 ? Double(index) * Double(input - 1) / Double(output - 1) : 0
      let first = min(Int(place), input - 1)
      return (first, min(first + 1, input - 1), place - Double(first))
    }
    return (0..<target.height).flatMap { y in
      let (top, bottom, v) = position(y, size.height, target.height)
      return (0..<target.width).map { x in
        let (left, right, u) = position(x, size.width, target.width)
        let upper = (1 - u) * plane[top * size.width + left] + u * plane[top * size.width + right]
        let lower = (1 - u) * plane[bottom * size.width + left] + u * plane[bottom * size.width + right]
        return (1 - v) * upper + v * lower
      }
    }
  }
}
