// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment

/// Cuts features that were computed elsewhere.
func cut(_ file: String) throws -> NodePartition {
  let features = try FeatureMap(contentsOf: file)
  let partition = try features.partition(tau: 0.3, alpha: 10)
  let map = partition.labelMap(height: 128, width: 128)
  print("\(file): \(features.grid) nodes, \(partition.classCount) classes, the first pixel's is \(map.labels[0])")
  return partition
}

/// Prints every cut that was made, and how many classes lower thresholds give.
func show(_ tree: BipartitionTree) {
  for index in tree.acceptedCuts() {
    let node = tree.nodes[index]
    let high = node.highMembers.count
    print("  \(node.size) nodes into \(high) and \(node.size - high): Ncut \(node.normalizedCutValue)")
  }
  for tau in [0.1, 0.15, 0.2, 0.25] {
    print("  tau \(tau): \(tree.labels(tau: tau).count) classes")
  }
}

/// Writes an encoder's features, for `cut` here or elsewhere.
func writeFeatures(of photograph: String, by encoder: some FeatureEncoder, to file: String) throws {
  let features = try encoder.encode(Image(contentsOf: photograph)).nodes
  let values = features.values.map { Float($0) }
  let bytes = NPY.encode(values, shape: [features.grid.height, features.grid.width, features.channels])
  try Data(bytes).write(to: URL(fileURLWithPath: file))
}
