// SPDX-License-Identifier: Apache-2.0
import Segment

/// A pixel, counted from the upper left corner.
public struct PixelPosition: Equatable, Sendable {
  public var x: Int
  public var y: Int

  public init(x: Int, y: Int) {
    self.x = x
    self.y = y
  }
}

/// `heatmap.png`: how similar every place is to a chosen one, in colors over the image (the paper's figure 4).
enum HeatmapFormat: FileFormat {
  static let suffix = "heatmap.png"
  static let input = AnnotationInput.segmentation

  /// - Throws: `OutputError` for a point outside the image.
  static func file(of image: SegmentedImage, options: OutputOptions) throws(OutputError) -> [UInt8] {
    let picture = try image.image
    let point = try picture.checked(options.point)
    let partition = try image.segmentation.partition
    let node = partition.grid.cell(row: point.y, column: point.x, height: picture.height, width: picture.width)
    let map = SimilarityMap(grid: partition.grid, cosines: partition.cosines(ofNode: node))
    return PNGImage(map.overlay(on: picture, marking: point)).encoded()
  }
}

extension Image {
  /// A chosen pixel; nil is the one in the middle.
  ///
  /// - Throws: `OutputError.outside`.
  package func checked(_ point: PixelPosition?) throws(OutputError) -> PixelPosition {
    let point = point ?? PixelPosition(x: width / 2, y: height / 2)
    guard (0..<width).contains(point.x), (0..<height).contains(point.y) else {
      throw .pointOutsideImage(point, width: width, height: height)
    }
    return point
  }
}

extension NodePartition {
  /// The cosines of one node's features with all nodes', [nodes].
  package func cosines(ofNode node: Int) -> [Double] {
    SimilarityMap.cosines(of: unit.span.extracting(node * channels..<(node + 1) * channels), with: unit.span)
  }
}
