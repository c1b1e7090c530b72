// SPDX-License-Identifier: Apache-2.0
import Segment

/// `eigenvectors.png`: the graph's leading eigenvectors, one picture beside the other, row by row.
enum EigenvectorsFormat: FileFormat {
  static let suffix = "eigenvectors.png"
  static let input = AnnotationInput.segmentation

  /// The longest side of one picture; the image's own where that is smaller.
  private static let longestSide = 512
  private static let gap = 8

  /// - Throws: `EigensolverError` when an eigenproblem does not converge.
  static func file(of image: SegmentedImage, options: OutputOptions) throws -> [UInt8] {
    let vectors = try image.segmentation.partition.leadingEigenvectors(options.eigenvectorCount)
    let (height, width) = try image.image.size(within: longestSide)
    return PNGImage(sheet(of: vectors, height: height, width: width)).encoded()
  }

  /// −1 blue, 0 near white, 1 orange. A graph without structure has no vectors: one picture of zeros.
  private static func sheet(of eigenvectors: GraphEigenvectors, height: Int, width: Int) -> Image {
    let zeros = [Double](repeating: 0, count: eigenvectors.grid.count)
    let vectors = eigenvectors.vectors.isEmpty ? [zeros] : eigenvectors.vectors
    var columns = 1
    while columns * columns < vectors.count { columns += 1 }
    let rows = (vectors.count + columns - 1) / columns
    let sheetWidth = columns * (width + gap) - gap
    let sheetHeight = rows * (height + gap) - gap
    var pixels = ContiguousArray<UInt8>(repeating: 255, count: 3 * sheetWidth * sheetHeight)
    for (position, vector) in vectors.enumerated() {
      let values = eigenvectors.grid.upsampled(vector, height: height, width: width)
      let corner = position / columns * (height + gap) * sheetWidth + position % columns * (width + gap)
      for y in 0..<height {
        for x in 0..<width {
          let color = ColorMap.diverging[ColorMap.index((values[y * width + x] + 1) / 2)]
          let target = 3 * (corner + y * sheetWidth + x)
          (pixels[target], pixels[target + 1], pixels[target + 2]) = (color.red, color.green, color.blue)
        }
      }
    }
    return Image(width: sheetWidth, height: sheetHeight, pixels: pixels)
  }
}

extension Image {
  /// This image's size, reduced where its longest side is longer than `side`.
  func size(within side: Int) -> (height: Int, width: Int) {
    let ratio = min(1, Double(side) / Double(max(height, width)))
    func scaled(_ extent: Int) -> Int { max(1, Int((Double(extent) * ratio).rounded())) }
    return (scaled(height), scaled(width))
  }
}
