// SPDX-License-Identifier: Apache-2.0
import Linalg
import Tensor

/// Smoothing within regions and not across their borders: x = (I + μL)⁻¹ b, with L the Laplacian of the grid of cells
/// whose neighbors are joined the stronger, the more alike their surroundings.
///
/// A step of implicit heat flow: every cell takes on the statistics of the region it lies in.
/// - Source: Perona & Malik, PAMI 1990 (conductance by contrast); Grady, PAMI 2006 (the linear system on a grid).
struct EdgeAwareDiffusion {
  /// Contrast at which the conductance has fallen to 1/e.
  private static let contrastScale = 0.35
  /// Smallest conductance: no cell is cut off entirely.
  private static let minimumConductance = 1e-3
  /// μ: how far the flow reaches.
  private static let strength = 3000.0

  let grid: Grid
  /// Between a cell and its right neighbor, [height, width − 1].
  private let right: ContiguousArray<Double>
  /// Between a cell and the one below, [height − 1, width].
  private let down: ContiguousArray<Double>

  init(_ statistics: LocalStatistics) {
    grid = statistics.grid
    let (h, w, channels) = (grid.height, grid.width, LocalStatistics.channels)
    let values = statistics.values
    right = ContiguousArray(
      (0..<h * max(0, w - 1)).map { edge in
        let (y, x) = (edge / (w - 1), edge % (w - 1))
        return Self.conductance(channels: channels) { along, across, channel in
          values[(clamp(y + across, h) * w + clamp(x + along, w)) * channels + channel]
        }
      })
    down = ContiguousArray(
      (0..<max(0, h - 1) * w).map { edge in
        let (y, x) = (edge / w, edge % w)
        return Self.conductance(channels: channels) { along, across, channel in
          values[(clamp(y + along, h) * w + clamp(x + across, w)) * channels + channel]
        }
      })
  }

  /// exp(−d²/σ²) + leak, d the distance between the means of the 3×2 windows on either side of an edge.
  ///
  /// `value(along, across, channel)` is relative to the edge's first cell: along −1, 0 on its side, 1, 2 on the other.
  private static func conductance(channels: Int, _ value: (Int, Int, Int) -> Double) -> Double {
    var distance = 0.0
    for channel in 0..<channels {
      var (near, far) = (0.0, 0.0)
      for across in -1...1 {
        near += value(-1, across, channel) + value(0, across, channel)
        far += value(1, across, channel) + value(2, across, channel)
      }
      let difference = (near - far) / 6
      distance += difference * difference
    }
    return Platform.exponential(-distance / (contrastScale * contrastScale)) + minimumConductance
  }

  /// Diffuses every channel of `values` [cells, channels].
  func applied(to values: ContiguousArray<Double>, channels: Int) -> ContiguousArray<Double> {
    let (h, w) = (grid.height, grid.width)
    // Cells are numbered along the shorter side, which is then the bandwidth.
    let isTall = h >= w
    let bandwidth = max(1, min(h, w))
    func number(_ y: Int, _ x: Int) -> Int { isTall ? y * w + x : x * h + y }
    var band = ContiguousArray(repeating: 0.0, count: grid.count * (bandwidth + 1))
    func join(_ a: Int, _ b: Int, _ conductance: Double) {
      let flow = Self.strength * conductance
      let (low, high) = (min(a, b), max(a, b))
      band[low * (bandwidth + 1) + bandwidth] += flow
      band[high * (bandwidth + 1) + bandwidth] += flow
      band[high * (bandwidth + 1) + bandwidth - (high - low)] -= flow
    }
    for node in 0..<grid.count { band[node * (bandwidth + 1) + bandwidth] = 1 }
    for y in 0..<h {
      for x in 0..<w {
        if x + 1 < w { join(number(y, x), number(y, x + 1), right[y * (w - 1) + x]) }
        if y + 1 < h { join(number(y, x), number(y + 1, x), down[y * w + x]) }
      }
    }
    var vectors = ContiguousArray(repeating: 0.0, count: values.count)
    for y in 0..<h {
      for x in 0..<w {
        for c in 0..<channels {
          vectors[c * grid.count + number(y, x)] = values[(y * w + x) * channels + c]
        }
      }
    }
    // I + μL is positive definite for every conductance, so the factor exists.
    BandedCholesky(dimension: grid.count, bandwidth: bandwidth, band: band)?.solve(&vectors)
    var result = values
    for y in 0..<h {
      for x in 0..<w {
        for c in 0..<channels {
          result[(y * w + x) * channels + c] = vectors[c * grid.count + number(y, x)]
        }
      }
    }
    return result
  }
}

private func clamp(_ index: Int, _ count: Int) -> Int { min(max(index, 0), count - 1) }
