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

/// The reason why an array or a file cannot be used as features.
public enum FeatureError: Error, Equatable, Sendable, CustomStringConvertible {
  case empty
  case gridMismatch(grid: Grid, nodes: Int)
  case notFinite(node: Int, channel: Int)
  /// The graph of all pairs would have too many nodes.
  case tooManyNodes(Int, limit: Int)
  /// The file has more numbers than the limit.
  case tooManyValues(Int, limit: Int)
  /// An array that is neither [nodes, channels] nor [height, width, channels].
  case badShape([Int])
  /// The number of nodes does not determine the grid.
  case notSquare(nodes: Int)
  /// The pipe contains another format than `.npy`.
  case unsupportedPipe
  /// The file's metadata contains an invalid setting of the graph.
  case badGraph(key: String, value: String)
  /// The tensor of all cells is missing or has the wrong shape, or the nodes are not every stride-th of the cells.
  case badCells(stride: Int, reason: String)
  /// The requested grid differs from the one that the file states together with its cells.
  case conflictingGrid(Grid, stated: Grid)

  public var description: String {
    switch self {
    case .empty: "the array has no nodes or no channels; extract the features again"
    case .gridMismatch(let grid, let nodes):
      "a grid of \(grid) has \(grid.count) nodes, the array has \(nodes); pass the grid of the features"
    case .tooManyNodes(let nodes, let limit):
      "\(nodes) graph nodes, the limit is \(limit); use a smaller image size or a coarser grid"
    case .tooManyValues(let count, let limit):
      "the array has \(count) numbers, the limit is \(limit); use fewer nodes or channels"
    case .badShape(let shape):
      "the array has shape \(shape), expected [nodes, channels] or [height, width, channels]"
        + (shape.count == 4 ? "; remove the batch axis and move the channels last" : "")
    case .notSquare(let nodes):
      "the file does not state its grid, and \(nodes) nodes are not a square; pass its height and width"
    case .badGraph(let key, let value):
      "metadata '\(key)' is '\(value)', expected \(Self.expectedValue(of: key)); "
        + "correct it or extract the features again"
    case .badCells(let stride, let reason):
      "metadata '\(EncodedImage.MetadataKey.stride.rawValue)' is \(stride), but tensor 'cells' \(reason); "
        + "extract the features again"
    case .conflictingGrid(let grid, let stated):
      "a grid of \(grid) was requested, but the file states \(stated); leave out the grid"
    case .unsupportedPipe: "only .npy can be read from a pipe; pass a .safetensors file by its path"
    case .notFinite(let node, let channel):
      "node \(node), channel \(channel) is NaN or infinite; extract the features again, in float32 if they overflowed"
    }
  }

  private static func expectedValue(of key: String) -> String {
    switch EncodedImage.MetadataKey(rawValue: key) {
    case .alpha: "a number above 0"
    case .floor: "a number from 0 to 1"
    case .stride: "a whole number from 1 to \(FeatureMap.maximumNodes)"
    case .tau: "a number from 0"
    case .grid, .encoder, nil: "another value"
    }
  }
}
