// SPDX-License-Identifier: Apache-2.0
import Tensor

extension AttentionMap {
  /// What maps are called in a `.safetensors` file, alone or with a dot and more behind it.
  public static let tensorName = "attention"

  /// Reads attention maps from a file, `.npy` or `.safetensors`, told apart by content. "-" is standard input; like every
  /// pipe, it holds `.npy`.
  ///
  /// - Shapes: [heads, cells, cells] or [cells, cells] of any floating-point type; heads are averaged.
  /// - Parameters:
  ///   - path: the file.
  ///   - tensor: which one of a safetensors file; nil: `attention` and all whose names begin with `attention.`, or the only
  ///     one.
  ///   - grid: the grid of the largest map, to which the others are brought; a map may have a part of its cells, in
  ///     proportion. nil: the grid that the metadata of a safetensors file states (`grid`), or a square.
  /// - Returns: the maps in the order of their names; one of an `.npy` file.
  /// - Throws: `FileError`, `NPYError` or `SafetensorsError` for a file that cannot be read; `AttentionError` for an array
  ///   that is no attention map.
  public static func maps(
    contentsOf path: String, tensor: String? = nil, grid: Grid? = nil
  ) throws -> [AttentionMap] {
    func check(_ count: Int) throws(AttentionError) {
      guard count <= FeatureMap.maximumValues else { throw .tooManyValues(count, limit: FeatureMap.maximumValues) }
    }
    let arrays = try NumberFile.arrays(
      in: path, unlessPiped: AttentionError.unsupportedPipe, checkingCount: check
    ) { file in
      let own = file.entries.keys.filter { $0 == tensorName || $0.hasPrefix("\(tensorName).") }.sorted()
      return tensor.map { [$0] } ?? (own.isEmpty ? [NumberFile.onlyTensor(of: file) ?? tensorName] : own)
    }
    return try arrays.map { array throws(AttentionError) in
      let whole = grid ?? array.metadata["grid"].flatMap(Grid.init)
      return try AttentionMap(
        shape: array.shape, grid: whole.flatMap { $0.part(cells: array.shape.last ?? 0) }, values: array.values)
    }
  }
}

extension Grid {
  /// The grid of so many cells that divides this one by the same number along both axes; nil without one.
  fileprivate func part(cells: Int) -> Grid? {
    guard cells > 0 else { return nil }
    let ratio = Int((Double(count) / Double(cells)).squareRoot().rounded())
    guard ratio > 0, height % ratio == 0, width % ratio == 0, count == cells * ratio * ratio else { return nil }
    return Grid(height: height / ratio, width: width / ratio)
  }
}
