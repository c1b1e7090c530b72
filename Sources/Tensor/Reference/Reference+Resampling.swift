// SPDX-License-Identifier: Apache-2.0

extension Reference {
  /// Linear interpolation between pixel centers along both axes (torch `bilinear`, `align_corners=False`).
  ///
  /// - Shapes: `image` [h, w, c]; result [height, width, c].
  package static func resizedBilinear(
    _ image: [Double], from size: (height: Int, width: Int), channels: Int, to target: (height: Int, width: Int)
  ) -> [Double] {
    var result: [Double] = []
    for y in 0..<target.height {
      let (top, bottom, v) = neighbors(of: y, from: size.height, to: target.height)
      for x in 0..<target.width {
        let (left, right, u) = neighbors(of: x, from: size.width, to: target.width)
        for c in 0..<channels {
          func pixel(_ row: Int, _ column: Int) -> Double { image[(row * size.width + column) * channels + c] }
          let upper = (1 - u) * pixel(top, left) + u * pixel(top, right)
          let lower = (1 - u) * pixel(bottom, left) + u * pixel(bottom, right)
          result.append((1 - v) * upper + v * lower)
        }
      }
    }
    return result
  }

  /// The pixel that holds the center of the output pixel (torch `nearest-exact`).
  package static func resizedNearest(
    _ image: [Double], from size: (height: Int, width: Int), channels: Int, to target: (height: Int, width: Int)
  ) -> [Double] {
    var result: [Double] = []
    for y in 0..<target.height {
      let row = min(((2 * y + 1) * size.height) / (2 * target.height), size.height - 1)
      for x in 0..<target.width {
        let column = min(((2 * x + 1) * size.width) / (2 * target.width), size.width - 1)
        for c in 0..<channels { result.append(image[(row * size.width + column) * channels + c]) }
      }
    }
    return result
  }

  /// The samples on either side of an output index, and how far it is on the way from the first to the second.
  ///
  /// Reference behavior: torch rounds in/out to Float, and (index + ½)·scale − ½ once.
  private static func neighbors(of index: Int, from input: Int, to output: Int) -> (Int, Int, Double) {
    let scale = Float(input) / Float(output)
    let position = max(Double(Float((Double(index) + 0.5) * Double(scale) - 0.5)), 0)
    let first = min(Int(position.rounded(.down)), input - 1)
    return (first, min(first + 1, input - 1), position - Double(first))
  }
}
