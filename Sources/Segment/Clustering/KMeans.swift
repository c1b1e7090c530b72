// SPDX-License-Identifier: Apache-2.0
import Tensor
import UNet

/// k-means without chance: a farthest-point start, then Lloyd's iteration.
///
/// Of equal candidates the lowest index is taken everywhere, so equal points give equal clusters in every run.
/// - Source: Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985 (start); Lloyd, "Least squares
///   quantization in PCM", 1982. The rule to stop is scikit-learn's.
public struct KMeans: Clusterer {
  public let name = "kmeans"
  /// The number of clusters; there are no more than nodes.
  public var count: Int

  public init(count: Int) { self.count = count }

  public var description: String { "\(name), k \(count)" }

  public func partition(_ image: EncodedImage, observer: StageObserver) throws -> NodePartition {
    guard count >= 1 else { throw ClusteringError.count(count) }
    let (unit, channels) = (image.nodes.unitRows(), image.nodes.channels)
    observer.begin(ClusteringStage.cuts)
    let start = Self.farthestPointStart(of: unit, dimension: channels, count: count)
    let labels = compact(Self.labels(of: unit, dimension: channels, start: start))
    return NodePartition(image, unit: unit, labels: labels, upsampling: upsampling)
  }

  /// Rounds of assignment and update at most.
  private static let roundLimit = 300
  /// The iteration ends when the centers' squared shift is at most this part of the coordinates' mean variance.
  private static let tolerance = 1e-4

  /// The points that serve as first centers: the one farthest from the mean of all, then always the one whose nearest
  /// chosen center is farthest away.
  ///
  /// - Shapes: `points` [n, dimension]. Result: min(count, n) distinct points, in the order chosen.
  package static func farthestPointStart(
    of points: ContiguousArray<Double>, dimension: Int, count: Int
  ) -> [Int] {
    let n = points.count / dimension
    guard n > 0, count > 0 else { return [] }
    func distances(to center: ContiguousArray<Double>) -> [Double] {
      (0..<n).map { squaredDistance(points.span.extracting($0 * dimension..<($0 + 1) * dimension), center.span) }
    }
    func point(_ index: Int) -> ContiguousArray<Double> {
      ContiguousArray(points[index * dimension..<(index + 1) * dimension])
    }
    var chosen = [firstMaximum(distances(to: mean(of: points, dimension: dimension)))]
    var nearest = distances(to: point(chosen[0]))
    nearest[chosen[0]] = -1
    while chosen.count < min(count, n) {
      let next = firstMaximum(nearest)
      chosen.append(next)
      nearest = zip(nearest, distances(to: point(next))).map { min($0, $1) }
      // Below any distance: a copy of a chosen point may be chosen, the point itself not again.
      for index in chosen { nearest[index] = -1 }
    }
    return chosen
  }

  /// The cluster of every point, numbered as their first centers are; clusters may have become empty at the end.
  ///
  /// - Shapes: `points` [n, dimension], result [n].
  /// - Parameter start: the points that are the first centers, at least one.
  package static func labels(
    of points: ContiguousArray<Double>, dimension: Int, start: [Int], using kernels: KernelTable = .current
  ) -> [Int] {
    labels(
      of: points, dimension: dimension,
      centers: ContiguousArray(start.flatMap { points[$0 * dimension..<($0 + 1) * dimension] }), using: kernels)
  }

  /// The cluster of every point, from first centers that need not be points. Clusters are numbered as their first centers are.
  ///
  /// - Shapes: `points` [n, dimension], `centers` [1 ... n, dimension], result [n].
  package static func labels(
    of points: ContiguousArray<Double>, dimension: Int, centers first: ContiguousArray<Double>,
    using kernels: KernelTable = .current
  ) -> [Int] {
    let count = first.count / dimension
    let squares = squaredLengths(points, dimension)
    let shiftLimit = tolerance * meanVariance(of: points, dimension: dimension)
    var centers = first
    var before: [Int]?
    for _ in 0..<roundLimit {
      var (labels, distances) = nearest(points, squares, centers, dimension, kernels)
      if labels == before { return labels }
      var sizes = [Int](repeating: 0, count: count)
      for label in labels { sizes[label] += 1 }
      for cluster in 0..<count where sizes[cluster] == 0 {
        let far = firstMaximum(distances)
        labels[far] = cluster
        distances[far] = -1
      }
      let moved = means(points, labels, keeping: centers, dimension)
      let shift = squaredDistance(moved.span, centers.span)
      (centers, before) = (moved, labels)
      if shift <= shiftLimit { break }
    }
    return nearest(points, squares, centers, dimension, kernels).labels
  }

  /// The nearest center of every point, and its squared distance as |x|² − 2⟨x, c⟩ + |c|².
  private static func nearest(
    _ points: ContiguousArray<Double>, _ squares: [Double], _ centers: ContiguousArray<Double>, _ dimension: Int,
    _ kernels: KernelTable
  ) -> (labels: [Int], distances: [Double]) {
    let count = centers.count / dimension
    let lengths = squaredLengths(centers, dimension)
    var products = ContiguousArray(repeating: 0.0, count: squares.count * count)
    var output = products.mutableSpan
    innerProducts(points.span, centers.span, length: dimension, into: &output, using: kernels)
    var labels = [Int](repeating: 0, count: squares.count)
    var distances = [Double](repeating: .infinity, count: squares.count)
    for i in squares.indices {
      for k in 0..<count {
        let distance = squares[i] - 2 * products[i * count + k] + lengths[k]
        if distance < distances[i] { (labels[i], distances[i]) = (k, distance) }
      }
    }
    return (labels, distances)
  }

  /// The mean of every cluster; one that has lost its only point to another keeps its center.
  private static func means(
    _ points: ContiguousArray<Double>, _ labels: [Int], keeping centers: ContiguousArray<Double>, _ dimension: Int
  ) -> ContiguousArray<Double> {
    let count = centers.count / dimension
    var sums = ContiguousArray(repeating: 0.0, count: centers.count)
    var sizes = [Int](repeating: 0, count: count)
    for (i, label) in labels.enumerated() {
      sizes[label] += 1
      for c in 0..<dimension { sums[label * dimension + c] += points[i * dimension + c] }
    }
    for k in 0..<count {
      for c in k * dimension..<(k + 1) * dimension {
        sums[c] = sizes[k] > 0 ? sums[c] / Double(sizes[k]) : centers[c]
      }
    }
    return sums
  }

  private static func mean(of points: ContiguousArray<Double>, dimension: Int) -> ContiguousArray<Double> {
    let zero = ContiguousArray(repeating: 0.0, count: dimension)
    return means(points, [Int](repeating: 0, count: points.count / dimension), keeping: zero, dimension)
  }

  /// Mean over the coordinates of their variance over the points.
  private static func meanVariance(of points: ContiguousArray<Double>, dimension: Int) -> Double {
    let center = mean(of: points, dimension: dimension)
    var sum = 0.0
    for i in stride(from: 0, to: points.count, by: dimension) {
      sum += squaredDistance(points.span.extracting(i..<i + dimension), center.span)
    }
    return sum / Double(points.count)
  }

  private static func squaredLengths(_ rows: ContiguousArray<Double>, _ dimension: Int) -> [Double] {
    stride(from: 0, to: rows.count, by: dimension).map { first in
      var sum = 0.0
      for c in first..<first + dimension { sum += rows[c] * rows[c] }
      return sum
    }
  }

  private static func squaredDistance(_ a: Span<Double>, _ b: Span<Double>) -> Double {
    var sum = 0.0
    for i in a.indices { sum += (a[i] - b[i]) * (a[i] - b[i]) }
    return sum
  }

  private static func firstMaximum(_ values: [Double]) -> Int {
    var best = 0
    for (index, value) in values.enumerated() where value > values[best] { best = index }
    return best
  }
}
