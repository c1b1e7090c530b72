// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment
import Tensor
import TestSupport

/// Features and labels in folders, as another encoder's program would leave them.
struct PatchSet {
  let files: Photographs

  init() throws { files = try Photographs() }

  var folder: TemporaryFolder { files.folder }
  var common: [String] {
    ["coherence", "roc", "--features", folder.file("features"), "--labels", folder.file("labels")]
  }

  func add(_ id: String, _ features: FeatureMap, _ labels: [Int32]) throws {
    let (grid, channels) = (features.grid, features.channels)
    let shape = [grid.height, grid.width]
    try files.write(
      Data(NPY.encode(features.values.map { Float($0) }, shape: shape + [channels])), "features/\(id).npy")
    try files.write(Data(NPY.encode(labels, shape: shape)), "labels/\(id).npy")
  }

  /// Images of 6x5 patches with 7 channels, in four classes and void.
  func addImages(_ count: Int) throws {
    var generator = SeededGenerator(seed: 31)
    for index in 0..<count {
      let features = try FeatureMap(
        grid: Grid(height: 6, width: 5), channels: 7, values: ContiguousArray(generator.doubles(210)))
      let labels = (0..<30).map { [0, 1, 2, 3, 255][($0 * $0 + 3 * index) % 5] as Int32 }
      try add("\(index)", features, labels)
    }
  }
}
