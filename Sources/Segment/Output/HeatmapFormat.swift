// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A pixel, counted from the upper left corner.
public struct PixelPosition: Equatable, Sendable {
  public var x: Int
  public var y: Int

  public init(x: Int, y: Int) {
    self.x = x
    self.y = y
  }
}

/// `heatmap.png`: how similar every place is to a chosen one, in colours over the image (the paper's figure 4).
enum HeatmapFormat {
  static let suffix = "heatmap.png"

  /// The colours' share of the picture, in 256ths; the image's greys have the rest.
  private static let share = 176

  /// - Throws: `OutputError` for a point outside the image.
  static func file(of image: SegmentedImage, around point: PixelPosition?) throws(OutputError) -> [UInt8] {
    let picture = try image.image
    let point = point ?? PixelPosition(x: picture.width / 2, y: picture.height / 2)
    guard (0..<picture.width).contains(point.x), (0..<picture.height).contains(point.y) else {
      throw .outside(point, width: picture.width, height: picture.height)
    }
    let partition = try image.segmentation.partition
    let node = partition.grid.cell(row: point.y, column: point.x, height: picture.height, width: picture.width)
    let cosines = partition.cosines(ofNode: node)
    let (low, high) = (cosines.min() ?? 0, cosines.max() ?? 0)
    // All alike is most similar.
    let scaled = cosines.map { high > low ? ($0 - low) / (high - low) : 1 }
    let heat = partition.grid.upsampled(scaled, height: picture.height, width: picture.width)
    return PNGImage(blend(heat, over: picture, around: point)).encoded()
  }

  private static func blend(
    _ heat: ContiguousArray<Double>, over image: Image, around point: PixelPosition
  ) -> Image {
    let colors = ColorMap.sequential.map { SIMD3(Int($0.red), Int($0.green), Int($0.blue)) &* share }
    let radius = max(4, min(image.width, image.height) / 60)
    var pixels = image.pixels
    Parallel.fillChunks(of: &pixels, chunkSize: max(1, image.width * 3)) { y, row in
      for x in 0..<image.width {
        // Rec. 601 luma in 256ths.
        let grey = (77 * Int(row[3 * x]) + 150 * Int(row[3 * x + 1]) + 29 * Int(row[3 * x + 2])) >> 8
        let color = colors[ColorMap.index(heat[y * image.width + x])] &+ grey * (256 - share)
        let ring = ringShade(x: x - point.x, y: y - point.y, radius: radius)
        for channel in 0..<3 { row[3 * x + channel] = ring ?? UInt8(color[channel] >> 8) }
      }
    }
    return Image(width: image.width, height: image.height, pixels: pixels)
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

extension NodePartition {
  /// The cosines of one node's features with all nodes', [nodes].
  package func cosines(ofNode node: Int) -> [Double] {
    var products = ContiguousArray(repeating: 0.0, count: grid.count)
    var output = products.mutableSpan
    innerProducts(
      unit.span.extracting(node * channels..<(node + 1) * channels), unit.span, length: channels, into: &output)
    return Array(products)
  }
}
