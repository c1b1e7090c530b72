// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// What a report holds of one image: enough to cut it again at any τ up to the largest, without encoder or eigensolver.
///
/// See <doc:ReportPage> for the layout.
public struct ReportImage: Sendable {
  /// The slider's position at first.
  public let tau: Double
  /// The recursion up to the largest τ the slider has.
  public let partition: NodePartition
  private let name: String
  private let encoder: String
  private let image: Image
  /// Every cut of the recursion.
  public let tree: BipartitionTree
  private let eigenvectors: GraphEigenvectors

  /// The page shows photographs of up to this many pixels a side, reduced where they are larger.
  static let longestSide = 1024
  private static let longestThumbnailSide = 96

  /// - Parameters:
  ///   - name: what the page calls the image; any text.
  ///   - image: upright, at its own size.
  ///   - partition: the image's nodes, cut by DiffCut at the largest τ.
  ///   - tau: at most that of `partition`.
  ///   - encoder: the encoder's name.
  ///   - eigenvectorCount: how many eigenvectors the page shows.
  /// - Precondition: the partition has a tree, and `tau` is not above its threshold.
  /// - Throws: `EigensolverError` when an eigenproblem does not converge.
  public init(
    name: String, image: Image, partition: NodePartition, tau: Double, encoder: String, eigenvectorCount: Int = 4
  ) throws {
    guard let tree = partition.tree else { preconditionFailure("a partition without a tree in a report") }
    precondition(tau <= tree.threshold, "a tree cut at \(tree.threshold) does not answer for \(tau)")
    (self.name, self.image, self.partition, self.tau, self.encoder) = (name, image, partition, tau, encoder)
    self.tree = tree
    eigenvectors = try partition.leadingEigenvectors(eigenvectorCount)
  }

  /// How similarities can be computed on the page.
  enum Store: String {
    /// The inner products of all pairs of nodes, lower triangle by rows: enough where pixels are assigned by the nodes.
    /// Halfway between two nodes that are classes of their own both are equally similar up to rounding. There these
    /// products, the same to the bit as those that `ConceptAssignment` takes, decide as it does.
    case products
    /// Unit features of the nodes, then of the finer cells.
    case features
  }

  /// Nodes whose products are stored even where their features are shorter: 10 MB at most.
  private static let productNodes = 1600

  /// Products where they are enough, unless they are many and the features are shorter.
  var store: Store {
    let count = partition.grid.count
    return cells == nil && (count <= Self.productNodes || (count + 1) / 2 <= partition.channels) ? .products : .features
  }

  /// The features that pixels are assigned by, where they are not those of the nodes.
  private var cells: FeatureMap? { partition.graph.nodeStride > 1 ? partition.image.features : nil }

  /// The numbers behind `store`, as little-endian doubles in base 64.
  var data: [UInt8] {
    switch store {
    case .features: return Base64.encode([partition.unit, cells?.unitRows() ?? []].joined())
    case .products:
      let n = partition.grid.count
      return Base64.encode((0..<n).lazy.flatMap { row in partition.cosines(ofNode: row)[...row] })
    }
  }

  /// The image's record: a JSON object.
  var record: [UInt8] {
    func integers(_ size: (height: Int, width: Int)) -> OrderedJSON { .integers([size.height, size.width]) }
    let view = image.size(within: Self.longestSide)
    let cells = cells?.grid ?? partition.grid
    let range = partition.cosineRange ?? (1, 1)
    let vectors = zip(eigenvectors.values, eigenvectors.vectors).map { value, vector -> OrderedJSON in
      ["value": .number(value), "vector": .string(text(Base64.encode(vector)))]
    }
    var writer = JSONWriter()
    writer.object(nil, .rows) { writer in
      writer.members(of: [
        "name": .string(name), "encoder": .string(encoder), "size": .integers([image.height, image.width]),
        "view": integers(view), "start": .number(tau), "cells": .integers([cells.height, cells.width]),
        "channels": .integer(partition.channels), "store": .string(store.rawValue),
        "cosines": .numbers([range.minimum, range.maximum]), "eigenvectors": .array(vectors),
        "photo": .string(dataAddress(view)),
        "thumbnail": .string(dataAddress(image.size(within: Self.longestThumbnailSide))),
      ])
      writer.members(of: partition, tree)
    }
    return writer.bytes
  }

  /// The image at a size as a `data:` address.
  private func dataAddress(_ size: (height: Int, width: Int)) -> String {
    let pixels = areaAverage(image, height: size.height, width: size.width).map { UInt8($0 + 0.5) }
    let reduced = Image(width: size.width, height: size.height, pixels: ContiguousArray(pixels))
    return "data:image/png;base64," + text(Base64.encode(PNGImage(reduced).encoded()))
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension NodePartition {
  /// The smallest and the largest cosine of two nodes.
  fileprivate var cosineRange: (minimum: Double, maximum: Double)? {
    GramMatrix(of: unit.span, length: channels).extent
  }
}
