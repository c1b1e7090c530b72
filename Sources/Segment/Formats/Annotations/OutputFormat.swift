// SPDX-License-Identifier: Apache-2.0
import Segment

/// What a segmentation can be written as.
///
/// A format gives files of its own for every image, or a part that is kept until one file joins the parts of all images,
/// or both.
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

  /// The files of one image; none for a format that only joins.
  ///
  /// - Throws: `OutputError` when the format cannot hold this image, `EigensolverError` of `eigenvectors`.
  public func files(for image: SegmentedImage, options: OutputOptions = OutputOptions()) throws -> [ImageFile] {
    let map = image.labelMap
    let bytes: [[UInt8]] =
      switch self {
      case .labels: [try map.checkedPNG()]
      case .overlay: [PNGImage(map.overlay(on: try image.image)).encoded()]
      case .contour: [PNGImage(map.contours(on: try image.image)).encoded()]
      case .npy: [NPY.encode(Array(map.labels), shape: [map.height, map.width])]
      case .geojson: [GeoJSON.file(of: image, tolerance: options.polygonTolerance)]
      case .yolo: [YOLO.file(of: image, tolerance: options.polygonTolerance)]
      case .panoptic: [try Panoptic.picture(of: map)]
      case .tree: [try TreeFormat.file(of: image)]
      case .embeddings: [try EmbeddingsFormat.file(of: image)]
      case .features: [try FeaturesFormat.file(of: image)]
      case .heatmap: [try HeatmapFormat.file(of: image, around: options.point)]
      case .eigenvectors: [try EigenvectorsFormat.file(of: image, count: options.eigenvectorCount)]
      case .coco, .labelStudio, .cvat, .csv: []
      }
    return zip(suffixes, bytes).map { ImageFile(suffix: $0, bytes: $1) }
  }

  /// Endings of the files of one image, known before there is a result: names that would collide are refused early.
  public var suffixes: [String] {
    switch self {
    case .labels: ["labels.png"]
    case .overlay: ["overlay.png"]
    case .contour: ["contour.png"]
    case .npy: ["npy"]
    case .geojson: ["geojson"]
    case .yolo: ["txt"]
    case .panoptic: [Panoptic.suffix]
    case .tree: [TreeFormat.suffix]
    case .embeddings: [EmbeddingsFormat.suffix]
    case .features: [FeaturesFormat.suffix]
    case .heatmap: [HeatmapFormat.suffix]
    case .eigenvectors: [EigenvectorsFormat.suffix]
    case .coco, .labelStudio, .cvat, .csv: []
    }
  }

  /// Whether the image's own pixels are needed.
  public var drawsOnImage: Bool { [.overlay, .contour].contains(self) }

  /// Whether features or cuts are needed, which a label map alone does not tell.
  public var readsSegmentation: Bool { [.tree, .embeddings, .features, .heatmap, .eigenvectors].contains(self) }

  /// Name of the file that joins all images; nil for formats without one.
  public var collectionName: String? {
    switch self {
    case .coco: "annotations.coco.json"
    case .panoptic: "panoptic.json"
    case .labelStudio: "label-studio.json"
    case .cvat: CVAT.collectionName
    case .csv: SegmentList.collectionName
    case .labels, .overlay, .contour, .npy, .geojson, .yolo, .tree, .embeddings, .features, .heatmap, .eigenvectors: nil
    }
  }

  /// What the joining file needs of one image, to be kept until then. Empty for formats without one.
  public func part(of image: SegmentedImage, options: OutputOptions = OutputOptions()) throws -> [UInt8] {
    switch self {
    case .coco: COCO.part(of: image)
    case .panoptic: try Panoptic.part(of: image)
    case .labelStudio: LabelStudio.part(of: image, root: options.labelStudioRoot)
    case .cvat: try CVAT.part(of: image)
    case .csv: SegmentList.part(of: image)
    case .labels, .overlay, .contour, .npy, .geojson, .yolo, .tree, .embeddings, .features, .heatmap, .eigenvectors: []
    }
  }

  /// Writes the joining file from the parts of `count` images, in the order they are to have in it.
  ///
  /// - Parameters:
  ///   - count: how many images there are.
  ///   - part: the part at an index; may be asked for repeatedly, so that no more than one needs to be in memory.
  ///   - append: takes the file's bytes piece by piece.
  public func join(
    count: Int, part: (Int) throws -> [UInt8], append: ([UInt8]) throws -> Void
  ) throws {
    switch self {
    case .coco: try COCO.join(count: count, part: part, append: append)
    case .panoptic: try Panoptic.join(count: count, part: part, append: append)
    case .labelStudio: try LabelStudio.join(count: count, part: part, append: append)
    case .cvat: try CVAT.join(count: count, part: part, append: append)
    case .csv: try SegmentList.join(count: count, part: part, append: append)
    case .labels, .overlay, .contour, .npy, .geojson, .yolo, .tree, .embeddings, .features, .heatmap, .eigenvectors:
      break
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
  /// Corners of polygons are left out where the boundary moves by no more than this many pixels; 0 keeps every pixel.
  public var polygonTolerance = 0.0
  /// What stands before an image's name in Label Studio's tasks. The default is for files below Label Studio's document root.
  public var labelStudioRoot = "/data/local-files/?d="

  /// The pixel whose place `heatmap` compares with all others; nil is the centre.
  public var point: PixelPosition?
  /// How many vectors `eigenvectors` shows.
  public var eigenvectorCount = 4

  public init() {}
}

extension LabelMap {
  /// Returns a PNG of the ids.
  ///
  /// - Throws: `OutputError.idOutOfRange`.
  func checkedPNG() throws(OutputError) -> [UInt8] {
    let limit = Int32(UInt16.max)
    for id in [labels.min() ?? 0, labels.max() ?? 0] where !(0...limit).contains(id) {
      throw .idOutOfRange(id, limit: limit)
    }
    return encodedPNG()
  }
}
