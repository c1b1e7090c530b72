// SPDX-License-Identifier: Apache-2.0
import Tensor

extension FeatureMap {
  /// Reads the features of the graph's nodes from a file, `.npy` or `.safetensors`, recognized by content. "-" is standard
  /// input; like every pipe, it holds `.npy`.
  ///
  /// - Shapes: [nodes, channels] or [height, width, channels], row by row, of any floating-point type.
  /// - Parameters:
  ///   - path: the file.
  ///   - tensor: which one of a safetensors file; nil: `features`, or the only one.
  ///   - grid: rows and columns of the nodes; nil: the array's own, that of a safetensors file's metadata (`grid`, such as
  ///     27x40), or a square.
  /// - Throws: `FileError`, `NPYError` or `SafetensorsError` for a file that cannot be read; `FeatureError` for an array
  ///   that is no feature map.
  public init(contentsOf path: String, tensor: String? = nil, grid: Grid? = nil) throws {
    self = try EncodedImage(contentsOf: path, tensor: tensor, grid: grid).nodes
  }

  /// - Parameters:
  ///   - shape: [nodes, channels] or [height, width, channels].
  ///   - grid: nil: the shape's own, or a square.
  init(shape: [Int], grid: Grid?, values: ContiguousArray<Double>) throws(FeatureError) {
    guard shape.count == 2 || shape.count == 3, let channels = shape.last, channels > 0 else { throw .badShape(shape) }
    if let grid {
      try self.init(grid: grid, channels: channels, values: values)
    } else if shape.count == 3 {
      try self.init(grid: Grid(height: shape[0], width: shape[1]), channels: channels, values: values)
    } else {
      let side = Int(Double(shape[0]).squareRoot().rounded())
      guard side * side == shape[0] else { throw .notSquare(nodes: shape[0]) }
      try self.init(grid: Grid(height: side, width: side), channels: channels, values: values)
    }
  }

  /// Before they are read: eight bytes in memory may be one in the file, and none on the disk.
  static func checkCount(_ count: Int) throws(FeatureError) {
    guard count <= maximumValues else { throw .tooManyValues(count, limit: maximumValues) }
  }
}
