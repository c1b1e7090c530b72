// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A graph split in two by a threshold on its Fiedler vector.
package struct Bipartition: Sendable {
  /// Nodes with y > threshold.
  package let isHigh: [Bool]
  /// Ncut(A, B) = cut(A, B)/assoc(A, V) + cut(A, B)/assoc(B, V); NaN when a side is empty.
  package let normalizedCutValue: Double
}

package enum NormalizedCut {
  /// Thresholds tried. Reference behaviour: 100 points from 0.99·min y to 0.99·max y, both included.
  private static let thresholdCount = 100
  private static let shrinkage = 0.99
  /// Values this close, relative to 1, are told apart by a direct sum: the running sums carry rounding errors.
  private static let tie = 1e-11

  /// The threshold on `y` with the smallest Ncut; the first of equal ones.
  ///
  /// The nodes are visited once in increasing order of y, each moving from the high side A to the low side B. With
  /// s_j = Σ_{v ∈ B} W_vj kept up to date, moving v changes the cut by d_v − W_vv − 2·s_v.
  /// Reference behaviour: a threshold that leaves a side empty has the value NaN, and NaN wins.
  ///
  /// - Shapes: `y` [n], `weights` [n, n], `degree` [n] its row sums.
  package static func bestBipartition(
    of y: ContiguousArray<Double>, weights: Tensor, degree: ContiguousArray<Double>,
    using kernels: KernelTable = .current
  ) -> Bipartition {
    let n = y.count
    let thresholds = Self.thresholds(minimum: y.min() ?? 0, maximum: y.max() ?? 0)
    let order = (0..<n).sorted { (y[$0], $0) < (y[$1], $1) }
    var lowWeight = ContiguousArray(repeating: 0.0, count: n)
    var (cut, lowVolume, highVolume) = (0.0, 0.0, degree.reduce(0, +))
    var moved = 0
    // (number of low nodes, Ncut) of every threshold that changes the partition.
    var candidates: [(low: Int, value: Double)] = []
    for threshold in thresholds {
      let before = moved
      while moved < n, y[order[moved]] <= threshold {
        let node = order[moved]
        cut += degree[node] - Double(weights[node, node]) - 2 * lowWeight[node]
        lowVolume += degree[node]
        highVolume -= degree[node]
        var sums = lowWeight.mutableSpan
        weights.addRow(node, times: 1, into: &sums, using: kernels)
        moved += 1
      }
      if moved == 0 || moved == n {
        return Bipartition(isHigh: y.map { $0 > threshold }, normalizedCutValue: .nan)
      }
      if moved != before { candidates.append((moved, cut / highVolume + cut / lowVolume)) }
    }
    let least = candidates.map(\.value).min() ?? .nan
    let contenders = candidates.filter { $0.value <= least + tie }
    var best = contenders[0]
    if contenders.count > 1 {
      for contender in contenders {
        let value = directValue(low: order[..<contender.low], weights: weights, degree: degree)
        if contender.low == contenders[0].low || value < best.value { best = (contender.low, value) }
      }
    }
    var isHigh = [Bool](repeating: true, count: n)
    for node in order[..<best.low] { isHigh[node] = false }
    return Bipartition(isHigh: isHigh, normalizedCutValue: best.value)
  }

  /// NumPy's `linspace`: start + k·step, the last point exact.
  private static func thresholds(minimum: Double, maximum: Double) -> [Double] {
    let (start, stop) = (shrinkage * minimum, shrinkage * maximum)
    let step = (stop - start) / Double(thresholdCount - 1)
    return (0..<thresholdCount - 1).map { Double($0) * step + start } + [stop]
  }

  /// Ncut from its definition.
  package static func directValue(low: ArraySlice<Int>, weights: Tensor, degree: ContiguousArray<Double>) -> Double {
    var isLow = [Bool](repeating: false, count: degree.count)
    for node in low { isLow[node] = true }
    var (cut, lowVolume, highVolume) = (0.0, 0.0, 0.0)
    weights.withSpan { weights in
      for i in degree.indices {
        if isLow[i] {
          lowVolume += degree[i]
          let row = i * degree.count
          for j in degree.indices where !isLow[j] { cut += Double(weights[row + j]) }
        } else {
          highVolume += degree[i]
        }
      }
    }
    return cut / highVolume + cut / lowVolume
  }
}
