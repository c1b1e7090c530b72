// SPDX-License-Identifier: Apache-2.0

/// The reason why an image cannot be written in a format.
public enum OutputError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The format draws on the image, but only a label map was passed.
  case noImage
  /// The format needs features or cuts, but only a label map was passed.
  case noSegmentation
  /// The format needs cuts, but another method clustered the nodes.
  case noTree
  /// A pixel outside the image.
  case pointOutsideImage(PixelPosition, width: Int, height: Int)
  /// The width and height of an image and of its label map.
  case sizeMismatch(image: [Int], labels: [Int])
  /// An id that the format cannot store.
  case idOutOfRange(Int32, limit: Int32)
  case tooManySegments(Int, limit: Int)
  /// An image name that the file of all images cannot contain.
  case invalidName(String, reason: String)
  /// The stored part of the image at this index is not in the format.
  case corruptPart(Int)
  /// A line of a file of all images that the format did not write.
  case unexpectedLine(Int)

  public var description: String {
    switch self {
    case .noImage: "this format draws on the image, but only a label map was passed; pass the image too"
    case .noSegmentation: "this format needs features, but only a label map was passed; segment the image instead"
    case .noTree: "the tree of cuts is missing, only the method diffcut computes it; use that method or another format"
    case .pointOutsideImage(let point, let width, let height):
      "point \(point.x),\(point.y) is outside the image of \(width)x\(height) pixels"
    case .sizeMismatch(let image, let labels):
      "the image has \(image[0])x\(image[1]) pixels, its label map \(labels[0])x\(labels[1]); "
        + "pass the image that was labeled"
    case .idOutOfRange(let id, let limit):
      "segment id \(id) does not fit this format, which stores 1 to \(limit); "
        + "renumber the segments or choose another format"
    case .tooManySegments(let count, let limit):
      "\(count) segments do not fit this format, which stores \(limit); merge small segments or choose another format"
    case .invalidName(let name, let reason): "the image name '\(name)' \(reason); rename the image"
    case .corruptPart(let index): "the stored results of image \(index + 1) are damaged; segment it again"
    case .unexpectedLine(let number): "line \(number) is not in diffcut's format; pass the file as diffcut wrote it"
    }
  }
}
