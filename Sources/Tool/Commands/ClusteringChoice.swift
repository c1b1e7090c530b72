// SPDX-License-Identifier: Apache-2.0
import Segment

/// `--method`, and what goes with each.
enum ClusteringChoice: String, CaseIterable {
  case diffcut
  case autosc
  case maskcut
  case kmeans
  case diffseg

  /// The options that a method reads, of those that not all do.
  private var settings: [String] {
    switch self {
    case .diffcut: ["tau", "alpha"]
    case .autosc: ["alphas", "compat"]
    case .maskcut: ["tau", "k"]
    case .kmeans: ["k"]
    case .diffseg: ["tau", "anchors", "rounds", "kmeans"]
    }
  }

  /// Classes of `kmeans` without `--k`.
  private static let clusters = 6
  private static let clusterRange = 1...FeatureMap.maximumNodes
  private static let alphaLimit = 16
  /// No two distributions are farther apart than the logarithm of the floor of 1e-12.
  private static let distanceRange = 0.0...100.0
  private static let anchorRange = 1...128
  private static let roundRange = 1...100

  /// - Throws: `ToolError` with exit code 2, also for an option of another method.
  static func method(_ arguments: ParsedArguments) throws(ToolError) -> ClusteringMethod {
    let choice = try arguments.choice("method", of: ClusteringChoice.self) ?? .diffcut
    let form = try arguments.choice("compat", of: AutoSCForm.self) ?? .official
    for other in allCases {
      if let name = other.settings.first(where: { arguments.has($0) && !choice.settings.contains($0) }) {
        let owners = allCases.filter { $0.settings.contains(name) }.map(\.rawValue).joined(separator: " or ")
        throw .usage("--\(name) is nothing that \(choice.rawValue) reads", hint: "it goes with --method \(owners)")
      }
    }
    switch choice {
    case .diffcut: return .diffCut
    case .autosc:
      return .autoSC(
        alphas: try alphas(arguments) ?? ClusteringMethod.publishedAlphas, form: form)
    case .maskcut:
      return .maskCut(
        tau: try arguments.double("tau", in: 0...1) ?? 0.2,
        count: try arguments.integer("k", in: clusterRange) ?? 3)
    case .kmeans: return .kMeans(count: try arguments.integer("k", in: clusterRange) ?? clusters)
    case .diffseg:
      return .diffSeg(
        tau: try arguments.double("tau", in: distanceRange) ?? 0.9,
        anchors: try arguments.integer("anchors", in: anchorRange) ?? 16,
        rounds: try arguments.integer("rounds", in: roundRange) ?? 3, kMeans: arguments.has("kmeans"))
    }
  }

  /// τ of DiffCut's recursion; those of MaskCut and DiffSeg are part of their methods.
  static func recursionTau(_ arguments: ParsedArguments, _ method: ClusteringMethod) throws(ToolError) -> Double? {
    method == .diffCut ? try arguments.double("tau", in: 0...2) : nil
  }

  /// Numbers between commas.
  private static func alphas(_ arguments: ParsedArguments) throws(ToolError) -> [Double]? {
    guard let words = arguments.list("alphas") else { return nil }
    let numbers = words.compactMap { Double($0) }
    guard numbers.count == words.count, (1...alphaLimit).contains(numbers.count),
      numbers.allSatisfy({ (1e-6...1e6).contains($0) })
    else {
      throw .usage(
        "--alphas is '\(arguments.string("alphas") ?? "")', expected up to \(alphaLimit) numbers above 0 with commas "
          + "between them", hint: "such as 1,5,10,15")
    }
    return numbers
  }
}
