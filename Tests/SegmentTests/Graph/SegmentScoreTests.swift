// SPDX-License-Identifier: Apache-2.0
import Segment
import TestSupport
import Testing

@Suite struct SegmentScoreTests {
  private func coffee(_ options: SegmentationOptions) throws -> Segmentation {
    let image = try Image.decode(Fixture.bytes("images/coffee.png"))
    return try Segmenter(encoder: BuiltInEncoder(size: 128), options: options).segment(image)
  }

  /// By the definition: from the root down, always to the side that a node of the class lies on.
  @Test(arguments: [0.1, 0.25, 0.6, 0.9]) func cutsAreThoseThatLeadToTheClass(tau: Double) throws {
    let result = try coffee(SegmentationOptions(tau: tau))
    let (tree, labels) = (try result.partition.recursion(), result.partition.labels)
    let scores = result.scores()
    #expect(scores.count == result.segmentCount && scores.count > 1)
    for (score, label) in zip(scores, result.classes) {
      let members = labels.indices.filter { labels[$0] == label }
      #expect(score.nodeCount == members.count)
      var (depth, last, next) = (0, Double?.none, Double?.none)
      var index = Int?.some(0)
      while let current = index {
        let node = tree.nodes[current]
        guard node.normalizedCutValue < tau else {
          next = node.normalizedCutValue
          break
        }
        (depth, last) = (depth + 1, node.normalizedCutValue)
        let high = Set(node.highMembers)
        // All of the class are on one side, or left out, which counts as the low one.
        #expect(members.allSatisfy(high.contains) || !members.contains(where: high.contains))
        index = high.contains(members[0]) ? node.high : node.low
      }
      #expect(score.depth == depth && score.cutValue == last)
      #expect(score.nextCutValue == next)
      #expect(depth > 0 && last.map { $0 < tau } == true && next.map { $0 >= tau } != false)
    }
    // The recursion's numbers: a binary tree's leaves.
    #expect(scores.map { score in score.depth ?? 0 }.max() ?? 0 < tree.acceptedCuts().count + 1)
  }

  @Test func similarityIsTheMeanCosineToTheMean() throws {
    let result = try coffee(SegmentationOptions(tau: 0.4))
    let partition = result.partition
    let channels = partition.channels
    func cosine(_ a: [Double], _ b: [Double]) -> Double {
      func product(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
      return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
    }
    for (score, label) in zip(result.scores(), result.classes) {
      let rows = partition.labels.indices.filter { partition.labels[$0] == label }.map { node in
        Array(result.features.values[node * channels..<(node + 1) * channels])
      }
      let units = rows.map { row in row.map { $0 / row.reduce(0) { $0 + $1 * $1 }.squareRoot() } }
      let mean = (0..<channels).map { c in units.reduce(0) { $0 + $1[c] } / Double(units.count) }
      let expected = units.reduce(0) { $0 + cosine($1, mean) } / Double(units.count)
      // Sums of unit vectors: the error of a dozen additions a channel.
      #expect(abs(try #require(score.similarity) - expected) < 1e-12)
    }
  }

  @Test func anImageOfOneColorIsOneSegmentWithoutCuts() throws {
    let image = Image(width: 40, height: 20, pixels: ContiguousArray(repeating: 90, count: 2400))
    let scores = try Segmenter().segment(image).scores()
    let score = try #require(scores.first)
    #expect(scores.count == 1 && score.depth == 0 && score.cutValue == nil && score.nextCutValue == nil)
    #expect(abs(try #require(score.similarity) - 1) < 1e-12)
  }

  @Test func otherMethodsMakeNoCuts() throws {
    let result = try coffee(SegmentationOptions(clusterer: KMeans(count: 4)))
    let scores = result.scores()
    #expect(scores.count == result.segmentCount)
    #expect(scores.allSatisfy { $0.depth == nil && $0.cutValue == nil && $0.nextCutValue == nil })
    #expect(scores.allSatisfy { $0.nodeCount > 0 && ($0.similarity ?? 0) > 0.5 })
  }
}
