// SPDX-License-Identifier: Apache-2.0
import Segment

/// DiffCut's settings in force, and the source of each: an option overrides the file or the encoder, which overrides the
/// default.
struct CutSettings: Sendable {
  /// The source of a setting, as `--verbose` prints it.
  enum Source: String, Sendable {
    case option, file, encoder
    case standard = "default"
  }

  let tau: Double
  let graph: GraphOptions
  private let sources: (tau: Source, alpha: Source, floor: Source)

  /// - Parameters:
  ///   - given: DiffCut with the settings that options name.
  ///   - tau: τ without an option.
  ///   - graph: the settings of the graph without an option.
  ///   - sources: the sources of `tau` and of the members of `graph`.
  init(
    _ given: DiffCut, tau: Double, graph: GraphOptions, sources: (tau: Source, alpha: Source, floor: Source)
  ) {
    self.tau = given.tau ?? tau
    self.graph = GraphOptions(alpha: given.alpha ?? graph.alpha, floor: graph.floor, nodeStride: graph.nodeStride)
    self.sources = (
      given.tau == nil ? sources.tau : .option, given.alpha == nil ? sources.alpha : .option, sources.floor
    )
  }

  /// The settings for photographs: without an option they are the encoder's.
  init(_ given: DiffCut, encoder: any EncoderSource) {
    self.init(given, tau: encoder.defaultTau, graph: encoder.graph, sources: (.encoder, .encoder, .encoder))
  }

  /// The settings for a file of features: without an option they are the file's, if it states them.
  init(_ given: DiffCut = DiffCut(), file: FeatureSource.Contents) {
    func source(_ setting: EncodedImage.Setting) -> Source { file.stated.contains(setting) ? .file : .standard }
    self.init(
      given, tau: file.image.defaultTau, graph: file.image.graph,
      sources: (source(.tau), source(.alpha), source(.floor)))
  }

  /// DiffCut with these settings.
  var clusterer: DiffCut { DiffCut(tau: tau, alpha: graph.alpha) }

  /// The settings with their sources, for `--verbose`.
  var text: String {
    "tau \(tau) (\(sources.tau.rawValue)), \(graphText)"
  }

  /// The settings of the graph with their sources.
  var graphText: String {
    "alpha \(graph.alpha) (\(sources.alpha.rawValue)), floor \(graph.floor) (\(sources.floor.rawValue))"
  }
}
