// SPDX-License-Identifier: Apache-2.0
import Tensor

extension EncodedImage {
  /// The keys of a safetensors file's metadata that describe the graph and the cut.
  enum MetadataKey: String, CaseIterable {
    /// Rows and columns of the nodes, such as 27x40.
    case grid
    /// The name of the encoder.
    case encoder
    case alpha = "graph.alpha"
    case floor = "graph.floor"
    case stride = "graph.stride"
    /// The τ that suits the features.
    case tau = "cut.tau"
  }

  /// A setting that a feature file may state.
  package enum Setting: Sendable { case alpha, floor, tau, grid }

  private static let featuresName = "features"
  /// The tensor of all cells, where not each of them is a node.
  private static let cellsName = "cells"
  private static let (alphas, taus, floors, strides) = (1e-6...1e6, 0.0...2, 0.0...1, 1...64)

  /// Reads features and the settings of their graph from a file, `.npy` or `.safetensors`, recognized by content. "-" is
  /// standard input; like every pipe, it holds `.npy`.
  ///
  /// The metadata of a safetensors file may state the grid, the graph and τ. What it does not state, and everything of an
  /// `.npy` file but its shape, takes the paper's defaults.
  ///
  /// - Shapes: [nodes, channels] or [height, width, channels], row by row, of any floating-point type.
  /// - Parameters:
  ///   - path: the file.
  ///   - tensor: which one of a safetensors file; nil: `features`, or the only one.
  ///   - grid: rows and columns of the nodes; nil: the array's own, that of the metadata, or a square.
  /// - Throws: `FileError`, `NPYError` or `SafetensorsError` for a file that cannot be read; `FeatureError` for an array
  ///   that is no feature map, or settings that no graph can have.
  public init(contentsOf path: String, tensor: String? = nil, grid: Grid? = nil) throws {
    self = try Self.read(path, tensor: tensor, grid: grid).image
  }

  /// Returns the features of a file, and which settings it states.
  package static func read(
    _ path: String, tensor: String? = nil, grid: Grid? = nil
  ) throws -> (image: EncodedImage, stated: Set<Setting>) {
    let arrays = try NumberFile.arrays(
      in: path, unlessPiped: FeatureError.pipeWithoutNPY, checkingCount: FeatureMap.checkCount
    ) { file in
      let name = tensor ?? NumberFile.onlyTensor(of: file) ?? featuresName
      let hasCells = name == featuresName && file.entries[cellsName] != nil
      return [name] + (hasCells ? [cellsName] : [])
    }
    let metadata = arrays[0].metadata
    func number(_ key: MetadataKey, in range: ClosedRange<Double>) throws(FeatureError) -> Double? {
      guard let text = metadata[key.rawValue] else { return nil }
      guard let number = Double(text), range.contains(number) else { throw .badGraph(key: key.rawValue, value: text) }
      return number
    }
    var graph = GraphOptions()
    var stated: Set<Setting> = []
    let tau = try number(.tau, in: taus)
    if tau != nil { stated.insert(.tau) }
    if let alpha = try number(.alpha, in: alphas) {
      graph.alpha = alpha
      stated.insert(.alpha)
    }
    if let floor = try number(.floor, in: floors) {
      graph.floor = floor
      stated.insert(.floor)
    }
    let shape = arrays[0].shape
    let statedGrid = metadata[MetadataKey.grid.rawValue].flatMap(Grid.init)
    if shape.count == 3 || statedGrid != nil { stated.insert(.grid) }
    var features = try FeatureMap(
      shape: shape, grid: grid ?? (shape.count == 2 ? statedGrid : nil), values: arrays[0].values)
    if arrays.count > 1 {
      let text = metadata[MetadataKey.stride.rawValue] ?? "1"
      guard let stride = Int(text), strides.contains(stride) else {
        throw FeatureError.badGraph(key: MetadataKey.stride.rawValue, value: text)
      }
      let cells = try FeatureMap(shape: arrays[1].shape, grid: nil, values: arrays[1].values)
      let nodes = cells.everyCell(stride: stride)
      guard nodes.grid == features.grid, nodes.values == features.values else {
        throw FeatureError.notEveryCell(stride: stride)
      }
      (graph.nodeStride, features) = (stride, cells)
    }
    let encoder = metadata[MetadataKey.encoder.rawValue]
    return (EncodedImage(features, graph: graph, defaultTau: tau ?? publishedTau, encoder: encoder), stated)
  }

  /// The arrays of a safetensors file that holds this image: `features` [height, width, channels] of the nodes, and where not
  /// each cell is a node also `cells`.
  package var arrays: [String: SafetensorsFile.Numbers] {
    func numbers(_ map: FeatureMap) -> SafetensorsFile.Numbers {
      SafetensorsFile.Numbers([map.grid.height, map.grid.width, map.channels], map.values)
    }
    return [Self.featuresName: numbers(nodes)].merging(
      graph.nodeStride > 1 ? [Self.cellsName: numbers(features)] : [:]
    ) { nodes, _ in nodes }
  }

  /// The metadata of a safetensors file that holds this image.
  package var metadata: [String: String] {
    var texts: [MetadataKey: String] = [
      .grid: nodes.grid.description, .alpha: "\(graph.alpha)", .floor: "\(graph.floor)",
      .stride: "\(graph.nodeStride)", .tau: "\(defaultTau)",
    ]
    texts[.encoder] = encoder
    return Dictionary(uniqueKeysWithValues: texts.map { ($0.rawValue, $1) })
  }

  /// Returns a safetensors file from which `init(contentsOf:tensor:grid:)` reads the same numbers and the same graph.
  public func encoded() -> [UInt8] { SafetensorsFile.encode(arrays, metadata: metadata) }
}
