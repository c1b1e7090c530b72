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
  ///   of another shape, and for invalid settings.
  public init(contentsOf path: String, tensor: String? = nil, grid: Grid? = nil) throws {
    self = try Self.read(path, tensor: tensor, grid: grid).image
  }

  /// Returns the features of a file, and which settings it states. A tensor named otherwise than `features`, among others, has
  /// no settings: the file states those of `features`.
  package static func read(
    _ path: String, tensor: String? = nil, grid: Grid? = nil
  ) throws -> (image: EncodedImage, stated: Set<Setting>) {
    let arrays = try NumberFile.arrays(
      in: path, unlessPiped: FeatureError.unsupportedPipe, checkingCount: FeatureMap.checkCount
    ) { file in
      let name = tensor ?? NumberFile.onlyTensor(of: file) ?? featuresName
      let hasCells = name == featuresName && file.entries[cellsName] != nil
      return [name] + (hasCells && file.metadata[MetadataKey.stride.rawValue] != nil ? [cellsName] : [])
    }
    let settings = try FileSettings(arrays[0])
    let shape = arrays[0].shape
    let stated = shape.count == 2 ? settings.grid : nil
    let nodes = try FeatureMap(shape: shape, grid: grid ?? stated, values: arrays[0].values)
    var kinds = settings.kinds
    if shape.count == 3 || stated != nil { kinds.insert(.grid) }
    var features = nodes
    if settings.graph.nodeStride > 1 {
      if let grid, let stated = stated ?? (shape.count == 3 ? Grid(height: shape[0], width: shape[1]) : nil),
        grid != stated
      {
        throw FeatureError.conflictingGrid(grid, stated: stated)
      }
      features = try cells(arrays.dropFirst().first, of: nodes, stride: settings.graph.nodeStride)
    }
    return (
      EncodedImage(
        features, graph: settings.graph, defaultTau: settings.tau ?? publishedTau, encoder: settings.encoder), kinds
    )
  }

  /// Returns all cells, of which every stride-th is a node.
  ///
  /// - Throws: `FeatureError.badCells`.
  private static func cells(
    _ array: NumberFile.Numbers?, of nodes: FeatureMap, stride: Int
  ) throws(FeatureError) -> FeatureMap {
    guard let array else { throw .badCells(stride: stride, reason: "is missing") }
    guard array.shape.count == 3, array.shape[2] == nodes.channels else {
      throw .badCells(stride: stride, reason: "has shape \(array.shape), expected [height, width, \(nodes.channels)]")
    }
    let cells: FeatureMap
    do {
      cells = try FeatureMap(shape: array.shape, grid: nil, values: array.values)
    } catch {
      throw .badCells(stride: stride, reason: "is not valid (\(error))")
    }
    let selected = cells.subsampled(stride: stride)
    guard selected.grid == nodes.grid, selected.values == nodes.values else {
      throw .badCells(stride: stride, reason: "differs from 'features' at these cells")
    }
    return cells
  }

  /// The settings that the metadata of a file states for a tensor.
  private struct FileSettings {
    var graph = GraphOptions()
    var tau: Double?
    var grid: Grid?
    var encoder: String?
    var kinds: Set<Setting> = []

    /// - Throws: `FeatureError.badGraph` for settings that no graph can have.
    init(_ array: NumberFile.Numbers) throws(FeatureError) {
      let metadata = array.metadata
      func number(_ key: MetadataKey, where isValid: (Double) -> Bool) throws(FeatureError) -> Double? {
        guard let text = metadata[key.rawValue] else { return nil }
        guard let number = Double(text), number.isFinite, isValid(number) else {
          throw .badGraph(key: key.rawValue, value: text)
        }
        return number
      }
      let stated = metadata[MetadataKey.grid.rawValue].flatMap(Grid.init)
      guard array.isMain else {
        // The grid is that of `features`, and of other tensors with as many nodes.
        grid = stated?.count == array.shape.first ? stated : nil
        return
      }
      grid = stated
      encoder = metadata[MetadataKey.encoder.rawValue]
      tau = try number(.tau) { $0 >= 0 }
      if tau != nil { kinds.insert(.tau) }
      if let alpha = try number(.alpha, where: { $0 > 0 }) {
        graph.alpha = alpha
        kinds.insert(.alpha)
      }
      if let floor = try number(.floor, where: { (0...1).contains($0) }) {
        graph.floor = floor
        kinds.insert(.floor)
      }
      if let text = metadata[MetadataKey.stride.rawValue] {
        guard let stride = Int(text), (1...FeatureMap.maximumNodes).contains(stride) else {
          throw .badGraph(key: MetadataKey.stride.rawValue, value: text)
        }
        graph.nodeStride = stride
      }
    }
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
