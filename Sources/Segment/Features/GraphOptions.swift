// SPDX-License-Identifier: Apache-2.0

/// The settings of the graph that is built from features: which cells are nodes, and how their cosines become weights.
///
/// They belong to the features, not to the cut: the encoder chooses them for its vectors. They travel with
/// the features in `EncodedImage` and in feature files.
public struct GraphOptions: Equatable, Sendable {
  /// α, the exponent of the affinity, above 0.
  public var alpha: Double
  /// The least value of a scaled cosine, from 0 to 1; smaller ones count as it. 0 is the paper's graph.
  public var floor: Double
  /// The meaning of the grid: every `nodeStride`-th cell along each axis is a node of the graph, beginning in the middle of
  /// the first stride. 1 makes each cell a node. With a larger stride, the cells between the nodes serve to assign pixels.
  public var nodeStride: Int

  /// Creates graph settings; the defaults are the paper's (§3.2), which also hold for features without stated settings.
  public init(alpha: Double = 10, floor: Double = 0, nodeStride: Int = 1) {
    self.alpha = alpha
    self.floor = floor
    self.nodeStride = nodeStride
  }
}

extension FeatureMap {
  /// Returns the cells in the middle of blocks of stride × stride cells, row by row.
  func subsampled(stride step: Int) -> FeatureMap {
    guard step > 1 else { return self }
    func places(_ side: Int) -> [Int] { Array(stride(from: min((step - 1) / 2, side - 1), to: side, by: step)) }
    let (rows, columns) = (places(grid.height), places(grid.width))
    var selected = ContiguousArray<Double>()
    selected.reserveCapacity(rows.count * columns.count * channels)
    for y in rows {
      for x in columns {
        let start = (y * grid.width + x) * channels
        selected += values[start..<start + channels]
      }
    }
    return FeatureMap(
      part: Grid(height: rows.count, width: columns.count), channels: channels, values: selected)
  }
}
