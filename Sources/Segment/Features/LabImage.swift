// SPDX-License-Identifier: Apache-2.0
import Tensor

/// An image in CIE L*a*b* (D65), at the size it is analyzed at.
struct LabImage {
  let height: Int
  let width: Int
  /// [height, width, 3]: L in 0 ... 100, a and b around 0.
  let values: ContiguousArray<Double>

  /// Reduces an image by averaging over areas, then converts it.
  init(_ image: Image, height: Int, width: Int) {
    self.height = height
    self.width = width
    let small = areaAverage(image, height: height, width: width)
    var values = small
    Parallel.fillChunks(of: &values, chunkSize: max(1, width * 3)) { _, row in
      for x in stride(from: 0, to: row.count, by: 3) {
        (row[x], row[x + 1], row[x + 2]) = lab(red: row[x], green: row[x + 1], blue: row[x + 2])
      }
    }
    self.values = values
  }
}

/// The average over the exact, fractional interval of source pixels that each output pixel covers.
///
/// - Shapes: result [height, width, 3], values 0 ... 255; neither extent above the image's.
package func areaAverage(_ image: Image, height: Int, width: Int) -> ContiguousArray<Double> {
  if height == image.height && width == image.width { return ContiguousArray(image.pixels.map { Double($0) }) }
  let rows = (0..<height).map { AreaWeights(of: $0, from: image.height, to: height) }
  let columns = (0..<width).map { AreaWeights(of: $0, from: image.width, to: width) }
  let length = image.width * 3
  var result = ContiguousArray(repeating: 0.0, count: height * width * 3)
  Parallel.fillChunks(of: &result, chunkSize: width * 3) { y, output in
    var blended = ContiguousArray(repeating: 0.0, count: length)
    for (offset, weight) in rows[y].weights.enumerated() {
      let start = (rows[y].first + offset) * length
      for x in 0..<length { blended[x] += weight * Double(image.pixels[start + x]) }
    }
    for x in 0..<width {
      for (offset, weight) in columns[x].weights.enumerated() {
        let source = (columns[x].first + offset) * 3
        for channel in 0..<3 { output[3 * x + channel] += weight * blended[source + channel] }
      }
    }
  }
  return result
}

/// The source pixels under one output pixel of an axis, and their shares, which add up to 1.
private struct AreaWeights {
  let first: Int
  let weights: [Double]

  init(of index: Int, from inputCount: Int, to outputCount: Int) {
    let scale = Double(inputCount) / Double(outputCount)
    let (low, high) = (Double(index) * scale, Double(index + 1) * scale)
    first = min(Int(low), inputCount - 1)
    let last = min(max(first, Int(high.rounded(.up)) - 1), inputCount - 1)
    weights = (first...last).map { max(0, min(high, Double($0 + 1)) - max(low, Double($0))) / scale }
  }
}

/// sRGB in 0 ... 255 → CIE L*a*b* with the white of D65.
///
/// - Source: IEC 61966-2-1 (transfer function and matrix); CIE 15:2004, §8.2.1, with the exact constants 216/24389 and
///   24389/27.
private func lab(red: Double, green: Double, blue: Double) -> (Double, Double, Double) {
  func linear(_ value: Double) -> Double {
    let v = value / 255
    return v <= 0.04045 ? v / 12.92 : Platform.power((v + 0.055) / 1.055, 2.4)
  }
  func compressed(_ value: Double) -> Double {
    value > 216.0 / 24389 ? Platform.cubeRoot(value) : (24389.0 / 27 * value + 16) / 116
  }
  let (r, g, b) = (linear(red), linear(green), linear(blue))
  let x = compressed((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047)
  let y = compressed(0.2126729 * r + 0.7151522 * g + 0.0721750 * b)
  let z = compressed((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883)
  return (116 * y - 16, 500 * (x - y), 200 * (y - z))
}
