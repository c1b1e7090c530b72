// SPDX-License-Identifier: Apache-2.0

/// What a segmentation can be written as.
///
/// A format gives files of its own for every image, or a part that is kept until one file joins the parts of all images,
/// or both.
public enum OutputFormat: String, CaseIterable, Sendable {
  /// Indexed picture of the segments' ids.
  case labels
  /// The image with its segments tinted and outlined.
  case overlay
  /// The whole recursion: every subgraph, its members and its cut.
  case tree
  /// The mean unit feature of every segment.
  case embeddings
  /// The similarity of every place to a chosen one.
  case heatmap
  /// The graph's leading eigenvectors as pictures.
  case eigenvectors

  /// The files of one image; none for a format that only joins.
  public func files(for image: SegmentedImage, options: OutputOptions = OutputOptions()) throws -> [ImageFile] {
    let map = image.segmentation.labelMap
    switch self {
    case .labels: return [ImageFile(suffix: "labels.png", bytes: map.encodedPNG())]
    case .overlay: return [ImageFile(suffix: "overlay.png", bytes: PNGImage(map.overlay(on: image.image)).encoded())]
    case .tree: return [TreeFormat.file(for: image)]
    case .embeddings: return [EmbeddingsFormat.file(for: image)]
    case .heatmap: return [try HeatmapFormat.file(for: image, options: options)]
    case .eigenvectors: return [try EigenvectorsFormat.file(for: image, options: options)]
    }
  }

  /// Endings of the files of one image, known before there is a result: names that would collide are refused early.
  public var suffixes: [String] {
    switch self {
    case .labels: ["labels.png"]
    case .overlay: ["overlay.png"]
    case .tree: [TreeFormat.suffix]
    case .embeddings: [EmbeddingsFormat.suffix]
    case .heatmap: [HeatmapFormat.suffix]
    case .eigenvectors: [EigenvectorsFormat.suffix]
    }
  }

  /// Name of the file that joins all images; nil for formats without one.
  public var collectionName: String? {
    switch self {
    case .labels, .overlay: nil
    case .tree, .embeddings, .heatmap, .eigenvectors: nil
    }
  }

  /// What the joining file needs of one image, to be kept until then. Empty for formats without one.
  public func part(of image: SegmentedImage, options: OutputOptions = OutputOptions()) throws -> [UInt8] {
    switch self {
    case .labels, .overlay: []
    case .tree, .embeddings, .heatmap, .eigenvectors: []
    }
  }

  /// Writes the joining file from the parts of `count` images, in the order they are to have in it.
  ///
  /// - Parameters:
  ///   - part: the part at an index; may be asked for repeatedly, so that no more than one needs to be in memory.
  ///   - append: takes the file's bytes piece by piece.
  public func join(
    count: Int, part: (Int) throws -> [UInt8], append: ([UInt8]) throws -> Void
  ) throws {
    switch self {
    case .labels, .overlay: break
    case .tree, .embeddings, .heatmap, .eigenvectors: break
    }
  }
}

/// One file of an image: `photo.jpg` and the suffix `labels.png` make `photo.labels.png`.
public struct ImageFile: Equatable, Sendable {
  public let suffix: String
  public let bytes: [UInt8]

  public init(suffix: String, bytes: [UInt8]) {
    self.suffix = suffix
    self.bytes = bytes
  }
}

/// Settings of output formats.
public struct OutputOptions: Equatable, Sendable {
  /// The pixel whose place `heatmap` compares with all others; nil is the centre.
  public var point: PixelPosition?
  /// How many vectors `eigenvectors` shows.
  public var eigenvectorCount: Int

  public init(point: PixelPosition? = nil, eigenvectorCount: Int = 4) {
    self.point = point
    self.eigenvectorCount = eigenvectorCount
  }
}
