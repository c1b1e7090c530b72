// SPDX-License-Identifier: Apache-2.0
import Linalg
import Tensor
import UNet

/// Finds objects one after the other: bipartition of a graph of two weights, the side of the object, its connected part.
///
/// - Source: Wang et al., "Cut and Learn for Unsupervised Object Detection and Instance Segmentation", CVPR 2023;
///   Wang et al., "TokenCut", 2022. Departures: <doc:Baselines>.
public struct MaskCut: Clusterer {
  public let name = "maskcut"
  public let upsampling = Upsampling.corner
  /// A pair of nodes is joined when their cosine exceeds τ, from 0 to 1.
  public var tau: Double
  /// The number of masks to search for.
  public var count: Int

  /// The weight of pairs that are not joined.
  private static let weakWeight: Float = 1e-5
  /// A later mask that covers more of the one before, as intersection over union, is rejected.
  private static let overlapLimit = 0.5
  /// So is one with no more than this part of the grid.
  private static let areaLimit = 0.01
  /// Nodes this close to the largest value, relative to the largest magnitude, count as equal to it: nodes that are joined
  /// to the same others have equal values, of which rounding would choose one.
  private static let tieTolerance = 1e-9

  public init(tau: Double = 0.2, count: Int = 3) {
    self.tau = tau
    self.count = count
  }

  public var description: String { "\(name), tau \(tau), k \(count)" }

  /// Partitions the nodes; class 0 contains the nodes outside all masks.
  public func partition(_ image: EncodedImage, observer: StageObserver) throws -> NodePartition {
    guard tau >= 0, tau <= 1 else { throw ClusteringError.threshold(tau) }
    guard count >= 1 else { throw ClusteringError.count(count) }
    let (unit, nodes) = (image.nodes.unitRows(), image.nodes)
    observer.begin(ClusteringStage.cuts)
    let masks = try masks(unit: unit, channels: nodes.channels, grid: nodes.grid)
    return NodePartition(
      image, unit: unit, labels: Self.labels(of: masks, nodeCount: nodes.nodeCount), upsampling: upsampling)
  }

  /// Disjoint masks of nodes in the order found, rejected ones empty; fewer than `count` where nothing is left to cut.
  ///
  /// - Shapes: `unit` [grid cells, channels], rows of length 1 or 0.
  /// - Throws: `EigensolverError` when an eigenproblem does not converge.
  package func masks(
    unit: ContiguousArray<Double>, channels: Int, grid: Grid, using kernels: KernelTable = .current
  ) throws -> [[Bool]] {
    var unit = unit
    var previous = [Bool](repeating: false, count: grid.count)
    var covered = previous
    var masks: [[Bool]] = []
    for step in 0..<count {
      for node in previous.indices where previous[node] {
        for c in node * channels..<(node + 1) * channels { unit[c] = 0 }
      }
      let cosines = GramMatrix(of: unit.span, length: channels, using: kernels)
      // All weights equal: any vector is an eigenvector.
      guard let (least, largest) = cosines.extent, least <= tau, largest > tau else { break }
      let weights = cosines.thresholded(above: tau, low: Self.weakWeight)
      let vector = try NormalizedLaplacian(weights: weights, kernels: kernels).fiedlerVector().vector
      let (side, seed) = Self.foreground(vector, grid)
      var current = Self.component(of: side, holding: seed, grid)
      let area = current.count { $0 }
      if step > 0,
        Self.overlap(previous, current) > Self.overlapLimit || Double(area) / Double(grid.count) <= Self.areaLimit
      {
        current = [Bool](repeating: false, count: grid.count)
      }
      masks.append(zip(current, covered).map { $0 && !$1 })
      covered = zip(current, covered).map { $0 || $1 }
      previous = current
    }
    return masks
  }

  /// 0 where no mask lies, then 1, 2, … for masks with nodes in the order found.
  package static func labels(of masks: [[Bool]], nodeCount: Int) -> [Int] {
    var labels = [Int](repeating: 0, count: nodeCount)
    for (index, mask) in masks.filter({ $0.contains(true) }).enumerated() {
      for node in mask.indices where mask[node] { labels[node] = index + 1 }
    }
    return labels
  }

  /// The nodes above the vector's mean, or the others where three or four of the grid's corners are above it; and the
  /// node that leads that side.
  private static func foreground(_ vector: ContiguousArray<Double>, _ grid: Grid) -> (side: [Bool], seed: Int) {
    let mean = vector.reduce(0, +) / Double(vector.count)
    let side = vector.map { $0 > mean }
    let corners = [0, grid.width - 1, grid.count - grid.width, grid.count - 1]
    let margin = tieTolerance * vector.reduce(0) { max($0, abs($1)) }
    if corners.count(where: { side[$0] }) >= 3 {
      let least = vector.min() ?? 0
      return (side.map { !$0 }, vector.firstIndex { $0 <= least + margin } ?? 0)
    }
    let largest = vector.max() ?? 0
    return (side, vector.firstIndex { $0 >= largest - margin } ?? 0)
  }

  /// The 4-connected part of `side` that holds the seed.
  package static func component(of side: [Bool], holding seed: Int, _ grid: Grid) -> [Bool] {
    var found = [Bool](repeating: false, count: side.count)
    guard side[seed] else { return found }
    found[seed] = true
    var pending = [seed]
    while let node = pending.popLast() {
      let (row, column) = (node / grid.width, node % grid.width)
      for (isInside, neighbor) in [
        (row > 0, node - grid.width), (row + 1 < grid.height, node + grid.width), (column > 0, node - 1),
        (column + 1 < grid.width, node + 1),
      ] where isInside && side[neighbor] && !found[neighbor] {
        found[neighbor] = true
        pending.append(neighbor)
      }
    }
    return found
  }

  /// Intersection over union; 0 of two empty masks.
  package static func overlap(_ a: [Bool], _ b: [Bool]) -> Double {
    let union = zip(a, b).count { $0 || $1 }
    return union > 0 ? Double(zip(a, b).count { $0 && $1 }) / Double(union) : 0
  }
}
