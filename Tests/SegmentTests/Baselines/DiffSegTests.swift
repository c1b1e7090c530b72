// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct DiffSegTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let model: String
    let sides: [Int]
    let size: Grid
    var testDescription: String { name }
  }

  private func stored(_ model: String, side: Int) throws -> AttentionMap {
    let file = try BaselineFixture.file("diffseg")
    let name = "\(model).attention.\(side)"
    return try AttentionMap(shape: file.entries[name]?.shape ?? [], values: file.doubles(name))
  }

  @Test(
    arguments: [
      Case(name: "one-map", model: "ssd-1b-coffee", sides: [16], size: Grid(height: 64, width: 64)),
      Case(name: "few-anchors", model: "sd1.4-astronaut", sides: [16], size: Grid(height: 64, width: 64)),
      Case(name: "one-round", model: "ssd-1b-coffee", sides: [8], size: Grid(height: 30, width: 50)),
      Case(name: "two-maps", model: "ssd-1b-coffee", sides: [16, 8], size: Grid(height: 64, width: 64)),
      Case(name: "larger-side", model: "sd1.4-astronaut", sides: [8, 16], size: Grid(height: 48, width: 80)),
      Case(name: "kmeans", model: "sd1.4-astronaut", sides: [16], size: Grid(height: 64, width: 64)),
    ], InstructionSet.supported)
  func labelsAreThoseOfTheReference(golden: Case, set: InstructionSet) throws {
    let file = try BaselineFixture.file("diffseg")
    let settings = try file.doubles("\(golden.name).settings")
    let (side, anchors, tau, rounds) = (Int(settings[0]), Int(settings[1]), settings[2], Int(settings[3]))
    let maps = try golden.sides.map { try stored(golden.model, side: $0) }
    let map = try AttentionMap(aggregating: maps, to: Grid(height: side, width: side))
    let expected = try BaselineFixture.integers("\(golden.name).labels", in: file)
    let method = DiffSeg(tau: tau, anchorsPerSide: anchors, rounds: rounds, endsWithKMeans: settings[4] == 1)
    let image = try EncodedImage(attention: maps, grid: Grid(height: side, width: side))
    let labels = try method.partition(image).labelMap(height: golden.size.height, width: golden.size.width)
    #expect(labels.labels.map { Int($0) } == expected)

    let proposals = method.proposals(of: map, using: .table(for: set))
    let (cells, count) = (map.grid.count, proposals.count / map.grid.count)
    let strengths = ContiguousArray((0..<proposals.count).map { proposals[$0 % count * cells + $0 / count] })
    let strongest = ConceptAssignment.strongest(
      of: strengths, grid: map.grid, height: golden.size.height, width: golden.size.width)
    #expect(strongest.ranked().ranks.labels.map { Int($0) } == expected, "\(set)")
  }

  /// As published for 64, 32 and 16; a grid with fewer cells than anchors takes all, and one anchor the middle.
  @Test func anchorsAreACenterdLattice() {
    func line(_ side: Int, _ count: Int) -> [Int] {
      let cells = DiffSeg.anchors(of: Grid(height: side, width: side), perSide: count)
      let line = cells.prefix(min(count, side)).map { $0 % side }
      #expect(cells == line.flatMap { row in line.map { row * side + $0 } })
      return line
    }
    #expect(line(64, 16) == (0..<16).map { 1 + 4 * $0 })
    #expect(line(32, 16) == (0..<16).map { 2 * $0 })
    #expect(line(16, 16) == Array(0..<16))
    #expect(line(16, 8) == (0..<8).map { 2 * $0 })
    #expect(line(8, 16) == Array(0..<8))
    #expect(line(9, 1) == [4])
    #expect(line(1, 16) == [0])
    #expect(DiffSeg.anchors(of: Grid(height: 2, width: 6), perSide: 3) == [0, 2, 4, 6, 8, 10])
  }

  /// Cells of three stripes attend to their own stripe.
  private func stripes(_ grid: Grid, _ stripe: (Int) -> Int) throws -> AttentionMap {
    let stripes = (0..<grid.count).map { stripe($0 % grid.width) }
    var values = ContiguousArray<Double>()
    for query in stripes {
      for key in stripes { values.append(query == key ? 1 : 0.001) }
    }
    return try AttentionMap(aggregating: [AttentionMap(grid: grid, values: values)])
  }

  @Test(arguments: [false, true])
  func whatAttendsAlikeIsOneSegment(kMeans: Bool) throws {
    let grid = Grid(height: 4, width: 6)
    let map = try stripes(grid) { $0 / 2 }
    let partition = try DiffSeg(tau: 0.5, anchorsPerSide: 4, endsWithKMeans: kMeans).partition(
      EncodedImage(attention: [map]))
    #expect(partition.labels == (0..<grid.count).map { $0 % 6 / 2 })
    #expect(partition.classCount == 3 && partition.tree == nil && partition.grid == grid)
    let pixels = partition.labelMap(height: 8, width: 12)
    #expect(pixels.labels.map { Int($0) } == (0..<96).map { $0 % 12 / 4 })
    #expect(partition.labelMap(height: 8, width: 12, upsampling: .nearest) == pixels)
    #expect(partition.labelMap(height: 8, width: 12, upsampling: .concept) == pixels)
  }

  /// Nothing is nearer than 0, so that every anchor stays; everything is nearer than 100.
  @Test func extremeThresholds() throws {
    let map = try stripes(Grid(height: 3, width: 3)) { $0 }
    let apart = try DiffSeg(tau: 0, rounds: 2).partition(EncodedImage(attention: [map]))
    #expect(apart.classCount == 9 && Set(apart.labels) == [0, 1, 2])
    // Six proposals win no pixel: they leave no hole in the numbers.
    #expect(Set(apart.labelMap(height: 9, width: 9).labels) == [0, 1, 2])
    let one = try DiffSeg(tau: 100).partition(EncodedImage(attention: [map]))
    #expect(one.classCount == 1 && Set(one.labels) == [0])
  }

  /// Six maps a, one b, six c, where a and c are near b but not each other. The first pass takes all a and b; c is left, and
  /// its mean has b in it again.
  @Test func aProposalThatWasTakenIsPartOfALaterMean() throws {
    let weights = [Double](repeating: 0.8, count: 6) + [0.7] + [Double](repeating: 0.6, count: 6)
    let rest = [Double](repeating: 1e-9, count: weights.count - 2)
    let map = try AttentionMap(
      grid: Grid(height: 1, width: weights.count),
      values: ContiguousArray(weights.flatMap { [$0, 1 - $0] + rest }))
    func firstCells(rounds: Int) -> [Double] {
      let proposals = DiffSeg(tau: 0.05, rounds: rounds).proposals(of: map)
      return stride(from: 0, to: proposals.count, by: weights.count).map { proposals[$0] }
    }
    // With b, but without each other.
    let (a, b, c) = ((6 * 0.8 + 0.7) / 7, 0.7, (0.7 + 6 * 0.6) / 7)
    let widened = [Double](repeating: a, count: 6) + [b] + [Double](repeating: c, count: 6)
    let merged = [(6 * a + b) / 7, (b + 6 * c) / 7]
    for (rounds, expected) in [(1, widened), (2, merged)] {
      expectEqual(
        firstCells(rounds: rounds), expected,
        within: .reduction(length: 32, magnitude: expected, unit: Tolerance.doubleUnit), "\(rounds) rounds")
    }
  }

  /// A zero is as far as the floor lets it be, and not infinitely far.
  @Test func zerosHaveAFiniteDistance() throws {
    let map = try AttentionMap(grid: Grid(height: 1, width: 2), values: [1, 0, 0, 1])
    let distance = -Platform.logarithm(1e-12)
    #expect(DiffSeg(tau: distance * 0.999).proposals(of: map).count == 4)
    #expect(DiffSeg(tau: distance * 1.001).proposals(of: map) == [0.5, 0.5])
  }

  /// Between two nodes a third class may be the strongest: it has pixels and no node. Of a single pixel the others have none.
  @Test func aClassMayHavePixelsAndNoNode() throws {
    let partition = try DiffSeg(tau: 0, rounds: 1).partition(EncodedImage(attention: [ClassBetweenNodes.map()]))
    #expect(partition.labels == [0, 1, 0] && partition.classCount == 3)
    let (pixels, nodes) = partition.pixelsAndNodes(height: 1, width: 9)
    #expect(pixels.labels == [0, 0, 2, 2, 1, 1, 1, 0, 0] && nodes == [0, 1, 0])
    let (pixel, renumbered) = partition.pixelsAndNodes(height: 1, width: 1)
    #expect(pixel.labels == [0] && renumbered == [1, 0, 1])
  }

  @Test func aSegmentWithoutNodesHasAnEmbedding() throws {
    let image = Image(width: 40, height: 1, pixels: ContiguousArray(repeating: 7, count: 120))
    let result = try Segmenter(
      encoder: ClassBetweenNodes(), options: SegmentationOptions(clusterer: DiffSeg(tau: 0, rounds: 1))
    ).segment(image)
    #expect(result.classes == [0, 1, 2])
    #expect(result.labelMap.labels.indices.filter { result.labelMap.labels[$0] == 3 } == Array(9...17))
    let files = try OutputFormat.embeddings.files(
      for: SegmentedImage(name: "image", image: image, segmentation: result), options: OutputOptions())
    // Nodes 0 and 2; node 1; nodes 0 and 1 by 0.5 each.
    let expected = [0.5, 0, 0.5, 0, 1, 0, 0.5, 0.5, 0]
    expectEqual(
      try Array(NPY.parse(files[0].bytes).doubles()), expected,
      within: .reduction(length: 2, magnitude: expected))
  }

  @Test func featuresAloneAreNotEnough() throws {
    let features = try BaselineFixture.halves(Grid(height: 2, width: 2), split: 1)
    #expect(throws: ClusteringError.noAttention) { try DiffSeg().partition(features) }
    let image = Image(width: 40, height: 40, pixels: ContiguousArray(repeating: 7, count: 4800))
    #expect(throws: ClusteringError.noAttention) {
      try Segmenter(options: SegmentationOptions(clusterer: DiffSeg())).segment(image)
    }
  }

  @Test func settingsWithoutMeaningAreRefused() throws {
    let map = try AttentionMap(grid: Grid(height: 1, width: 1), values: [1])
    #expect(try DiffSeg().partition(EncodedImage(attention: [map])).labels == [0])
    #expect(throws: ClusteringError.distance(-1)) { try DiffSeg(tau: -1).partition(EncodedImage(attention: [map])) }
    #expect(throws: ClusteringError.self) { try DiffSeg(tau: .nan).partition(EncodedImage(attention: [map])) }
    #expect(throws: ClusteringError.anchors(0)) {
      try DiffSeg(anchorsPerSide: 0).partition(EncodedImage(attention: [map]))
    }
    #expect(throws: ClusteringError.rounds(0)) { try DiffSeg(rounds: 0).partition(EncodedImage(attention: [map])) }
  }
}

/// Three nodes in a row. The third attends to both others: between them, its map is the strongest.
private struct ClassBetweenNodes: FeatureEncoder {
  let name = "class between nodes"
  static let grid = Grid(height: 1, width: 3)

  static func map() throws -> AttentionMap {
    try AttentionMap(grid: grid, values: [0.6, 0, 0.4, 0, 0.6, 0.4, 0.5, 0.5, 0])
  }

  func encode(_ image: Image, _ request: EncodingRequest, observer: StageObserver) throws -> EncodedImage {
    EncodedImage(
      try FeatureMap(grid: Self.grid, channels: 3, values: [1, 0, 0, 0, 1, 0, 0, 0, 1]),
      attention: request.attention ? [try Self.map()] : [])
  }
}
