// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Toom–Cook's matrices for 3 taps from their points, in Double: made apart from the kernels, to bound their error.
struct WinogradTransform: Sendable {
  /// Bᵀ [n, n], G [n, 3], Aᵀ [m, n].
  let input: [[Double]]
  let filter: [[Double]]
  let output: [[Double]]
  /// Distance of the windows.
  let stride: Int

  var tile: Int { output.count }
  var size: Int { input.count }
  /// Roundings of one element on its way through the three transforms, along both axes, at most.
  var roundings: Int { 2 * (size + 3 + size) + 8 }

  /// The matrices of a tile; nil for an algorithm without tiles.
  init?(_ algorithm: ConvolutionAlgorithm) {
    guard let tiling = algorithm.tiling else { return nil }
    self = tiling.stride == 1 ? Self(points: tiling.points) : Self(evenPoints: tiling.points)
  }

  /// - Parameter points: the finite ones; infinity is the last.
  init(points: [Double]) { self.init(points: points, taps: 3) }

  /// Windows two inputs apart: taps 0 and 2 meet the even inputs, tap 1 an odd one for each output.
  init(evenPoints: [Double]) {
    let even = WinogradTransform(points: evenPoints, taps: 2)
    let m = even.output.count
    func unit(_ index: Int, of count: Int) -> [Double] { (0..<count).map { $0 == index ? 1 : 0 } }
    input =
      even.input.map { row in (0...2 * m).map { $0 % 2 == 0 ? row[$0 / 2] : 0 } }
      + (0..<m).map { unit(2 * $0 + 1, of: 2 * m + 1) }
    filter = even.filter.map { [$0[0], 0, $0[1]] } + Array(repeating: [0, 1, 0], count: m)
    output = even.output.enumerated().map { $1 + unit($0, of: m) }
    stride = 2
  }

  private init(points: [Double], taps: Int) {
    let n = points.count + 1
    let m = n - taps + 1
    stride = 1
    var filter = points.map { p in
      let scale = points.reduce(1.0) { $1 == p ? $0 : $0 * (p - $1) }
      return (0..<taps).map { power in (0..<power).reduce(1 / scale) { product, _ in product * p } }
    }
    filter.append((0..<taps).map { $0 == taps - 1 ? 1 : 0 })
    self.filter = filter
    output = (0..<m).map { (power: Int) -> [Double] in
      let powers = points.map { p in (0..<power).reduce(1.0) { product, _ in product * p } }
      return powers + [power == m - 1 ? 1 : 0]
    }
    /// Coefficients of Π (x − q).
    func product(_ roots: [Double]) -> [Double] {
      roots.reduce([1.0]) { polynomial, root in
        let shifted = [0] + polynomial
        return zip(shifted, polynomial + [0]).map { $0 - root * $1 }
      }
    }
    input = points.map { p in product(points.filter { $0 != p }) + [0] } + [product(points)]
  }

  /// |Aᵀ| ((|G| |g| |Gᵀ|) ⊙ (|Bᵀ| |d| |B|)) |A| summed over the channels, and |bias| and |addend|: what every rounding of
  /// the filtering is relative to. Arguments are magnitudes.
  func magnitude(
    of image: [Double], _ layout: WinogradTests.Case, weight: [Double], bias: [Double], addend: [Double]
  ) -> [Double] {
    let (rows, columns) = (layout.rows(stride), layout.columns(stride))
    let (outputs, inputs) = (layout.outputs, layout.inputs)
    var result = addend.indices.map { addend[$0] + bias[$0 % outputs] }
    let filters = (0..<outputs * inputs).map { Self.both(filter, Array(weight[$0 * 9..<$0 * 9 + 9]), 3) }
    for top in Swift.stride(from: 0, to: rows, by: tile) {
      for left in Swift.stride(from: 0, to: columns, by: tile) {
        var products = [[Double]](repeating: [Double](repeating: 0, count: size * size), count: outputs)
        for channel in 0..<inputs {
          let window = (0..<size * size).map { index -> Double in
            let y = top * stride + index / size - layout.padding.top
            let x = left * stride + index % size - layout.padding.left
            guard y >= 0 && y < layout.height && x >= 0 && x < layout.width else { return 0 }
            return image[(y * layout.width + x) * inputs + channel]
          }
          let transformed = Self.both(input, window, size)
          for o in 0..<outputs {
            for i in transformed.indices { products[o][i] += transformed[i] * filters[o * inputs + channel][i] }
          }
        }
        for o in 0..<outputs {
          let values = Self.both(output, products[o], size)
          for i in 0..<min(tile, rows - top) {
            for j in 0..<min(tile, columns - left) {
              result[((top + i) * columns + left + j) * outputs + o] += values[i * tile + j]
            }
          }
        }
      }
    }
    return result
  }

  /// |T| x |Tᵀ| for x [k, k].
  private static func both(_ transform: [[Double]], _ x: [Double], _ k: Int) -> [Double] {
    func dot(_ row: [Double], _ values: [Double]) -> Double { zip(row, values).reduce(0) { $0 + abs($1.0) * $1.1 } }
    let half = transform.map { row in
      (0..<k).map { j in dot(row, (0..<k).map { x[$0 * k + j] }) }
    }
    return half.flatMap { line in transform.map { dot($0, line) } }
  }
}
