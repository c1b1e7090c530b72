// SPDX-License-Identifier: Apache-2.0
import Segment

/// Features of the built-in encoder as NumPy computes them from a photograph or a part of one.
package struct EncoderGolden: Sendable {
  /// The photograph's file name.
  package let imageName: String
  /// Left, top, width and height of the part; nil: all of it.
  private let crop: (left: Int, top: Int, width: Int, height: Int)?
  private let grid: Grid
  private let channels: Int
  private let features: ContiguousArray<Double>

  /// The golden is rounded to single precision, and its linear system solved in another order.
  package static let limit = 1e-6

  /// - Throws: `GoldenError`.
  package init(_ file: SafetensorsFile) throws(GoldenError) {
    imageName = try file.fileName("image")
    let text = file.metadata["crop"] ?? ""
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { Int($0) }
    let limit = 1 << 20
    guard
      text.isEmpty || parts.count == 4 && parts.allSatisfy({ (0...limit).contains($0) }) && parts[2] > 0 && parts[3] > 0
    else { throw .badMetadata("crop", text) }
    crop = text.isEmpty ? nil : (parts[0], parts[1], parts[2], parts[3])
    grid = try file.size("grid")
    channels = file.entries["features"]?.shape.last ?? 0
    features = try file.elements("features", shape: [grid.count, channels])
  }

  /// - Throws: `GoldenError` when the photograph has no such part; `FeatureError`.
  package func replay(photograph: Image) throws -> [StageComparison] {
    var image = photograph
    if let crop {
      guard crop.left + crop.width <= image.width, crop.top + crop.height <= image.height else {
        throw GoldenError.badMetadata("crop", "\(crop.left),\(crop.top),\(crop.width),\(crop.height)")
      }
      var pixels = ContiguousArray<UInt8>()
      for row in crop.top..<crop.top + crop.height {
        let start = 3 * (row * image.width + crop.left)
        pixels += image.pixels[start..<start + 3 * crop.width]
      }
      image = Image(width: crop.width, height: crop.height, pixels: pixels)
    }
    let found = try BuiltInEncoder().encode(image).nodes
    let shape = [grid.height, grid.width, channels]
    guard found.grid == grid, found.channels == channels else {
      return [
        StageComparison(
          stage: "features", shape: shape, error: .infinity, limit: Self.limit,
          remark: "computed [\(found.grid.height), \(found.grid.width), \(found.channels)]")
      ]
    }
    var (difference, magnitude) = (0.0, 0.0)
    for (a, b) in zip(found.values, features) {
      difference += (a - b) * (a - b)
      magnitude += b * b
    }
    return [
      StageComparison(
        stage: "features", shape: shape, error: difference == 0 ? 0 : (difference / magnitude).squareRoot(),
        limit: Self.limit)
    ]
  }
}
