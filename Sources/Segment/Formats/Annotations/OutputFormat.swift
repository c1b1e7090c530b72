// SPDX-License-Identifier: Apache-2.0

/// A format that a segmentation is written in.
///
/// A format writes a file for every image, or a part that is kept until one file joins the parts of all images, or both.
public enum OutputFormat: String, CaseIterable, Sendable {
  /// Indexed picture of the segments' ids.
  case labels
  /// The image with its segments tinted and outlined.
  case overlay
  /// The image with the boundaries of its segments.
  case contour
  /// Ids as an array.
  case npy
  /// Polygons in pixels.
  case geojson
  /// Polygons in shares of width and height.
  case yolo
  /// Run lengths of all images in one file.
  case coco
  /// A picture of ids, and one file of all images' segments.
  case panoptic
  /// Tasks with predicted brush regions.
  case labelStudio = "label-studio"
  /// An archive of class and object pictures.
  case cvat
  /// A line for each segment of all images.
  case csv
  /// The whole recursion: every subgraph, its members and its cut.
  case tree
  /// The mean unit feature of every segment.
  case embeddings
  /// The features of the graph's nodes.
  case features
  /// The similarity of every place to a chosen one.
  case heatmap
  /// The graph's leading eigenvectors as pictures.
  case eigenvectors

  /// The type that writes the format.
  private var writer: any AnnotationFormat.Type {
    switch self {
    case .labels: LabelsFormat.self
    case .overlay: OverlayFormat.self
    case .contour: ContourFormat.self
    case .npy: ArrayFormat.self
    case .geojson: GeoJSON.self
    case .yolo: YOLO.self
    case .coco: COCO.self
    case .panoptic: Panoptic.self
    case .labelStudio: LabelStudio.self
    case .cvat: CVAT.self
    case .csv: SegmentList.self
    case .tree: TreeFormat.self
    case .embeddings: EmbeddingsFormat.self
    case .features: FeaturesFormat.self
    case .heatmap: HeatmapFormat.self
    case .eigenvectors: EigenvectorsFormat.self
    }
  }

  private var fileWriter: (any FileFormat.Type)? { writer as? any FileFormat.Type }
  private var joinedWriter: (any JoinedFormat.Type)? { writer as? any JoinedFormat.Type }

  /// Whether the format needs the image's pixels and no more.
  public var drawsOnImage: Bool { writer.input == .image }

  /// Whether the format needs features or cuts, which a label map does not hold.
  public var readsSegmentation: Bool { writer.input >= .segmentation }

  /// Whether the format needs the tree of cuts.
  package var readsTree: Bool { writer.input == .tree }

  /// The endings of the files of one image. They are known before there is a result, so that names that would collide are
  /// rejected early.
  public var suffixes: [String] { fileWriter.map { [$0.suffix] } ?? [] }

  /// Returns the files of one image; none for a format that only joins.
  ///
  /// - Throws: `OutputError` when the format cannot hold this image, `EigensolverError` of `eigenvectors`.
  public func files(for image: SegmentedImage, options: OutputOptions = OutputOptions()) throws -> [ImageFile] {
    guard let fileWriter else { return [] }
    return [ImageFile(suffix: fileWriter.suffix, bytes: try fileWriter.file(of: image, options: options))]
  }

  /// The name of the file that joins all images; nil for formats without one.
  public var collectionName: String? { joinedWriter?.collectionName }

  /// Returns what the joined file needs of one image, to be kept until then; empty for formats without such a file.
  ///
  /// - Throws: `OutputError` when the format cannot hold this image.
  public func part(of image: SegmentedImage, options: OutputOptions = OutputOptions()) throws -> [UInt8] {
    try joinedWriter?.part(of: image, options: options) ?? []
  }

  /// Writes the joined file from the parts of `count` images, in the order they are to have in it.
  ///
  /// - Parameters:
  ///   - count: the number of images.
  ///   - part: returns the part at an index; called repeatedly, so that one part at a time is in memory.
  ///   - append: receives the file's bytes piece by piece.
  public func join(
    count: Int, part: (Int) throws -> [UInt8], append: ([UInt8]) throws -> Void
  ) throws {
    try joinedWriter?.join(count: count, part: part, append: append)
  }
}
