// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The cells of a feature map: node y·width + x lies in row y, column x.
public struct Grid: Equatable, Hashable, Sendable, CustomStringConvertible {
  public let height: Int
  public let width: Int

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  public var count: Int { height * width }
  public var description: String { "\(height)x\(width)" }

  /// A grid as `description` has it; nil for other text.
  init?(_ text: String) {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let height = parts[0], let width = parts[1], height > 0, width > 0 else { return nil }
    self.init(height: height, width: width)
  }
}

/// One feature vector for every cell of a grid: the nodes of the graph.
///
/// - Invariant: every value is finite, and there is at least one node and one channel.
public struct FeatureMap: Sendable {
  public let grid: Grid
  public let channels: Int
  /// [nodes, channels], row-major.
  public let values: ContiguousArray<Double>

  /// - Throws: `FeatureError` when sizes disagree or a value is not finite.
  public init(grid: Grid, channels: Int, values: ContiguousArray<Double>) throws(FeatureError) {
    let (nodes, overflow) = grid.height.multipliedReportingOverflow(by: grid.width)
    guard grid.height > 0, grid.width > 0, channels > 0, !overflow else { throw .empty }
    guard nodes <= Self.maximumNodes else { throw .tooManyNodes(nodes, limit: Self.maximumNodes) }
    guard values.count % channels == 0, values.count / channels == nodes else {
      throw .gridMismatch(grid: grid, nodes: values.count / channels)
    }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(node: index / channels, channel: index % channels)
    }
    self.grid = grid
    self.channels = channels
    self.values = values
  }

  /// Creates a map from cells of another one, whose values are known to be finite.
  init(part grid: Grid, channels: Int, values: ContiguousArray<Double>) {
    (self.grid, self.channels, self.values) = (grid, channels, values)
  }

  public var nodeCount: Int { grid.count }

  /// A 256×128 grid: its affinity takes 4 GiB.
  public static let maximumNodes = 1 << 15
  /// Numbers that are read from a file: 2 GiB in memory, 8192 channels for each of the most nodes.
  public static let maximumValues = 1 << 28

  /// Every feature vector divided by its length; a zero vector stays zero (torch `normalize`).
  package func unitRows() -> ContiguousArray<Double> {
    let (values, channels) = (values, channels)
    let chunkSize = 64 * channels
    return Parallel.array(count: values.count, chunkSize: chunkSize) { index, rows in
      let source = values.span.extracting(index * chunkSize..<index * chunkSize + rows.count)
      for i in source.indices { rows[i] = source[i] }
      for start in stride(from: 0, to: rows.count, by: channels) {
        var sum = Self.squaredLength(rows.span.extracting(start..<start + channels))
        // Squares of numbers beyond 1e154 or below 1e-154 leave the range: scale by the largest element first.
        if !(sum > 1e-290 && sum < 1e290) {
          var peak = 0.0
          for i in start..<start + channels { peak = max(peak, abs(rows[i])) }
          guard peak > 0 else { continue }
          for i in start..<start + channels { rows[i] /= peak }
          sum = Self.squaredLength(rows.span.extracting(start..<start + channels))
        }
        let length = sum.squareRoot()
        for i in start..<start + channels { rows[i] /= length }
      }
    }
  }

  private static func squaredLength(_ row: Span<Double>) -> Double { dot(row, row) }
}

/// Why an array is no feature map.
public enum FeatureError: Error, Equatable, Sendable, CustomStringConvertible {
  case empty
  case gridMismatch(grid: Grid, nodes: Int)
  case notFinite(node: Int, channel: Int)
  /// More nodes than a graph of all pairs is made for.
  case tooManyNodes(Int, limit: Int)
  /// More numbers than are read from a file.
  case tooManyValues(Int, limit: Int)
  /// An array that is neither [nodes, channels] nor [height, width, channels].
  case badShape([Int])
  /// A count of nodes that leaves the grid open.
  case notSquare(nodes: Int)
  /// What comes through a pipe and is not `.npy` cannot be read.
  case unsupportedPipe
  /// Metadata of a file that cannot be settings of its graph.
  case badGraph(key: String, value: String)
  /// The tensor of all cells is missing or of the wrong shape, or the nodes are not every stride-th of them.
  case badCells(stride: Int, reason: String)
  /// A grid that was asked for and differs from the one that the file states together with its cells.
  case conflictingGrid(Grid, stated: Grid)

  public var description: String {
    switch self {
    case .empty: "features: no nodes or no channels"
    case .gridMismatch(let grid, let nodes):
      "features: a grid of \(grid) has \(grid.count) nodes, the array has \(nodes)"
    case .tooManyNodes(let nodes, let limit):
      "features: \(nodes) nodes, the limit is \(limit): the affinity grows with their square"
    case .tooManyValues(let count, let limit): "features: \(count) numbers, the limit is \(limit)"
    case .badShape(let shape): "features: shape \(shape), expected [nodes, channels] or [height, width, channels]"
    case .notSquare(let nodes): "features: \(nodes) nodes, which is no square"
    case .badGraph(let key, let value): "features: metadata '\(key)' is '\(value)', which is no setting of a graph"
    case .badCells(let stride, let reason): "features: tensor 'cells', for 'graph.stride' \(stride): \(reason)"
    case .conflictingGrid(let grid, let stated): "features: a grid of \(grid), but the file has one of \(stated)"
    case .unsupportedPipe: "features: only .npy is read from a pipe"
    case .notFinite(let node, let channel): "features: node \(node), channel \(channel) is NaN or infinite"
    }
  }
}
