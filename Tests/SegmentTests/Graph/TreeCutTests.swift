// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor
import TestSupport
import Testing

/// A tree that is cut again at a smaller τ.
@Suite struct TreeCutTests {
  private static let taus = (1...20).map { Double($0) / 20 }

  private struct Node: Equatable {
    let members, highMembers: [Int]
    let numbers: [UInt64]
    let links: [Int?]

    init(_ node: BipartitionTree.Node) {
      (members, highMembers) = (node.members, node.highMembers)
      numbers = [node.eigenvalue.bitPattern, node.normalizedCutValue.bitPattern]
      links = [node.high, node.low, node.parent]
    }
  }

  @Test(arguments: CutGolden.names)
  func everyTauGivesWhatASeparateCutGives(name: String) throws {
    let golden = try CutGolden(name)
    let all = try DiffCut(alpha: golden.alpha).partitions(EncodedImage(golden.features), at: Self.taus)
    for (tau, found) in zip(Self.taus, all) {
      let separate = try DiffCut(tau: tau, alpha: golden.alpha).partition(golden.features)
      #expect(found.labels == separate.labels && found.classCount == separate.classCount, "tau \(tau)")
      let (tree, other) = (try found.recursion(), try separate.recursion())
      #expect(tree.threshold == tau && tree.graphNodeCount == other.graphNodeCount)
      #expect(tree.nodes.map(Node.init) == other.nodes.map(Node.init), "tau \(tau)")
      let (height, width) = (golden.mask.height, golden.mask.width)
      #expect(
        found.labelMap(height: height, width: width) == separate.labelMap(height: height, width: width), "tau \(tau)")
    }
    // A cut of a cut is a cut.
    let smaller = all[19].cut(at: 0.45).cut(at: 0.2)
    #expect(smaller.labels == all[3].labels)
    #expect(try smaller.recursion().nodes.map(Node.init) == all[3].recursion().nodes.map(Node.init))
  }

  /// A tau may be one of the values that are compared with it.
  @Test func aTauThatIsAnNcutRefusesThatCut() throws {
    let golden = try CutGolden("coffee-8x10-alpha6")
    let whole = try DiffCut(tau: 1, alpha: golden.alpha).partition(golden.features)
    let values = Set(try whole.recursion().nodes.map(\.normalizedCutValue).filter { $0 < 1 })
    try #require(values.count > 10)
    for tau in values.flatMap({ [$0, $0.nextUp] }) {
      let separate = try DiffCut(tau: tau, alpha: golden.alpha).partition(golden.features)
      #expect(whole.cut(at: tau).labels == separate.labels)
    }
  }

  @Test(arguments: CutGolden.names)
  func nextCutsAreToldExactly(name: String) throws {
    let golden = try CutGolden(name)
    let whole = try DiffCut.tree(of: golden.features, tau: 0.8, alpha: golden.alpha)
    for tau in [0, 0.1, 0.33, 0.6] {
      let tree = whole.cut(at: tau)
      let (largest, next) = (tree.largestAcceptedCutValue(), tree.smallestRejectedCutValue())
      #expect(largest == whole.largestAcceptedCutValue(tau: tau) && next == whole.smallestRejectedCutValue(tau: tau))
      #expect((largest == nil) == (tree.acceptedCuts().isEmpty) && largest ?? -1 < tau)
      guard let next, next < 0.8 else { continue }
      #expect(next >= tau)
      #expect(whole.labels(tau: next).labels == tree.labels().labels)
      #expect(whole.labels(tau: next.nextUp).count > tree.labels().count)
    }
  }

  /// The reference's numbers: codes of one bit a cut, the last cut's the most significant, in increasing order.
  @Test(arguments: CutGolden.names, [0.2, 0.5, 0.9])
  func classesAreNumberedByTheirCodes(name: String, tau: Double) throws {
    let golden = try CutGolden(name)
    let tree = try DiffCut.tree(of: golden.features, tau: tau, alpha: golden.alpha)
    var codes = [[Int]](repeating: [], count: golden.features.nodeCount)
    for cut in tree.acceptedCuts().reversed() {
      let high = Set(tree.nodes[cut].highMembers)
      for node in codes.indices { codes[node].append(high.contains(node) ? 1 : 0) }
    }
    let order = Set(codes).sorted { $0.lexicographicallyPrecedes($1) }
    let rank = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    #expect(tree.labels().labels == codes.map { rank[$0] })
    #expect(tree.labels().count == order.count)
  }

  @Test func aGraphWithoutStructureHasNoCuts() throws {
    let map = try FeatureMap(
      grid: Grid(height: 3, width: 3), channels: 2, values: ContiguousArray(repeating: 1, count: 18))
    let all = try DiffCut().partitions(EncodedImage(map), at: [0.5, 0.1])
    #expect(all.map(\.classCount) == [1, 1] && all.map(\.tree?.threshold) == [0.5, 0.1])
    #expect(
      try all[1].recursion().largestAcceptedCutValue() == nil && all[1].recursion().smallestRejectedCutValue() == nil)
    #expect(try DiffCut().partitions(EncodedImage(map), at: []).isEmpty)
  }
}
