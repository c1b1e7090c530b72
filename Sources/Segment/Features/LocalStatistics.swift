// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The appearance of the cells of a grid: means over each cell of functions of color and of texture.
///
/// Every function is a point on a circle, (cos t, sin t), so its mean over a window is a sample of the characteristic
/// function of t there: inner products compare distributions and not only averages.
struct LocalStatistics {
  /// cos and sin of L, a and b at two frequencies; for each of two scales the doubled orientation of the gradient,
  /// weighted by its strength e, and cos and sin of e.
  static let channels = 12 + 4 * textureScales.count

  /// Lab units of half a turn at the first frequency, for L, a and b.
  private static let periods = [100.0, 60, 60]
  /// Standard deviations, in pixels, at which gradients are taken.
  private static let textureScales = [1.0, 2.0]
  /// Lab units: the gradient at which e is one half.
  private static let gradientSaturation = 5.0

  let grid: Grid
  /// [cells, channels].
  let values: ContiguousArray<Double>

  init(_ image: LabImage, grid: Grid) {
    self.grid = grid
    let smoothed = Self.textureScales.map { Blur(sigma: $0).applied(toLightnessOf: image) }
    let columns = (0...grid.width).map { $0 * image.width / grid.width }
    var values = ContiguousArray(repeating: 0.0, count: grid.count * Self.channels)
    Parallel.fillChunks(of: &values, chunkSize: grid.width * Self.channels) { row, cells in
      let rows = row * image.height / grid.height..<(row + 1) * image.height / grid.height
      for y in rows {
        for column in 0..<grid.width {
          for x in columns[column]..<columns[column + 1] {
            Self.addColor(image, y, x, to: &cells, at: column * Self.channels)
            for (index, scale) in Self.textureScales.enumerated() {
              Self.addTexture(
                smoothed[index], image, y, x, scale: scale, to: &cells, at: column * Self.channels + 12 + 4 * index)
            }
          }
        }
      }
      for column in 0..<grid.width {
        let area = Double(rows.count * (columns[column + 1] - columns[column]))
        for channel in 0..<Self.channels { cells[column * Self.channels + channel] /= area }
      }
    }
    self.values = values
  }

  private static func addColor(
    _ image: LabImage, _ y: Int, _ x: Int, to cells: inout MutableSpan<Double>, at offset: Int
  ) {
    for channel in 0..<3 {
      let angle = image.values[(y * image.width + x) * 3 + channel] * (.pi / periods[channel])
      let (c, s) = (Platform.cosine(angle), Platform.sine(angle))
      cells[offset + 2 * channel] += c
      cells[offset + 2 * channel + 1] += s
      // The second frequency by the double-angle formulas.
      cells[offset + 6 + 2 * channel] += 2 * c * c - 1
      cells[offset + 6 + 2 * channel + 1] += 2 * s * c
    }
  }

  private static func addTexture(
    _ lightness: ContiguousArray<Double>, _ image: LabImage, _ y: Int, _ x: Int, scale: Double,
    to cells: inout MutableSpan<Double>, at offset: Int
  ) {
    let (h, w) = (image.height, image.width)
    let gy = (lightness[min(y + 1, h - 1) * w + x] - lightness[max(y - 1, 0) * w + x]) / 2
    let gx = (lightness[y * w + min(x + 1, w - 1)] - lightness[y * w + max(x - 1, 0)]) / 2
    let square = gx * gx + gy * gy
    let magnitude = scale * square.squareRoot()
    let strength = magnitude / (magnitude + gradientSaturation)
    let share = strength / max(square, 1e-12)
    cells[offset] += share * (gx * gx - gy * gy)
    cells[offset + 1] += share * 2 * gx * gy
    cells[offset + 2] += Platform.cosine(.pi * strength)
    cells[offset + 3] += Platform.sine(.pi * strength)
  }
}

/// A separable Gaussian of radius ⌈3σ⌉, weights adding up to 1, borders clamped.
private struct Blur {
  let weights: [Double]
  var radius: Int { weights.count / 2 }

  init(sigma: Double) {
    let radius = Int((3 * sigma).rounded(.up))
    let raw = (-radius...radius).map { Platform.exponential(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = raw.reduce(0, +)
    weights = raw.map { $0 / sum }
  }

  /// [height, width].
  func applied(toLightnessOf image: LabImage) -> ContiguousArray<Double> {
    let (h, w) = (image.height, image.width)
    var columns = ContiguousArray(repeating: 0.0, count: h * w)
    Parallel.fillChunks(of: &columns, chunkSize: w) { y, row in
      for (offset, weight) in weights.enumerated() {
        let source = min(max(y + offset - radius, 0), h - 1) * w
        for x in 0..<w { row[x] += weight * image.values[(source + x) * 3] }
      }
    }
    let source = columns
    var result = ContiguousArray(repeating: 0.0, count: h * w)
    Parallel.fillChunks(of: &result, chunkSize: w) { y, row in
      for (offset, weight) in weights.enumerated() {
        for x in 0..<w { row[x] += weight * source[y * w + min(max(x + offset - radius, 0), w - 1)] }
      }
    }
    return result
  }
}
