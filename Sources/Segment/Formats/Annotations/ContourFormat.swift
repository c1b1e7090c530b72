// SPDX-License-Identifier: Apache-2.0
import Segment

/// `contour.png`: the image with the boundaries of its segments.
enum ContourFormat: FileFormat {
  static let suffix = "contour.png"
  static let input = AnnotationInput.image

  static func file(of image: SegmentedImage, options: OutputOptions) throws(OutputError) -> [UInt8] {
    PNGImage(image.labelMap.contours(on: try image.image)).encoded()
  }
}

extension LabelMap {
  /// The image with the boundaries of its segments and nothing else: a white line with black edges, which is seen on every
  /// ground. No color is mixed. Lines are as wide as the image needs when it is shown whole: the white is 2 pixels wide, one
  /// on either side of the boundary, and 2 more for every 1000 pixels of the shorter side; each black edge has half of that.
  ///
  /// - Precondition: the image has this map's size.
  public func contours(on image: Image) -> Image {
    precondition(
      image.width == width && image.height == height, "contours of \(width)×\(height) labels on another size")
    let half = 1 + min(width, height) / 1000
    let distances = boundaryDistances(upTo: 2 * half)
    var pixels = image.pixels
    for (pixel, distance) in distances.enumerated() where Int(distance) < 2 * half {
      let value: UInt8 = Int(distance) < half ? 255 : 0
      for channel in 0..<3 { pixels[3 &* pixel &+ channel] = value }
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  /// How many steps, also diagonal ones, each pixel is away from one beside a boundary; `limit` for all that are farther.
  ///
  /// Two passes over the image (Rosenfeld and Pfaltz 1968).
  private func boundaryDistances(upTo limit: Int) -> ContiguousArray<UInt16> {
    var result = ContiguousArray(repeating: UInt16(limit), count: labels.count)
    let labels = labels.span
    var distances = result.mutableSpan
    for y in 0..<height {
      for x in 0..<width {
        let here = y &* width &+ x
        if x + 1 < width && labels[here &+ 1] != labels[here] {
          distances[here] = 0
          distances[here &+ 1] = 0
        }
        if y + 1 < height && labels[here &+ width] != labels[here] {
          distances[here] = 0
          distances[here &+ width] = 0
        }
      }
    }
    for y in 0..<height {
      for x in 0..<width {
        let here = y &* width &+ x
        var nearest = distances[here]
        if x > 0 { nearest = min(nearest, distances[here &- 1] &+ 1) }
        if y > 0 {
          let above = here &- width
          nearest = min(nearest, distances[above] &+ 1)
          if x > 0 { nearest = min(nearest, distances[above &- 1] &+ 1) }
          if x + 1 < width { nearest = min(nearest, distances[above &+ 1] &+ 1) }
        }
        distances[here] = nearest
      }
    }
    for y in (0..<height).reversed() {
      for x in (0..<width).reversed() {
        let here = y &* width &+ x
        var nearest = distances[here]
        if x + 1 < width { nearest = min(nearest, distances[here &+ 1] &+ 1) }
        if y + 1 < height {
          let below = here &+ width
          nearest = min(nearest, distances[below] &+ 1)
          if x > 0 { nearest = min(nearest, distances[below &- 1] &+ 1) }
          if x + 1 < width { nearest = min(nearest, distances[below &+ 1] &+ 1) }
        }
        distances[here] = nearest
      }
    }
    return result
  }
}
