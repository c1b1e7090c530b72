// SPDX-License-Identifier: Apache-2.0
import Segment

/// The clustering methods: the values of `--method`, with the clusterer of each.
enum ClusteringChoice: String, CaseIterable {
  case diffcut
  case autosc
  case maskcut
  case kmeans
  case diffseg

  /// Classes of `kmeans` without `--k`.
  private static let clusters = 6
  private static let clusterRange = 1...FeatureMap.maximumNodes
  private static let alphaLimit = 16
  /// No two distributions are farther apart than the logarithm of the floor of 1e-12.
  private static let distanceRange = 0.0...100.0
  private static let anchorRange = 1...128
  private static let roundRange = 1...100

  /// Reads `--method`.
  ///
  /// - Throws: `ToolError` with exit code 2.
  init(_ arguments: ParsedArguments) throws(ToolError) {
    self = try arguments.choice("method", of: ClusteringChoice.self) ?? .diffcut
  }

  /// Reads the options of the method.
  ///
  /// - Returns: DiffCut without the settings that no option names: it takes those of the features.
  /// - Throws: `ToolError` with exit code 2.
  func clusterer(_ arguments: ParsedArguments) throws(ToolError) -> any Clusterer {
    switch self {
    case .diffcut: return try DiffCut(arguments)
    case .autosc:
      var method = AutoSC(form: try arguments.choice("compat", of: AutoSCForm.self) ?? .official)
      if let alphas = try Self.alphas(arguments) { method.exponents = alphas }
      return method
    case .maskcut:
      var method = MaskCut()
      if let tau = try arguments.double("tau", in: 0...1) { method.tau = tau }
      if let count = try arguments.integer("k", in: Self.clusterRange) { method.count = count }
      return method
    case .kmeans: return KMeans(count: try arguments.integer("k", in: Self.clusterRange) ?? Self.clusters)
    case .diffseg:
      var method = DiffSeg(endsWithKMeans: arguments.has("kmeans"))
      if let tau = try arguments.double("tau", in: Self.distanceRange) { method.tau = tau }
      if let anchors = try arguments.integer("anchors", in: Self.anchorRange) { method.anchorsPerSide = anchors }
      if let rounds = try arguments.integer("rounds", in: Self.roundRange) { method.rounds = rounds }
      return method
    }
  }

  /// Reads the numbers of `--alphas`.
  private static func alphas(_ arguments: ParsedArguments) throws(ToolError) -> [Double]? {
    guard let words = arguments.list("alphas") else { return nil }
    let numbers = words.compactMap { Double($0) }
    guard numbers.count == words.count, (1...alphaLimit).contains(numbers.count),
      numbers.allSatisfy({ (1e-6...1e6).contains($0) })
    else {
      throw .usage(
        "--alphas is '\(arguments.string("alphas") ?? "")', expected up to \(alphaLimit) numbers above 0 with commas "
          + "between them, such as 1,5,10,15")
    }
    return numbers
  }
}

extension DiffCut {
  /// Reads `--tau` and `--alpha`; a setting that no option names stays nil.
  ///
  /// - Throws: `ToolError` with exit code 2.
  init(_ arguments: ParsedArguments) throws(ToolError) {
    self.init(tau: try arguments.double("tau", in: 0...2), alpha: try arguments.double("alpha", in: 1e-6...1e6))
  }
}
