// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor
import TestSupport
import Testing

extension CutGolden {
  static let names = [
    "astronaut-tau0.2", "chelsea-tau0.25", "coffee-tau0.3", "coffee-tau0.5", "rocket-tau0.15", "rocket-tau0.3",
    "chelsea-20x27-alpha7.5", "coffee-8x10-alpha6", "rocket-32x1",
  ]

  init(_ name: String) throws {
    try self.init(SafetensorsFile(path: Fixture.path("ncut/\(name).safetensors")))
  }
}

extension DiffCut {
  /// Returns the recursion over the paper's graph of features.
  static func tree(
    of features: FeatureMap, tau: Double, alpha: Double, using kernels: KernelTable = .current
  ) throws -> BipartitionTree {
    try tree(
      of: AffinityMatrix(unit: features.unitRows(), channels: features.channels, exponent: alpha, using: kernels),
      nodeCount: features.nodeCount, tau: tau, using: kernels)
  }
}

extension NodePartition {
  /// Returns the tree, which DiffCut always makes.
  func recursion() throws -> BipartitionTree { try #require(tree) }
}

@Suite struct GoldenCutTests {
  @Test(arguments: CutGolden.names, InstructionSet.supported)
  func labelsAreThoseOfTheReference(name: String, set: InstructionSet) throws {
    let golden = try CutGolden(name)
    let kernels = KernelTable.table(for: set)
    let tree = try DiffCut.tree(
      of: golden.features, tau: golden.tau, alpha: golden.alpha, using: kernels)
    let (labels, count) = tree.labels()
    #expect(tree.acceptedCuts().count == golden.cuts)
    #expect(count == (golden.nodes.max() ?? 0) + 1)
    #expect(labels == golden.nodes)

    let unit = golden.features.unitRows()
    let channels = golden.features.channels
    let map = ConceptAssignment.labelMap(
      unit: unit, grid: golden.features.grid,
      concepts: ConceptAssignment.means(unit: unit, channels: channels, labels: labels, classCount: count),
      channels: channels, height: golden.mask.height, width: golden.mask.width, using: kernels)
    #expect(Array(map.labels) == golden.pixels)
  }

  /// The tree of a larger τ answers for a smaller one.
  @Test(arguments: [0.05, 0.15, 0.3, 0.41])
  func aTreeCutEarlierIsTheRecursionStoppedEarlier(tau: Double) throws {
    let golden = try CutGolden("coffee-tau0.5")
    let deep = try DiffCut.tree(of: golden.features, tau: 0.5, alpha: 10)
    let shallow = try DiffCut.tree(of: golden.features, tau: tau, alpha: 10)
    #expect(deep.labels(tau: tau) == shallow.labels())
  }

  @Test func treeTellsEveryCutThatWasTried() throws {
    let golden = try CutGolden("chelsea-tau0.25")
    let tree = try DiffCut.tree(of: golden.features, tau: golden.tau, alpha: golden.alpha)
    #expect(tree.nodes[0].size == 1024)
    for node in tree.nodes {
      #expect(node.eigenvalue >= 0 && node.eigenvalue <= 2)
      // The eigenvalue bounds every cut from below (Shi & Malik, eq. 11); the margin is the solver's tolerance.
      #expect(node.normalizedCutValue >= node.eigenvalue - 1e-9)
      if node.high != nil || node.low != nil { #expect(node.normalizedCutValue < golden.tau) }
      for child in [node.high, node.low].compactMap({ $0 }) {
        #expect(Set(tree.nodes[child].members).isSubset(of: node.members))
      }
    }
  }

  /// At large α the graph falls apart into pieces that rounding alone joins, and Lanczos does not converge.
  @Test(arguments: ["astronaut-tau0.2", "rocket-tau0.3", "coffee-tau0.5"], [100.0, 300, 1000])
  func graphsNearlyInPiecesAreCut(name: String, alpha: Double) throws {
    let golden = try CutGolden(name)
    let partition = try DiffCut(tau: 0.2, alpha: alpha).partition(golden.features)
    #expect(partition.classCount >= 2)
    for node in try partition.recursion().nodes { #expect(node.eigenvalue >= 0 && node.eigenvalue <= 2) }
  }

  /// The affinity is symmetric and cosine does not know lengths.
  @Test func lengthsOfFeaturesDoNotMatter() throws {
    let golden = try CutGolden("coffee-8x10-alpha6")
    var generator = SeededGenerator(seed: 7)
    let channels = golden.features.channels
    var values = golden.features.values
    for node in 0..<golden.features.nodeCount {
      let factor = Double(1 << (generator.next() % 8)) / 16
      for c in 0..<channels { values[node * channels + c] *= factor }
    }
    let scaled = try FeatureMap(grid: golden.features.grid, channels: channels, values: values)
    #expect(try DiffCut(tau: golden.tau, alpha: golden.alpha).partition(scaled).labels == golden.nodes)
  }

  @Test func reorderedNodesGiveTheReorderedPartition() throws {
    let golden = try CutGolden("chelsea-20x27-alpha7.5")
    let (count, channels) = (golden.features.nodeCount, golden.features.channels)
    var generator = SeededGenerator(seed: 11)
    let order = (0..<count).shuffled(using: &generator)
    let values = ContiguousArray(
      order.flatMap { golden.features.values[$0 * channels..<($0 + 1) * channels] })
    let shuffled = try FeatureMap(grid: golden.features.grid, channels: channels, values: values)
    let labels = try DiffCut(tau: golden.tau, alpha: golden.alpha).partition(shuffled).labels
    #expect(isSamePartition(labels, order.map { golden.nodes[$0] }))
  }

  @Test(arguments: ["chelsea-tau0.25", "coffee-tau0.3", "rocket-tau0.15"])
  func mirroredFeaturesGiveTheMirroredPartition(name: String) throws {
    let golden = try CutGolden(name)
    let (grid, channels) = (golden.features.grid, golden.features.channels)
    let order = (0..<grid.count).map { $0 / grid.width * grid.width + grid.width - 1 - $0 % grid.width }
    let values = ContiguousArray(order.flatMap { golden.features.values[$0 * channels..<($0 + 1) * channels] })
    let mirrored = try FeatureMap(grid: grid, channels: channels, values: values)
    let labels = try DiffCut(tau: golden.tau, alpha: golden.alpha).partition(mirrored).labels
    #expect(isSamePartition(labels, order.map { golden.nodes[$0] }))
  }
}

/// Whether two labelings are equal up to renaming.
private func isSamePartition(_ a: [Int], _ b: [Int]) -> Bool {
  let pairs = Set(zip(a, b).map { [$0, $1] })
  return a.count == b.count && pairs.count == Set(a).count && pairs.count == Set(b).count
}
