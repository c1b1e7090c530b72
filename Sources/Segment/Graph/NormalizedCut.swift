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
  /// Thresholds tried. Reference behavior: 100 points from 0.99·min y to 0.99·max y, both included.
  private static let thresholdCount = 100
  private static let endpointFactor = 0.99
  /// Values this close, relative to 1, are told apart by a direct sum: the running sums carry rounding errors.
  private static let tieTolerance = 1e-11

  /// The threshold on `y` with the smallest Ncut; the first of equal ones.
  ///
  /// Thresholds increase, so each moves some nodes from the high side A to the low side B; the nodes are visited in that
  /// order, any order among those that move together. Moving v changes the cut by d_v − W_vv − 2·s_v with s_v = Σ W_uv
  /// over the nodes u visited before.
  /// Reference behavior: a threshold that leaves a side empty has the value NaN, and NaN wins.
  ///
  /// - Shapes: `y` [n], `weights` of order n, `degree` [n] its row sums.
  package static func bestBipartition(
    of y: ContiguousArray<Double>, weights: SymmetricTensor, degree: ContiguousArray<Double>,
    using kernels: KernelTable = .current
  ) -> Bipartition {
    let n = y.count
    let thresholds = Self.thresholds(minimum: y.min() ?? 0, maximum: y.max() ?? 0)
    let (order, lowCounts) = visit(y, thresholds)
    var ranks = ContiguousArray(repeating: 0.0, count: n)
    for (rank, node) in order.enumerated() { ranks[node] = Double(rank) }
    let lowWeight = weights.sumsOfPreceding(keys: ranks, using: kernels)
    var (cut, lowVolume, highVolume) = (0.0, 0.0, degree.reduce(0, +))
    var moved = 0
    // (number of low nodes, Ncut) of every threshold that changes the partition.
    var candidates: [(low: Int, value: Double)] = []
    for (threshold, lowCount) in zip(thresholds, lowCounts) {
      if lowCount == 0 || lowCount == n {
        return Bipartition(isHigh: y.map { $0 > threshold }, normalizedCutValue: .nan)
      }
      guard lowCount != moved else { continue }
      for node in order[moved..<lowCount] {
        cut += degree[node] - Double(weights[node, node]) - 2 * lowWeight[node]
        lowVolume += degree[node]
        highVolume -= degree[node]
      }
      moved = lowCount
      candidates.append((moved, cut / highVolume + cut / lowVolume))
    }
    let least = candidates.map(\.value).min() ?? .nan
    let ties = candidates.filter { $0.value <= least + tieTolerance }
    var best = ties[0]
    if ties.count > 1 {
      for tied in ties {
        let value = directValue(low: order[..<tied.low], weights: weights, degree: degree)
        if tied.low == ties[0].low || value < best.value { best = (tied.low, value) }
      }
    }
    var isHigh = [Bool](repeating: true, count: n)
    for node in order[..<best.low] { isHigh[node] = false }
    return Bipartition(isHigh: isHigh, normalizedCutValue: best.value)
  }

  /// The nodes by the first threshold that is not below their value, and how many each threshold has on its low side.
  private static func visit(
    _ y: ContiguousArray<Double>, _ thresholds: [Double]
  ) -> (order: [Int], lowCounts: [Int]) {
    // Rounding may let the last of nearly equal thresholds fall behind; a node that has moved stays.
    var ascending = thresholds
    for k in 1..<ascending.count { ascending[k] = max(ascending[k], ascending[k - 1]) }
    var first = [Int](repeating: 0, count: y.count)
    var lowCounts = [Int](repeating: 0, count: ascending.count + 1)
    for (node, value) in y.enumerated() {
      var (below, above) = (0, ascending.count)
      while below < above {
        let middle = (below + above) / 2
        if value <= ascending[middle] { above = middle } else { below = middle + 1 }
      }
      first[node] = below
      lowCounts[below] += 1
    }
    for k in 1..<lowCounts.count { lowCounts[k] += lowCounts[k - 1] }
    // Counting sort, from behind so that equal ones keep their order.
    var ends = lowCounts
    var order = [Int](repeating: 0, count: y.count)
    for node in y.indices.reversed() {
      ends[first[node]] -= 1
      order[ends[first[node]]] = node
    }
    return (order, Array(lowCounts.dropLast()))
  }

  /// NumPy's `linspace`: start + k·step, the last point exact.
  private static func thresholds(minimum: Double, maximum: Double) -> [Double] {
    let (start, stop) = (endpointFactor * minimum, endpointFactor * maximum)
    let step = (stop - start) / Double(thresholdCount - 1)
    return (0..<thresholdCount - 1).map { Double($0) * step + start } + [stop]
  }

  /// Ncut from its definition.
  package static func directValue(low: ArraySlice<Int>, weights: SymmetricTensor, degree: ContiguousArray<Double>)
    -> Double
  {
    var isLow = [Bool](repeating: false, count: degree.count)
    for node in low { isLow[node] = true }
    var (cut, lowVolume, highVolume) = (0.0, 0.0, 0.0)
    for i in degree.indices {
      if isLow[i] { lowVolume += degree[i] } else { highVolume += degree[i] }
      for j in 0..<i where isLow[i] != isLow[j] { cut += Double(weights[i, j]) }
    }
    return cut / highVolume + cut / lowVolume
  }
}
