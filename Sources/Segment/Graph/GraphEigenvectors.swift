// SPDX-License-Identifier: Apache-2.0
import Linalg

/// The leading solutions of (D − W) y = λ D y over the whole graph, after the trivial one: what the first cuts follow.
public struct GraphEigenvectors: Sendable {
  public let grid: Grid
  /// λ, ascending, in 0 ... 2.
  public let values: [Double]
  /// y of each value, one element a node, largest magnitude 1. Sign: the first entry within 1e-9 of the largest magnitude
  /// is positive. Of a repeated λ any basis of its solutions, the same in every run.
  public let vectors: [[Double]]

  /// - Parameter count: how many, fewer where the graph has fewer nodes; none of a graph without structure.
  /// - Throws: `EigensolverError` when an eigenproblem does not converge.
  package init(of affinity: AffinityMatrix?, grid: Grid, count: Int) throws {
    self.grid = grid
    guard let affinity else {
      (values, vectors) = ([], [])
      return
    }
    let laplacian = NormalizedLaplacian(weights: affinity.weights)
    let pairs = try laplacian.leadingVectors(min(max(0, count), affinity.dimension - 1))
    values = pairs.map(\.eigenvalue)
    vectors = pairs.map { pair in
      let peak = pair.vector.reduce(0) { max($0, abs($1)) }
      // Zero only where every node without an edge carries the vector.
      return pair.vector.map { peak > 0 ? $0 / peak : 0 }
    }
  }
}

extension NodePartition {
  /// The graph's weights, computed again; nil when it has no structure.
  package func affinity() -> AffinityMatrix? {
    AffinityMatrix(unit: unit, channels: channels, exponent: graph.alpha, floor: graph.floor)
  }

  /// The first `count` eigenvectors of the whole graph, fewer where it has fewer nodes.
  ///
  /// - Throws: `EigensolverError` when an eigenproblem does not converge.
  public func leadingEigenvectors(_ count: Int) throws -> GraphEigenvectors {
    try GraphEigenvectors(of: affinity(), grid: grid, count: count)
  }
}
