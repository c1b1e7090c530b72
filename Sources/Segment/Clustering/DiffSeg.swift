// SPDX-License-Identifier: Apache-2.0
import Tensor
import UNet

/// Merges attention maps that are alike: what cells attend to alike is one segment.
///
/// A map is one query's distribution over the cells. The maps of a lattice of anchors are widened to the means of all maps
/// near them, and those proposals are merged greedily, round by round.
///
/// - Source: Tian et al., "Diffuse, Attend, and Segment", CVPR 2024, §3.2 and §3.3. Departures: <doc:Baselines>.
public struct DiffSeg: Clusterer {
  public let name = "diffseg"
  public let upsampling = Upsampling.bilinear
  public let request = EncodingRequest(attention: true)
  /// Maps whose distance is below τ are near each other.
  public var tau: Double
  /// The number of anchors along a side; there are no more than cells.
  public var anchorsPerSide: Int
  /// The number of rounds of merging, the first of which widens the anchors.
  public var rounds: Int
  /// Whether k-means on all maps moves the proposals at the end.
  public var endsWithKMeans: Bool

  public init(tau: Double = 0.9, anchorsPerSide: Int = 16, rounds: Int = 3, endsWithKMeans: Bool = false) {
    self.tau = tau
    self.anchorsPerSide = anchorsPerSide
    self.rounds = rounds
    self.endsWithKMeans = endsWithKMeans
  }

  public var description: String {
    "\(name), tau \(tau), anchors \(anchorsPerSide), rounds \(rounds)\(endsWithKMeans ? ", kmeans" : "")"
  }

  /// Partitions the nodes of an image by its attention; a class is a merged map.
  ///
  /// - Throws: `ClusteringError`, also for an image without attention; `AttentionError` where the grids of the attention do
  ///   not fit the nodes'.
  public func partition(_ image: EncodedImage, observer: StageObserver) throws -> NodePartition {
    guard tau >= 0, tau.isFinite else { throw ClusteringError.distance(tau) }
    guard anchorsPerSide >= 1 else { throw ClusteringError.anchors(anchorsPerSide) }
    guard rounds >= 1 else { throw ClusteringError.rounds(rounds) }
    guard !image.attention.isEmpty else { throw ClusteringError.noAttention }
    let (unit, grid) = (image.nodes.unitRows(), image.nodes.grid)
    let map = try AttentionMap(aggregating: image.attention, to: grid)
    observer.begin(ClusteringStage.cuts)
    let proposals = proposals(of: map)
    let count = proposals.count / grid.count
    let strengths = ContiguousArray((0..<proposals.count).map { proposals[$0 % count * grid.count + $0 / count] })
    let labels = ConceptAssignment.strongest(of: strengths, grid: grid, height: grid.height, width: grid.width)
      .labels.map { Int($0) }
    return NodePartition(
      image, unit: unit, labels: labels, classCount: count, strengths: strengths, upsampling: upsampling)
  }

  /// The distributions that segments are read off: a pixel belongs to the one that is largest there.
  ///
  /// - Returns: [proposals, cells], at least one.
  package func proposals(of map: AttentionMap, using kernels: KernelTable = .current) -> ContiguousArray<Double> {
    let maps = Distributions(map.values, length: map.grid.count)
    var proposals = widened(Self.anchors(of: map.grid, perSide: anchorsPerSide), among: maps, kernels)
    for _ in 1..<max(1, rounds) { proposals = merged(proposals, kernels) }
    guard endsWithKMeans else { return proposals.values }
    let labels = compact(
      KMeans.labels(of: maps.values, dimension: maps.length, centers: proposals.values, using: kernels))
    return means(of: maps, (labels.max() ?? 0) + 1, kernels) { cluster, map in labels[map] == cluster }.values
  }

  /// The cells of a lattice that is centered on the grid, with whole steps.
  ///
  /// Reference behavior: the step is (side − 1) div (anchors − 1), so that a rim may be left over.
  package static func anchors(of grid: Grid, perSide: Int) -> [Int] {
    func line(_ side: Int) -> [Int] {
      let count = max(1, min(perSide, side))
      let step = count > 1 ? (side - 1) / (count - 1) : 0
      let start = (side - 1 - step * (count - 1)) / 2
      return (0..<count).map { start + step * $0 }
    }
    let columns = line(grid.width)
    return line(grid.height).flatMap { row in columns.map { row * grid.width + $0 } }
  }

  /// The mean of all maps near each anchor's, its own among them.
  private func widened(_ anchors: [Int], among maps: Distributions, _ kernels: KernelTable) -> Distributions {
    let distances = Distributions(maps, rows: anchors).distances(to: maps, using: kernels)
    return means(of: maps, anchors.count, kernels) { anchor, map in
      distances[anchor * maps.count + map] < tau || anchors[anchor] == map
    }
  }

  /// Walks through the proposals, passes over those that were taken, and puts the mean of all near ones in place of every
  /// other, which takes them all.
  ///
  /// Reference behavior: those that were taken before are part of a later mean.
  private func merged(_ proposals: Distributions, _ kernels: KernelTable) -> Distributions {
    let count = proposals.count
    let distances = proposals.distances(using: kernels)
    func isNear(_ i: Int, _ j: Int) -> Bool { distances[i * count + j] < tau || i == j }
    var isAssigned = [Bool](repeating: false, count: count)
    var kept: [Int] = []
    for i in 0..<count where !isAssigned[i] {
      kept.append(i)
      for j in 0..<count where isNear(i, j) { isAssigned[j] = true }
    }
    return means(of: proposals, kept.count, kernels) { isNear(kept[$0], $1) }
  }

  /// The means of some sets of distributions, each with at least one.
  private func means(
    of rows: Distributions, _ count: Int, _ kernels: KernelTable, where isMember: (_ set: Int, _ row: Int) -> Bool
  ) -> Distributions {
    var members = ContiguousArray(repeating: 0.0, count: count * rows.count)
    var sizes = ContiguousArray(repeating: 0.0, count: count)
    for set in 0..<count {
      for row in 0..<rows.count where isMember(set, row) {
        members[set * rows.count + row] = 1
        sizes[set] += 1
      }
    }
    var sums = ContiguousArray(repeating: 0.0, count: count * rows.length)
    var output = sums.mutableSpan
    linearCombinations(members.span, of: rows.values.span, length: rows.length, into: &output, using: kernels)
    for set in 0..<count {
      for i in set * rows.length..<(set + 1) * rows.length { sums[i] /= sizes[set] }
    }
    return Distributions(sums, length: rows.length)
  }
}

/// Distributions in rows, and what their distances are made of.
private struct Distributions {
  let length: Int
  /// [count, length].
  let values: ContiguousArray<Double>
  /// log p, of the same shape.
  let logarithms: ContiguousArray<Double>
  /// Σ p·log p of each.
  let information: ContiguousArray<Double>

  /// Smaller numbers count as it inside of a logarithm, so that 0 has a finite distance.
  private static let floor = 1e-12

  var count: Int { information.count }

  init(_ values: ContiguousArray<Double>, length: Int) {
    var logarithms = values
    Parallel.fillChunks(of: &logarithms, chunkSize: length) { _, row in
      for i in 0..<row.count { row[i] = Platform.logarithm(max(row[i], Self.floor)) }
    }
    self.length = length
    self.values = values
    self.logarithms = logarithms
    information = ContiguousArray(
      stride(from: 0, to: values.count, by: length).map { first in
        dot(
          values.span.extracting(first..<first + length), logarithms.span.extracting(first..<first + length))
      })
  }

  /// Some rows of others.
  init(_ all: Distributions, rows: [Int]) {
    length = all.length
    values = ContiguousArray(rows.flatMap { all.values[$0 * all.length..<($0 + 1) * all.length] })
    logarithms = ContiguousArray(rows.flatMap { all.logarithms[$0 * all.length..<($0 + 1) * all.length] })
    information = ContiguousArray(rows.map { all.information[$0] })
  }

  /// Half the sum of both Kullback–Leibler divergences of every pair, Σ (p − q)(log p − log q) / 2.
  ///
  /// It is multiplied out: Σ p log p + Σ q log q − Σ p log q − Σ q log p is sums known and two matrix products.
  ///
  /// - Shapes: result [count, others' count].
  func distances(to others: Distributions, using kernels: KernelTable) -> ContiguousArray<Double> {
    let theirs = products(logarithms, others.values, kernels)
    var result = products(values, others.logarithms, kernels)
    let columns = others.count
    Parallel.fillChunks(of: &result, chunkSize: columns) { i, row in
      for j in 0..<columns {
        row[j] = distance(information[i] + others.information[j], row[j] + theirs[i * columns + j])
      }
    }
    return result
  }

  /// The same of every pair among them, [count, count]: one product is the other's transpose.
  func distances(using kernels: KernelTable) -> ContiguousArray<Double> {
    let products = products(values, logarithms, kernels)
    var result = products
    Parallel.fillChunks(of: &result, chunkSize: count) { i, row in
      for j in 0..<row.count {
        row[j] = distance(information[i] + information[j], row[j] + products[j * row.count + i])
      }
    }
    return result
  }

  /// Rounding must not bring it below 0.
  private func distance(_ information: Double, _ crossed: Double) -> Double { max(0, (information - crossed) / 2) }

  private func products(
    _ a: ContiguousArray<Double>, _ b: ContiguousArray<Double>, _ kernels: KernelTable
  ) -> ContiguousArray<Double> {
    var result = ContiguousArray(repeating: 0.0, count: a.count / length * (b.count / length))
    var output = result.mutableSpan
    innerProducts(a.span, b.span, length: length, into: &output, using: kernels)
    return result
  }
}
