// SPDX-License-Identifier: Apache-2.0
import Segment

/// The recursion as text, for `--verbose`: one line a subgraph, indented by depth.
enum TreeReport {
  static func text(_ tree: BipartitionTree) -> String {
    guard !tree.nodes.isEmpty else { return "  the graph has no cut: one segment\n" }
    var lines: [String] = []
    var pending: [(index: Int, depth: Int)] = [(0, 0)]
    while let (index, depth) = pending.popLast() {
      let node = tree.nodes[index]
      let isCut = node.normalizedCutValue < tree.threshold
      let sides = isCut ? ", cut into \(node.highMembers.count) and \(node.size - node.highMembers.count)" : ", kept"
      lines.append(
        String(repeating: "  ", count: depth + 1) + "\(node.size) nodes: eigenvalue \(fixed(node.eigenvalue, 4)), "
          + "Ncut \(fixed(node.normalizedCutValue, 4))\(sides)\n")
      if let low = node.low { pending.append((low, depth + 1)) }
      if let high = node.high { pending.append((high, depth + 1)) }
    }
    return lines.joined()
  }
}

/// A number with a fixed count of decimals.
func fixed(_ value: Double, _ decimals: Int) -> String {
  guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
  let scale = (0..<decimals).reduce(1) { product, _ in product * 10 }
  let scaled = Int((abs(value) * Double(scale)).rounded())
  let fraction = "\(scaled % scale)"
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return "\(sign)\(scaled)" }
  return "\(sign)\(scaled / scale)." + String(repeating: "0", count: decimals - fraction.count) + fraction
}

/// A duration as people read it.
func milliseconds(_ seconds: Double) -> String {
  seconds < 1 ? "\(Int((seconds * 1000).rounded())) ms" : "\(fixed(seconds, 2)) s"
}
