// SPDX-License-Identifier: Apache-2.0
import Segment

/// How similar the patches of an image are to a chosen one, of the same image or of another (DiffCut figure 4).
public struct SimilarityMap: Equatable, Sendable {
  public let grid: Grid
  /// The cosine of every cell's features with the chosen patch's.
  public let cosines: [Double]

  /// - Parameters:
  ///   - row: of the chosen patch, in the grid of `source`.
  ///   - column: of the chosen patch.
  ///   - source: the features of its image.
  ///   - target: the features that are compared with it; nil: those of `source`.
  /// - Throws: `SimilarityError.outside`, or `channels` for features of two encoders.
  public init(
    row: Int, column: Int, of source: FeatureMap, in target: FeatureMap? = nil
  ) throws(SimilarityError) {
    guard (0..<source.grid.height).contains(row), (0..<source.grid.width).contains(column) else {
      throw .patchOutsideGrid(row: row, column: column, grid: source.grid)
    }
    let (channels, patch) = (source.channels, row * source.grid.width + column)
    if let target, target.channels != channels { throw .channels(target.channels, expected: channels) }
    let rows = source.unitRows()
    let others = target?.unitRows() ?? rows
    grid = target?.grid ?? source.grid
    cosines = Self.cosines(
      of: rows.span.extracting(patch * channels..<(patch + 1) * channels), with: others.span)
  }

  init(grid: Grid, cosines: [Double]) {
    self.grid = grid
    self.cosines = cosines
  }

  /// Inner products of one row with all others.
  static func cosines(of row: Span<Double>, with rows: Span<Double>) -> [Double] {
    var products = ContiguousArray(repeating: 0.0, count: rows.count / row.count)
    var output = products.mutableSpan
    innerProducts(row, rows, length: row.count, into: &output)
    return Array(products)
  }

  /// The smallest and the largest cosine.
  public var range: ClosedRange<Double> { (cosines.min() ?? 0)...(cosines.max() ?? 0) }

  /// The map in colors of `ColorMap.sequential`, interpolated bilinearly.
  ///
  /// - Parameters:
  ///   - height: of the picture, in pixels.
  ///   - width: of the picture, in pixels.
  ///   - range: the cosines of the first and the last color; nil: the map's own range.
  /// - Precondition: positive sizes.
  public func picture(height: Int, width: Int, range: ClosedRange<Double>? = nil) -> Image {
    let heat = heat(height: height, width: width, range)
    let colors = ColorMap.sequential
    var pixels = ContiguousArray<UInt8>(repeating: 0, count: 3 * height * width)
    Parallel.fillChunks(of: &pixels, chunkSize: 3 * width) { y, row in
      for x in 0..<width {
        let color = colors[ColorMap.index(heat[y * width + x])]
        (row[3 * x], row[3 * x + 1], row[3 * x + 2]) = (color.red, color.green, color.blue)
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  /// The map in colors of `ColorMap.sequential`, over the grays of the photograph that the grid covers.
  ///
  /// - Parameters:
  ///   - image: the photograph.
  ///   - range: the cosines of the first and the last color; nil: the map's own range.
  ///   - point: where a ring is drawn.
  public func overlay(on image: Image, range: ClosedRange<Double>? = nil, marking point: PixelPosition? = nil) -> Image
  {
    let heat = heat(height: image.height, width: image.width, range)
    let colors = ColorMap.sequential.map { SIMD3(Int($0.red), Int($0.green), Int($0.blue)) &* Self.opacity }
    let radius = max(4, min(image.width, image.height) / 60)
    var pixels = image.pixels
    Parallel.fillChunks(of: &pixels, chunkSize: max(1, image.width * 3)) { y, row in
      for x in 0..<image.width {
        // Rec. 601 luma in 256ths.
        let gray = (77 * Int(row[3 * x]) + 150 * Int(row[3 * x + 1]) + 29 * Int(row[3 * x + 2])) >> 8
        let color = colors[ColorMap.index(heat[y * image.width + x])] &+ gray * (256 - Self.opacity)
        let ring = point.flatMap { Self.ringShade(x: x - $0.x, y: y - $0.y, radius: radius) }
        for channel in 0..<3 { row[3 * x + channel] = ring ?? UInt8(color[channel] >> 8) }
      }
    }
    return Image(width: image.width, height: image.height, pixels: pixels)
  }

  /// The colors' share of an overlay, in 256ths; the photograph's grays have the rest.
  private static let opacity = 176

  /// One number a pixel, the range's ends at 0 and 1. All alike is most similar.
  private func heat(height: Int, width: Int, _ range: ClosedRange<Double>?) -> ContiguousArray<Double> {
    let range = range ?? self.range
    let (low, high) = (range.lowerBound, range.upperBound)
    return grid.upsampled(cosines.map { high > low ? ($0 - low) / (high - low) : 1 }, height: height, width: width)
  }

  /// White on a ring around the point, black beside it, nil elsewhere.
  private static func ringShade(x: Int, y: Int, radius: Int) -> UInt8? {
    let square = x * x + y * y
    func isWithin(_ r: Int) -> Bool { square <= r * r }
    let width = max(1, radius / 4)
    if isWithin(radius - width) || !isWithin(radius + 2 * width) { return nil }
    return isWithin(radius + width) && !isWithin(radius) ? 255 : 0
  }
}

/// Why two patches have no similarity.
public enum SimilarityError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The features have different numbers of channels.
  case channels(Int, expected: Int)
  /// A patch outside the grid.
  case patchOutsideGrid(row: Int, column: Int, grid: Grid)

  public var description: String {
    switch self {
    case .channels(let found, let expected):
      "the features have \(found) channels, expected \(expected); compare features of one encoder"
    case .patchOutsideGrid(let row, let column, let grid):
      "row \(row), column \(column) is outside the grid of \(grid) patches"
    }
  }
}
