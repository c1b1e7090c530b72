// SPDX-License-Identifier: Apache-2.0

/// How the nodes of a feature map are sorted into classes: by DiffCut's recursion, or by what it is compared with.
public enum ClusteringMethod: Equatable, Sendable {
  /// Recursive normalized cut, with τ and α given beside the method.
  case diffCut
  /// Spectral clustering that chooses exponent and number of classes among `alphas` by the gap in the spectrum.
  case autoSC(alphas: [Double] = ClusteringMethod.publishedAlphas, form: AutoSCForm = .official)
  /// Objects one after the other, `count` at most, by cuts of the graph that joins cosines above `tau`. Class 0 is what no
  /// object covers.
  case maskCut(tau: Double = 0.2, count: Int = 3)
  /// k-means on unit features from a farthest-point start; no more clusters than nodes.
  case kMeans(count: Int)
  /// Attention maps merged where their distance is below `tau`, from a lattice of `anchors`² of them, in so many rounds; at
  /// the end k-means if it is asked for. A class is a merged map, and a pixel belongs to the one that is largest there.
  case diffSeg(tau: Double = 0.9, anchors: Int = 16, rounds: Int = 3, kMeans: Bool = false)

  /// The exponents AutoSC tries.
  public static let publishedAlphas: [Double] = [1, 5, 10, 15]

  /// How classes reach the pixels unless something else is asked for.
  public var upsampling: Upsampling {
    switch self {
    case .diffCut, .autoSC, .kMeans: .concept
    case .maskCut: .corner
    case .diffSeg: .bilinear
    }
  }

  /// Whether it sorts nodes by an encoder's attention and not by its features.
  public var needsAttention: Bool { if case .diffSeg = self { true } else { false } }

  /// - Throws: `ClusteringError`.
  func check() throws(ClusteringError) {
    switch self {
    case .diffCut: break
    case .autoSC(let alphas, _):
      guard !alphas.isEmpty else { throw .noExponent }
      for alpha in alphas where !(alpha > 0 && alpha.isFinite) { throw .exponent(alpha) }
    case .maskCut(let tau, let count):
      guard tau >= 0, tau <= 1 else { throw .threshold(tau) }
      guard count >= 1 else { throw .count(count) }
    case .kMeans(let count):
      guard count >= 1 else { throw .count(count) }
    case .diffSeg(let tau, let anchors, let rounds, _):
      guard tau >= 0, tau.isFinite else { throw .distance(tau) }
      guard anchors >= 1 else { throw .anchors(anchors) }
      guard rounds >= 1 else { throw .rounds(rounds) }
    }
  }

  /// The classes of a method that sorts features: not DiffCut's, which needs its graph and keeps its tree, nor DiffSeg.
  func classes(
    unit: ContiguousArray<Double>, channels: Int, grid: Grid, floor: Double
  ) throws -> (labels: [Int], count: Int) {
    let labels: [Int] =
      switch self {
      case .diffCut, .diffSeg: [Int](repeating: 0, count: grid.count)
      case .autoSC(let alphas, let form):
        try AutoSC(exponents: alphas, form: form).cluster(unit: unit, channels: channels, floor: floor).labels
      case .maskCut(let tau, let count):
        MaskCut.labels(
          of: try MaskCut(tau: tau, count: count).masks(unit: unit, channels: channels, grid: grid),
          nodeCount: grid.count)
      case .kMeans(let count):
        compact(
          KMeans.labels(
            of: unit, dimension: channels,
            start: KMeans.farthestPointStart(of: unit, dimension: channels, count: count)))
      }
    return (labels, (labels.max() ?? 0) + 1)
  }
}

extension ClusteringMethod: CustomStringConvertible {
  /// The method's name as `--method` has it.
  public var name: String {
    switch self {
    case .diffCut: "diffcut"
    case .autoSC: "autosc"
    case .maskCut: "maskcut"
    case .kMeans: "kmeans"
    case .diffSeg: "diffseg"
    }
  }

  /// The name and all settings.
  public var description: String {
    switch self {
    case .diffCut: name
    case .autoSC(let alphas, let form): "\(name), alpha of \(alphas), \(form.rawValue)"
    case .maskCut(let tau, let count): "\(name), tau \(tau), k \(count)"
    case .kMeans(let count): "\(name), k \(count)"
    case .diffSeg(let tau, let anchors, let rounds, let kMeans):
      "\(name), tau \(tau), anchors \(anchors), rounds \(rounds)\(kMeans ? ", kmeans" : "")"
    }
  }
}

/// Settings no clustering can be made with.
public enum ClusteringError: Error, Equatable, Sendable, CustomStringConvertible {
  case noExponent
  case exponent(Double)
  case threshold(Double)
  case count(Int)
  case distance(Double)
  case anchors(Int)
  case rounds(Int)
  /// DiffSeg without attention maps: features alone, or an encoder that has none.
  case noAttention

  public var description: String {
    switch self {
    case .noExponent: "autosc: no alpha to choose from"
    case .exponent(let alpha): "autosc: alpha is \(alpha), expected a number above 0"
    case .threshold(let tau): "maskcut: tau is \(tau), expected a cosine from 0 to 1"
    case .count(let count): "\(count) clusters or masks, expected at least 1"
    case .distance(let tau): "diffseg: tau is \(tau), expected a distance from 0"
    case .anchors(let count): "diffseg: \(count) anchors a side, expected at least 1"
    case .rounds(let count): "diffseg: \(count) rounds, expected at least 1"
    case .noAttention: "diffseg: it merges attention maps, and there are none"
    }
  }
}
