// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment

/// Cuts the graph of features from a file.
func cut(_ file: String) throws -> NodePartition {
  let image = try EncodedImage(contentsOf: file)
  let partition = try DiffCut(tau: 0.3).partition(image)
  let map = partition.labelMap(height: 128, width: 128)
  print("\(file): \(partition.grid) nodes, \(partition.classCount) classes, the first pixel's is \(map.labels[0])")
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

/// Writes an encoder's features and the settings of their graph, for `cut` here or the command.
func writeFeatures(of photograph: String, by encoder: some FeatureEncoder, to file: String) throws {
  let image = try encoder.encode(Image(contentsOf: photograph))
  try Data(image.encoded()).write(to: URL(fileURLWithPath: file))
}
