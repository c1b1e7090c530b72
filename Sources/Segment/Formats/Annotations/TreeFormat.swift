// SPDX-License-Identifier: Apache-2.0
import Segment

/// `tree.json`: the whole recursion, from which the labels of any smaller τ follow without another eigenproblem.
enum TreeFormat: FileFormat {
  static let suffix = "tree.json"
  static let input = AnnotationInput.tree

  static func file(of image: SegmentedImage, options: OutputOptions) throws(OutputError) -> [UInt8] {
    let segmentation = try image.segmentation
    let (partition, map) = (segmentation.partition, segmentation.labelMap)
    guard let tree = partition.tree else { throw .noTree }
    let members = [
      "\"format\":\"diffcut-tree\"", "\"version\":1", "\"image\":\(jsonString(image.name))",
      "\"width\":\(map.width)", "\"height\":\(map.height)",
      "\"classes\":\(json(segmentation.classes))", "\"labels\":\(json(partition.labels))", partition.members(of: tree),
    ]
    return Array("{\(members.joined(separator: ",\n"))}\n".utf8)
  }

  static func json(_ numbers: [Int]) -> String { "[\(numbers.map(String.init).joined(separator: ","))]" }

  /// null for what JSON has no number for.
  static func json(_ number: Double) -> String { number.isFinite ? "\(number)" : "null" }

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

extension NodePartition {
  /// Returns the members of a JSON object that describe the graph and the recursion.
  func members(of tree: BipartitionTree) -> String {
    let nodes = tree.nodes.indices.map { tree.json(ofNode: $0) }
    return [
      "\"grid\":[\(grid.height),\(grid.width)]", "\"tau\":\(tree.threshold)", "\"alpha\":\(graph.alpha)",
      "\"floor\":\(graph.floor)",
      "\"nodes\":[\n\(nodes.joined(separator: ",\n"))\n]",
    ].joined(separator: ",\n")
  }
}

extension BipartitionTree {
  fileprivate func json(ofNode index: Int) -> String {
    let node = nodes[index]
    func text(_ position: Int?) -> String { position.map { "\($0)" } ?? "null" }
    let members = [
      "\"parent\":\(text(node.parent))", "\"high\":\(text(node.high))", "\"low\":\(text(node.low))",
      "\"size\":\(node.size)", "\"eigenvalue\":\(TreeFormat.json(node.eigenvalue))",
      "\"ncut\":\(TreeFormat.json(node.normalizedCutValue))",
      "\"accepted\":\(node.normalizedCutValue < threshold)",
      "\"members\":\(TreeFormat.json(TreeFormat.runs(node.members)))",
      "\"highMembers\":\(TreeFormat.json(TreeFormat.runs(node.highMembers)))",
    ]
    return "{\(members.joined(separator: ","))}"
  }
}
