// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor
import TestSupport
import Testing
import UNet

@Suite struct AttentionMapTests {
  private let pair = Grid(height: 1, width: 2)

  @Test func headsAreAveraged() throws {
    let map = try AttentionMap(
      shape: [2, 4, 4], values: ContiguousArray((0..<32).map { Double($0 % 16) + ($0 < 16 ? 0 : 1) }))
    #expect(map.grid == Grid(height: 2, width: 2))
    #expect(map.values == ContiguousArray((0..<16).map { Double($0) + 0.5 }))
    #expect(try AttentionMap(shape: [1, 2, 2], grid: pair, values: [1, 2, 3, 4]).values == [1, 2, 3, 4])
  }

  @Test func numbersThatAreNoMapAreRefused() throws {
    for (shape, values, error) in [
      ([4], [1, 1, 1, 1], AttentionError.badShape([4])),
      ([2, 3], [1, 1, 1, 1, 1, 1], .badShape([2, 3])),
      ([0, 2, 2], [], .badShape([0, 2, 2])),
      ([0, 0], [], .badShape([0, 0])),
      ([1, 1, 1, 1], [1], .badShape([1, 1, 1, 1])),
      ([2, 2], [1, 1, 1, 1], .notSquare(cells: 2)),
      ([1, 1], [0], .badSum(0, query: 0)),
      ([1, 1], [-1], .badWeight(-1, query: 0, key: 0)),
      ([1, 1], [.infinity], .badWeight(.infinity, query: 0, key: 0)),
      ([1, 1], [1, 1], .countMismatch(cells: 1, values: 2)),
      ([2, 1, 1], [1], .countMismatch(cells: 1, values: 1)),
      ([1 << 20, 1 << 20], [], .tooManyCells(1 << 20, limit: 1 << 14)),
    ] as [([Int], ContiguousArray<Double>, AttentionError)] {
      #expect(throws: error, "\(shape)") { try AttentionMap(shape: shape, values: values) }
    }
    let square = Grid(height: 2, width: 2)
    #expect(throws: AttentionError.gridMismatch(square, cells: 2)) {
      try AttentionMap(shape: [2, 2], grid: square, values: [1, 1, 1, 1])
    }
    var values = ContiguousArray(repeating: 1.0, count: 16)
    values[11] = .nan
    let error = #expect(throws: AttentionError.self) { try AttentionMap(shape: [4, 4], values: values) }
    #expect(
      "\(try #require(error))" == "the attention weight of query 2 and key 3 is nan, expected a finite number from 0; "
        + "save the weights after the softmax")
  }

  @Test func rowsOfOneMapAreNormalized() throws {
    let map = try AttentionMap(aggregating: [AttentionMap(grid: pair, values: [1, 3, 2, 2])])
    #expect(map.grid == pair && map.values == [0.25, 0.75, 0.5, 0.5])
  }

  /// A 1×2 map beside a 2×4 one weighs half as much: its queries are repeated, and its keys interpolated.
  @Test func mapsOfTwoGridsAreAdded() throws {
    let fine = Grid(height: 2, width: 4)
    let coarse = try AttentionMap(grid: pair, values: [1, 0, 1, 1])
    let even = try AttentionMap(grid: fine, values: ContiguousArray(repeating: 1, count: 64))
    let map = try AttentionMap(aggregating: [coarse, even])
    // Of keys (1, 0) four columns are 1, 3/4, 1/4, 0, twice: their sum is 4.
    let ramp: [Double] = [0.25, 0.1875, 0.0625, 0, 0.25, 0.1875, 0.0625, 0]
    let rows = [ramp, [Double](repeating: 0.125, count: 8)]
    let alone = (0..<8).flatMap { rows[$0 % 4 / 2] }
    let expected = alone.map { $0 / 3 + 0.25 / 3 }
    #expect(map.grid == fine)
    expectEqual(
      Array(map.values), expected, within: .reduction(length: 8, magnitude: expected, unit: Tolerance.doubleUnit))
    // Alone, on a grid that is asked for.
    let larger = try AttentionMap(aggregating: [coarse], to: fine)
    expectEqual(
      Array(larger.values), alone,
      within: .reduction(length: 8, magnitude: [Double](repeating: 1, count: 64), unit: Tolerance.doubleUnit))
  }

  @Test func gridsMustDivide() throws {
    let map = try AttentionMap(grid: pair, values: [1, 1, 1, 1])
    for grid in [Grid(height: 1, width: 4), Grid(height: 2, width: 2), Grid(height: 1, width: 1)] {
      #expect(throws: AttentionError.unequalGrids(pair, of: grid)) { try AttentionMap(aggregating: [map], to: grid) }
    }
    #expect(throws: AttentionError.noMaps) { try AttentionMap(aggregating: []) }
    #expect(throws: AttentionError.tooManyCells(20_000, limit: 1 << 14)) {
      try AttentionMap(aggregating: [map], to: Grid(height: 100, width: 200))
    }
  }

  @Test func mapsOfFiles() throws {
    let folder = try TemporaryDirectory()
    let square = Tensor([4, 4], values: (1...16).map(Float.init))
    let one = Tensor([1, 1], values: [1])
    let both = try folder.write(
      SafetensorsFile.encode(["attention.64": square, "attention.32": one, "features": one]), to: "both.safetensors")
    let maps = try AttentionMap.maps(contentsOf: both)
    #expect(maps.map(\.grid.count) == [1, 4] && maps[1].values == ContiguousArray((1...16).map(Double.init)))
    #expect(try AttentionMap.maps(contentsOf: both, tensor: "attention.64").count == 1)
    let only = try folder.write(SafetensorsFile.encode(["probs": square]), to: "only.safetensors")
    #expect(try AttentionMap.maps(contentsOf: only).count == 1)
    let neither = try folder.write(SafetensorsFile.encode(["a": square, "b": square]), to: "neither.safetensors")
    #expect(throws: SafetensorsError.self) { try AttentionMap.maps(contentsOf: neither) }
    let array = try folder.write(NPY.encode(square.values, shape: [4, 4]), to: "array.npy")
    // The grid is that of the largest map; this one has a quarter of its cells.
    let wide = try AttentionMap.maps(contentsOf: array, grid: Grid(height: 2, width: 8))
    #expect(wide.map(\.grid) == [Grid(height: 1, width: 4)])
    #expect(try AttentionMap.maps(contentsOf: array, grid: Grid(height: 4, width: 1))[0].grid.height == 4)
    #expect(try AttentionMap.maps(contentsOf: array, grid: Grid(height: 3, width: 5))[0].grid.height == 2)
  }
}

/// The attention of the layers that features come from.
@Suite struct EncoderAttentionTests {
  private func photograph() throws -> Image { try Image.decode(Fixture.bytes("images/astronaut.png")) }

  @Test(arguments: [
    ("ssd-1b-attention-coffee-256", "ssd-1b"), ("vega-attention-chelsea-224", "vega"),
    ("sd1.4-attention-astronaut-128", "sd1.4"),
  ])
  func mapsAreThoseOfDiffusers(name: String, model: String) throws {
    let golden = try DiffusionGolden.fixture(name)
    let checkpoint = try DiffusionCheckpoint(opening: CheckpointLocation.resolve(Fixture.path("diffusion/\(model)")))
    #expect(golden.modelName == model && golden.fits(checkpoint.configuration))
    let comparisons = try golden.replay(checkpoint, photograph: golden.photograph)
    #expect(comparisons.map(\.stage) == ["features", "features.64", "attention", "attention.64"])
    for comparison in comparisons { #expect(comparison.isWithinLimit, "\(comparison)") }
  }

  /// Asking for it changes no bit of the features, and not asking computes none.
  @Test(arguments: FeatureLevel.allCases)
  func featuresAreTheSameWithIt(level: FeatureLevel) throws {
    let encoder = try DiffusionEncoder(model: Fixture.path("diffusion/ssd-1b"), size: 128, level: level)
    var stages: [String] = []
    let observer = StageObserver { stages.append($0) }
    let plain = try encoder.encode(photograph(), EncodingRequest(), observer: observer)
    #expect(plain.attention.isEmpty && !stages.contains { $0.hasPrefix("attention") })
    stages = []
    let full = try encoder.encode(photograph(), EncodingRequest(attention: true), observer: observer)
    #expect(full.nodes.values == plain.nodes.values)
    let sides = [FeatureLevel.coarse: [4], .fine: [8], .both: [4, 8]][level] ?? []
    #expect(full.attention.map(\.grid) == sides.map { Grid(height: $0, width: $0) })
    // The fine block comes first in the network.
    #expect(stages.filter { $0.hasPrefix("attention") } == sides.reversed().map { "attention.\($0)" })
    for map in full.attention {
      for query in 0..<map.grid.count {
        let sum = map.values[query * map.grid.count..<(query + 1) * map.grid.count].reduce(0, +)
        #expect(abs(sum - 1) <= Tolerance.gamma(2 * map.grid.count, Tolerance.floatUnit))
      }
    }
    // Both levels become one map on the finer grid.
    let partition = try DiffSeg(tau: 0.3).partition(full)
    #expect(partition.grid == plain.nodes.grid && partition.labels.count == partition.grid.count)
    #expect(throws: ClusteringError.noAttention) { try DiffSeg().partition(plain) }
  }

  @Test func segmentsAreThoseOfTheMap() throws {
    let encoder = try DiffusionEncoder(model: Fixture.path("diffusion/ssd-1b"), size: 256)
    let image = try photograph()
    let method = DiffSeg(tau: 0.25, endsWithKMeans: true)
    let result = try Segmenter(encoder: encoder, options: SegmentationOptions(clusterer: method)).segment(image)
    let maps = try encoder.encode(image, EncodingRequest(attention: true)).attention
    let expected = try method.partition(EncodedImage(attention: maps))
      .labelMap(height: image.height, width: image.width)
    #expect(result.segmentCount > 2 && result.tree == nil)
    #expect(result.labelMap == expected.rankedByArea())
  }

  @Test func mapsBeyondTheLimitAreRefusedBeforeWork() throws {
    let encoder = try DiffusionEncoder(model: Fixture.path("diffusion/ssd-1b"), size: 2080, level: .both)
    var stages: [String] = []
    #expect(throws: AttentionError.tooManyCells(130 * 130, limit: 1 << 14)) {
      try encoder.encode(
        photograph(), EncodingRequest(attention: true), observer: StageObserver { stages.append($0) })
    }
    #expect(stages.isEmpty)
  }
}
