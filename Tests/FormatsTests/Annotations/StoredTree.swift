// SPDX-License-Identifier: Apache-2.0
import Tensor
import Testing

/// A recursion read back from JSON, and its labels by the documented rule, written anew.
struct StoredTree {
  struct Node {
    let value: Double?
    let high: Int?
    let low: Int?
    let members: [Int]
    let highMembers: [Int]
  }

  let nodes: [Node]
  let graphNodeCount: Int

  init(_ json: JSON) throws {
    let grid = try #require(json["grid"]?.array).compactMap(\.integer)
    graphNodeCount = grid.reduce(1, *)
    nodes = try #require(json["nodes"]?.array).map { node in
      Node(
        value: node["ncut"]?.double, high: node["high"]?.integer, low: node["low"]?.integer,
        members: try Self.numbers(node["members"]), highMembers: try Self.numbers(node["highMembers"]))
    }
  }

  /// First, length, first, length and so on.
  private static func numbers(_ runs: JSON?) throws -> [Int] {
    let runs = try #require(runs?.array).compactMap(\.integer)
    return stride(from: 0, to: runs.count, by: 2).flatMap { runs[$0]..<runs[$0] + runs[$0 + 1] }
  }

  /// Codes as texts of bits, the last accepted cut first, numbered in their order.
  func labels(tau: Double) -> [Int] {
    var codes = [String](repeating: "", count: graphNodeCount)
    func visit(_ index: Int) {
      guard let value = nodes[index].value, value < tau else { return }
      let high = Set(nodes[index].highMembers)
      for node in codes.indices { codes[node] = (high.contains(node) ? "1" : "0") + codes[node] }
      if let next = nodes[index].high { visit(next) }
      if let next = nodes[index].low { visit(next) }
    }
    if !nodes.isEmpty { visit(0) }
    let order = Set(codes).sorted()
    return codes.compactMap { order.firstIndex(of: $0) }
  }
}
