// SPDX-License-Identifier: Apache-2.0
import Segment

/// An image and what was found in it: what every output format draws on.
public struct SegmentedImage: Sendable {
  /// The name files refer to the image by: its path below the folder that is worked on, or as it was given.
  public let name: String
  /// Ids of segments at the image's size; ids below 1 are void, which belongs to no segment.
  public let labelMap: LabelMap
  private let pixels: Image?
  private let result: Segmentation?

  /// - Parameters:
  ///   - name: what files refer to the image by.
  ///   - image: upright, at its own size.
  ///   - segmentation: of this image.
  public init(name: String, image: Image, segmentation: Segmentation) {
    self.name = name
    labelMap = segmentation.labelMap
    pixels = image
    result = segmentation
  }

  /// A label map that was made elsewhere, and perhaps its image.
  ///
  /// - Throws: `OutputError.sizeMismatch`.
  public init(name: String, labelMap: LabelMap, image: Image? = nil) throws(OutputError) {
    if let image, (image.width, image.height) != (labelMap.width, labelMap.height) {
      throw .sizeMismatch(image: [image.width, image.height], labels: [labelMap.width, labelMap.height])
    }
    self.name = name
    self.labelMap = labelMap
    pixels = image
    result = nil
  }

  /// - Throws: `OutputError.noImage` for a label map without its image.
  public var image: Image {
    get throws(OutputError) {
      guard let pixels else { throw .noImage }
      return pixels
    }
  }

  /// - Throws: `OutputError.noSegmentation` for a label map that was made elsewhere.
  public var segmentation: Segmentation {
    get throws(OutputError) {
      guard let result else { throw .noSegmentation }
      return result
    }
  }

  /// The name without its last extension: `a/photo` of `a/photo.jpg`.
  package var stem: String {
    let start = Path.nameStart(name)
    guard let dot = name[start...].lastIndex(of: "."), dot != start else { return name }
    return String(name[..<dot])
  }
}
