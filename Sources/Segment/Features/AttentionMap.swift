// SPDX-License-Identifier: Apache-2.0
import Tensor

/// How much each cell of a grid attends to each: what DiffSeg merges.
///
/// - Invariant: every value is finite and at least 0, and every row has a value above 0.
public struct AttentionMap: Equatable, Sendable {
  public let grid: Grid
  /// [cells, cells], row-major: row q is the distribution of query q over the keys. Rows need not sum to 1.
  public let values: ContiguousArray<Double>

  /// A 128×128 grid: a map of it takes 2 GiB.
  public static let maximumCells = 1 << 14

  /// - Throws: `AttentionError` when sizes disagree, or a value cannot be a weight.
  public init(grid: Grid, values: ContiguousArray<Double>) throws(AttentionError) {
    let (cells, overflow) = grid.height.multipliedReportingOverflow(by: grid.width)
    guard grid.height > 0, grid.width > 0, !overflow else { throw .badShape([grid.height, grid.width]) }
    guard cells <= Self.maximumCells else { throw .tooManyCells(cells, limit: Self.maximumCells) }
    guard values.count == cells * cells else { throw .countMismatch(cells: cells, values: values.count) }
    for query in 0..<cells {
      let (first, end) = (query * cells, (query + 1) * cells)
      var sum = 0.0
      for key in first..<end {
        guard values[key] >= 0, values[key].isFinite else {
          throw .badWeight(values[key], query: query, key: key - first)
        }
        sum += values[key]
      }
      guard sum > 0, sum.isFinite else { throw .badSum(sum, query: query) }
    }
    self.grid = grid
    self.values = values
  }

  /// The mean over the heads of an attention.
  ///
  /// - Parameters:
  ///   - shape: [heads, cells, cells] or [cells, cells].
  ///   - grid: nil: a square.
  ///   - values: row by row; a row is what one cell attends to.
  /// - Throws: `AttentionError`.
  public init(
    shape: [Int], grid: Grid? = nil, values: ContiguousArray<Double>
  ) throws(AttentionError) {
    guard shape.count == 2 || shape.count == 3, let cells = shape.last, cells > 0, shape[shape.count - 2] == cells,
      shape[0] > 0
    else { throw .badShape(shape) }
    guard cells <= Self.maximumCells else { throw .tooManyCells(cells, limit: Self.maximumCells) }
    let grid = if let grid { grid } else { try Self.square(cells) }
    guard grid.count == cells else { throw .gridMismatch(grid, cells: cells) }
    guard shape.count == 3 else {
      try self.init(grid: grid, values: values)
      return
    }
    let (heads, size) = (shape[0], cells * cells)
    guard values.count == heads * size else { throw .countMismatch(cells: cells, values: values.count) }
    var mean = ContiguousArray(values[..<size])
    for head in 1..<max(1, heads) {
      for i in 0..<size { mean[i] += values[head * size + i] }
    }
    for i in 0..<size { mean[i] /= Double(heads) }
    try self.init(grid: grid, values: mean)
  }

  private static func square(_ cells: Int) throws(AttentionError) -> Grid {
    let side = Int(Double(cells).squareRoot().rounded())
    guard side * side == cells else { throw .notSquare(cells: cells) }
    return Grid(height: side, width: side)
  }
}

extension AttentionMap {
  /// One map of several: each query's keys are upsampled bilinearly and divided by their sum, queries are repeated, and the
  /// maps are added with weights in proportion to their grids' sides.
  ///
  /// - Parameters:
  ///   - maps: at least one, of grids that divide `grid` by the same number along both axes.
  ///   - grid: nil: the largest map's.
  /// - Shapes: result [cells, cells] of `grid`, rows with sum 1.
  /// - Throws: `AttentionError` for a grid that does not fit.
  /// - Source: Tian et al., "Diffuse, Attend, and Segment", CVPR 2024, §3.2.
  public init(aggregating maps: [AttentionMap], to grid: Grid? = nil) throws(AttentionError) {
    guard let largest = maps.map(\.grid).max(by: { $0.count < $1.count }) else { throw .noMaps }
    let grid = grid ?? largest
    guard grid.count <= Self.maximumCells else { throw .tooManyCells(grid.count, limit: Self.maximumCells) }
    for map in maps {
      let ratio = grid.height / map.grid.height
      guard ratio >= 1, map.grid.height * ratio == grid.height, map.grid.width * ratio == grid.width else {
        throw .unequalGrids(map.grid, of: grid)
      }
    }
    let total = maps.reduce(0) { $0 + $1.grid.height }
    let parts = maps.map { map in
      (
        map: map, sampling: GridSampling(map.grid, height: grid.height, width: grid.width),
        ratio: grid.height / map.grid.height, weight: Double(map.grid.height) / Double(total)
      )
    }
    let cells = grid.count
    var values = ContiguousArray(repeating: 0.0, count: cells * cells)
    Parallel.fillChunks(of: &values, chunkSize: cells) { query, row in
      var keys = ContiguousArray(repeating: 0.0, count: cells)
      for part in parts {
        let source = query / grid.width / part.ratio * part.map.grid.width + query % grid.width / part.ratio
        let size = part.map.grid.count
        let own = part.map.values.span.extracting(source * size..<(source + 1) * size)
        var sum = 0.0
        if part.ratio == 1 {
          for key in 0..<cells {
            keys[key] = own[key]
            sum += own[key]
          }
        } else {
          var pixels = keys.mutableSpan
          part.sampling.fill(&pixels, with: own)
          for key in 0..<cells { sum += pixels[key] }
        }
        for key in 0..<cells { row[key] += keys[key] / sum * part.weight }
      }
    }
    self.grid = grid
    self.values = values
  }
}

/// The reason why an array or a file cannot be used as attention maps.
public enum AttentionError: Error, Equatable, Sendable, CustomStringConvertible {
  case noMaps
  /// An array that is neither [heads, cells, cells] nor [cells, cells].
  case badShape([Int])
  case countMismatch(cells: Int, values: Int)
  /// The number of cells does not determine the grid.
  case notSquare(cells: Int)
  case gridMismatch(Grid, cells: Int)
  case tooManyCells(Int, limit: Int)
  /// The file has more numbers than the limit.
  case tooManyValues(Int, limit: Int)
  /// A weight that is negative, infinite or NaN.
  case badWeight(Double, query: Int, key: Int)
  /// The weights of a query have a sum of zero, or an infinite one.
  case badSum(Double, query: Int)
  /// The grid to which maps are resampled is not a multiple of a map's grid.
  case unequalGrids(Grid, of: Grid)
  /// The pipe contains another format than `.npy`.
  case unsupportedPipe

  public var description: String {
    switch self {
    case .noMaps: "no attention maps; pass at least one"
    case .badShape(let shape):
      "the attention map has shape \(shape), expected [heads, cells, cells] or [cells, cells]"
    case .countMismatch(let cells, let values):
      "the attention map has \(values) values, expected \(cells) x \(cells) for each head"
    case .notSquare(let cells):
      "the file does not state its grid, and \(cells) cells are not a square; pass its height and width"
    case .gridMismatch(let grid, let cells):
      "a grid of \(grid) has \(grid.count) cells, the attention map has \(cells); pass the grid of the map"
    case .tooManyCells(let cells, let limit):
      "\(cells) attention cells, the limit is \(limit); use a smaller image size or a coarser grid"
    case .tooManyValues(let count, let limit):
      "the attention map has \(count) numbers, the limit is \(limit); average the heads or use fewer cells"
    case .badWeight(let value, let query, let key):
      "the attention weight of query \(query) and key \(key) is \(value), expected a finite number from 0; "
        + "save the weights after the softmax"
    case .badSum(let sum, let query):
      "the attention weights of query \(query) have the sum \(sum), expected about 1; save the weights after the softmax"
    case .unequalGrids(let own, let grid):
      "an attention map of grid \(own) cannot be resampled to \(grid), which is not a multiple of it; "
        + "use maps whose grids divide evenly"
    case .unsupportedPipe: "only .npy can be read from a pipe; pass a .safetensors file by its path"
    }
  }
}
