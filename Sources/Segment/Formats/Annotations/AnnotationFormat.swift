// SPDX-License-Identifier: Apache-2.0
import Segment

/// A format that a segmented image is written in.
///
/// A conforming type is a `FileFormat`, a `JoinedFormat`, or both. `OutputFormat` lists the conforming types.
protocol AnnotationFormat {
  /// What the format reads.
  static var input: AnnotationInput { get }
}

/// What a format reads. Each case includes the cases before it.
enum AnnotationInput: Comparable {
  /// The label map.
  case labelMap
  /// The pixels of the image.
  case image
  /// The features and the clusters of the graph's nodes.
  case segmentation
  /// The tree of cuts, which only `DiffCut` computes.
  case tree
}

extension AnnotationFormat {
  static var input: AnnotationInput { .labelMap }
}

/// A format that writes a file for each image.
protocol FileFormat: AnnotationFormat {
  /// The ending of the file's name: `labels.png` in `photo.labels.png`.
  static var suffix: String { get }

  /// Returns the bytes of the file.
  ///
  /// - Throws: `OutputError` when the format cannot hold this image.
  static func file(of image: SegmentedImage, options: OutputOptions) throws -> [UInt8]
}

/// A format that writes one file for all images.
protocol JoinedFormat: AnnotationFormat {
  /// The name of the file.
  static var collectionName: String { get }

  /// Returns what the file needs of one image. It is never empty.
  ///
  /// - Throws: `OutputError` when the format cannot hold this image.
  static func part(of image: SegmentedImage, options: OutputOptions) throws -> [UInt8]

  /// Writes the file from the parts of `count` images.
  ///
  /// - Parameters:
  ///   - count: the number of images.
  ///   - part: returns the part at an index; called repeatedly, so that one part at a time is in memory.
  ///   - append: receives the file's bytes piece by piece.
  /// - Throws: `OutputError.corruptPart`, and the errors of `part` and `append`.
  static func join(count: Int, part: (Int) throws -> [UInt8], append: ([UInt8]) throws -> Void) throws
}
