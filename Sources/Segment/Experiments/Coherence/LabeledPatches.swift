// SPDX-License-Identifier: Apache-2.0
import Segment

/// The patches of an image that have a class: the cells of a feature map, with the class in the middle of each.
public struct LabeledPatches: Sendable {
  public let channels: Int
  /// Of every patch.
  public let classes: ContiguousArray<Int32>
  /// Features of length 1 (or 0), [patches, channels].
  let unit: ContiguousArray<Double>

  public var count: Int { classes.count }

  /// - Parameters:
  ///   - features: of the image's patches.
  ///   - classes: one for each cell; patches with a class below 0, as void has, are left out.
  /// - Throws: `CoherenceError.grids`.
  public init(_ features: FeatureMap, classes: LabelMap) throws(CoherenceError) {
    let grid = Grid(height: classes.height, width: classes.width)
    guard grid == features.grid else { throw .grids(classes: grid, features: features.grid) }
    channels = features.channels
    self.classes = classes.labels.filter { $0 >= 0 }
    let rows = features.unitRows()
    if self.classes.count == grid.count {
      unit = rows
      return
    }
    var unit = ContiguousArray<Double>()
    unit.reserveCapacity(self.classes.count * channels)
    for (patch, label) in classes.labels.enumerated() where label >= 0 {
      unit += rows[patch * channels..<(patch + 1) * channels]
    }
    self.unit = unit
  }
}

extension LabelMap {
  /// The label of the pixel under the center of each cell of a grid that covers the square, or all of the map.
  ///
  /// Reference behavior: torch's `nearest-exact`.
  public func sampled(atCentersOf grid: Grid, in square: EvaluationSquare? = nil) -> LabelMap {
    (square.map { cropped(to: $0) } ?? self).resizedNearest(height: grid.height, width: grid.width)
  }
}
