// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// `tree.json`: the whole recursion, from which the labels of any smaller τ follow without another eigenproblem.
enum TreeFormat: FileFormat {
  static let suffix = "tree.json"
  static let input = AnnotationInput.tree

  static func file(of image: SegmentedImage, options: OutputOptions) throws(OutputError) -> [UInt8] {
    let segmentation = try image.segmentation
    let (partition, map) = (segmentation.partition, segmentation.labelMap)
    guard let tree = partition.tree else { throw .noTree }
    var writer = JSONWriter()
    writer.object(nil, .rows) { writer in
      writer.members(of: [
        "format": "diffcut-tree", "version": 1, "image": .string(image.name), "width": .integer(map.width),
        "height": .integer(map.height), "classes": .integers(segmentation.classes),
        "labels": .integers(partition.labels),
      ])
      writer.members(of: partition, tree)
    }
    return writer.bytes + "\n".utf8
  }

  /// Increasing numbers as runs: first, length, first, length and so on.
  static func runs(_ numbers: [Int]) -> [Int] {
    var runs: [Int] = []
    for number in numbers {
      if let first = runs.dropLast().last, let length = runs.last, first + length == number {
        runs[runs.count - 1] += 1
      } else {
        runs += [number, 1]
      }
    }
    return runs
  }
}

extension JSONWriter {
  /// Writes the members that describe a graph and its recursion.
  mutating func members(of partition: NodePartition, _ tree: BipartitionTree) {
    members(of: [
      "grid": [.integer(partition.grid.height), .integer(partition.grid.width)], "tau": .number(tree.threshold),
      "alpha": .number(partition.graph.alpha), "floor": .number(partition.graph.floor),
    ])
    array("nodes", .lines) { writer in
      for index in tree.nodes.indices { writer.write(tree.json(ofNode: index)) }
    }
  }
}

extension BipartitionTree {
  fileprivate func json(ofNode index: Int) -> OrderedJSON {
    let node = nodes[index]
    return [
      "parent": .integer(node.parent), "high": .integer(node.high), "low": .integer(node.low),
      "size": .integer(node.size), "eigenvalue": .number(node.eigenvalue), "ncut": .number(node.normalizedCutValue),
      "accepted": .bool(node.normalizedCutValue < threshold),
      "members": .integers(TreeFormat.runs(node.members)),
      "highMembers": .integers(TreeFormat.runs(node.highMembers)),
    ]
  }
}
