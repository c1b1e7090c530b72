// SPDX-License-Identifier: Apache-2.0

/// Why an image cannot be written in a format.
public enum OutputError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The format draws on the image, and only a label map is there.
  case noImage
  /// The format tells of features or cuts, and only a label map is there.
  case noSegmentation
  /// The format tells of cuts, and the nodes were clustered in another way.
  case noTree
  /// A chosen pixel that the image does not have.
  case pointOutsideImage(PixelPosition, width: Int, height: Int)
  /// Widths and heights of an image and of its label map.
  case sizeMismatch(image: [Int], labels: [Int])
  /// An id that the format cannot hold.
  case idOutOfRange(Int32, limit: Int32)
  case tooManySegments(Int, limit: Int)
  /// A name that the joining file cannot hold.
  case invalidName(String, reason: String)
  /// What was kept of the image at this index is not what the format wrote.
  case corruptPart(Int)
  /// A line of a joined file that was not written so by the format.
  case unexpectedLine(Int)

  public var description: String {
    switch self {
    case .noImage: "there is no image to draw on, only a label map"
    case .noSegmentation: "a label map is not enough, the format needs the image to be segmented"
    case .noTree: "there is no tree of cuts: only the method diffcut makes one"
    case .pointOutsideImage(let point, let width, let height):
      "point \(point.x),\(point.y) lies outside the image of \(width)x\(height) pixels"
    case .sizeMismatch(let image, let labels):
      "the image has \(image[0])x\(image[1]) pixels, its label map \(labels[0])x\(labels[1])"
    case .idOutOfRange(let id, let limit): "segment \(id): the format holds ids from 1 to \(limit)"
    case .tooManySegments(let count, let limit): "\(count) segments, the format holds \(limit)"
    case .invalidName(let name, let reason): "the name '\(name)' \(reason)"
    case .corruptPart(let index): "what was kept of image \(index + 1) is damaged, segment it again"
    case .unexpectedLine(let number): "line \(number) is not as diffcut writes it"
    }
  }
}
