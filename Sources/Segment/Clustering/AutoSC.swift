// SPDX-License-Identifier: Apache-2.0
import Linalg
import Tensor
import UNet

/// Spectral clustering that reads the exponent and the number of segments off the spectrum.
///
/// For every exponent α all eigenvalues of the normalized Laplacian are computed. The largest relative step above the mean
/// of those before it tells how many segments there are; the exponent with the largest step is taken.
///
/// - Source: the rival "AutoSC" of DiffCut §4; gap of Fan et al., "A simple approach to automated spectral clustering",
///   2022; clusters of Damle, Minden & Ying, "Simple, direct and efficient multi-way spectral clustering", 2019.
public struct AutoSC: Clusterer {
  public let name = "autosc"
  /// The exponents α to choose from.
  public var exponents: [Double]
  public var form: AutoSCForm

  /// The exponents of DiffCut's experiments.
  public static let publishedExponents: [Double] = [1, 5, 10, 15]

  public init(exponents: [Double] = publishedExponents, form: AutoSCForm = .official) {
    self.exponents = exponents
    self.form = form
  }

  public var description: String { "\(name), alpha of \(exponents), \(form.rawValue)" }

  public func partition(_ image: EncodedImage, observer: StageObserver) throws -> NodePartition {
    guard !exponents.isEmpty else { throw ClusteringError.noExponent }
    for alpha in exponents where !(alpha > 0 && alpha.isFinite) { throw ClusteringError.exponent(alpha) }
    let unit = image.nodes.unitRows()
    observer.begin(ClusteringStage.cuts)
    let result = try cluster(unit: unit, channels: image.nodes.channels, floor: image.graph.floor)
    return NodePartition(image, unit: unit, labels: result.labels, upsampling: upsampling)
  }

  /// The largest relative gap of one exponent's spectrum, and its 0-based place: the number of eigenvalues before it.
  package struct Eigengap: Equatable, Sendable {
    package let gap: Double
    package let index: Int

    /// Finds the largest g_i = (λ_i − μ_i)/(μ_i + 1e-6), μ_i = mean(λ_0 ... λ_i). Reference behavior: the mean μ_i includes λ_i.
    package init(of values: ContiguousArray<Double>) {
      var (best, index, sum) = (-Double.infinity, 0, 0.0)
      for (i, value) in values.enumerated() {
        sum += value
        let mean = sum / Double(i + 1)
        let gap = (value - mean) / (mean + 1e-6)
        if gap > best { (best, index) = (gap, i) }
      }
      (gap, self.index) = (best, index)
    }
  }

  package struct Result: Sendable {
    /// The class of every node, 0, 1, … without holes.
    package let labels: [Int]
    /// The exponent that decided the number of classes, and that number; nil where all features are alike.
    package let chosen: (exponent: Double, count: Int)?
    /// One for every exponent.
    package let gaps: [Eigengap]
  }

  /// - Parameters:
  ///   - unit: feature vectors of length 1 (or 0), [nodes, channels].
  ///   - floor: scaled cosines below it count as it; 0 is the reference's graph.
  /// - Throws: `EigensolverError` when an eigenproblem does not converge.
  package func cluster(
    unit: ContiguousArray<Double>, channels: Int, floor: Double = 0, using kernels: KernelTable = .current
  ) throws -> Result {
    let single = [Int](repeating: 0, count: unit.count / channels)
    func graph(_ exponent: Double) -> AffinityMatrix? {
      AffinityMatrix(unit: unit, channels: channels, exponent: exponent, floor: floor, using: kernels)
    }
    var gaps: [Eigengap] = []
    var best: (gap: Double, exponent: Double, count: Int) = (0, 0, 0)
    for exponent in exponents {
      guard let affinity = graph(exponent) else { break }
      let gap = Eigengap(of: try NormalizedLaplacian(weights: affinity.weights, kernels: kernels).eigenvalues())
      gaps.append(gap)
      if gap.gap > best.gap { best = (gap.gap, exponent, gap.index) }
    }
    // Reference behavior: `official` counts by the best exponent and clusters by the last one.
    let exponent = form == .official ? exponents.last : best.exponent
    guard best.count > 0, let exponent, let affinity = graph(exponent) else {
      return Result(labels: single, chosen: nil, gaps: gaps)
    }
    let laplacian = NormalizedLaplacian(weights: affinity.weights, kernels: kernels)
    let vectors = try Self.leadingRows(of: laplacian, count: best.count)
    guard let clusters = Self.clusters(of: vectors, width: best.count, using: kernels) else {
      throw EigensolverError.nonFinite("the rotation of AutoSC's eigenvectors")
    }
    return Result(labels: compact(clusters), chosen: (best.exponent, best.count), gaps: gaps)
  }

  /// y = D^-½ u of the `count` smallest eigenvalues, the trivial one included, [nodes, count].
  private static func leadingRows(of laplacian: NormalizedLaplacian, count: Int) throws -> ContiguousArray<Double> {
    let n = laplacian.dimension
    let others = try laplacian.leadingVectors(count - 1)
    let trivial = 1 / laplacian.degree.reduce(0, +).squareRoot()
    var rows = ContiguousArray<Double>()
    rows.reserveCapacity(n * count)
    for node in 0..<n {
      rows.append(laplacian.degree[node] > 0 ? trivial : 0)
      for other in others { rows.append(other.vector[node]) }
    }
    return rows
  }

  /// The cluster of every row: the rows are rotated onto pivot rows, then the column of largest magnitude counts, the first
  /// of equal ones. It depends neither on signs of columns nor on a rotation among them.
  ///
  /// - Shapes: `rows` [n, width], result [n].
  /// - Returns: nil for elements that are not finite.
  package static func clusters(
    of rows: ContiguousArray<Double>, width: Int, using kernels: KernelTable = .current
  ) -> [Int]? {
    guard rows.allSatisfy(\.isFinite) else { return nil }
    let n = rows.count / width
    var chosen = ContiguousArray<Double>()
    for pivot in pivotedRows(rows, width: width) { chosen += rows[pivot * width..<(pivot + 1) * width] }
    // Fewer pivots than columns: the columns depend on each other, and those without a pivot stay without nodes.
    while chosen.count < width * width { chosen.append(0) }
    guard let rotation = polarFactor(columns: chosen, order: width) else { return nil }
    var transposed = rotation
    for i in 0..<width {
      for j in 0..<width { transposed[j * width + i] = rotation[i * width + j] }
    }
    var rotated = ContiguousArray(repeating: 0.0, count: rows.count)
    var output = rotated.mutableSpan
    innerProducts(rows.span, transposed.span, length: width, into: &output, using: kernels)
    return (0..<n).map { node in
      var best = 0
      for k in 1..<max(1, width) where abs(rotated[node * width + k]) > abs(rotated[node * width + best]) { best = k }
      return best
    }
  }
}

/// What AutoSC does where the published code departs from its idea.
public enum AutoSCForm: String, CaseIterable, Sendable {
  /// The published code: the best exponent's number of segments, the last exponent's eigenvectors.
  case official
  /// The best exponent's number of segments and eigenvectors.
  case intended
}

/// The labels that occur, renumbered 0, 1, … in their order.
func compact(_ labels: [Int]) -> [Int] {
  let ranks = Dictionary(uniqueKeysWithValues: Set(labels).sorted().enumerated().map { ($1, $0) })
  return labels.map { ranks[$0] ?? 0 }
}
