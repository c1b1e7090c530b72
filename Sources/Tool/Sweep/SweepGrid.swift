// SPDX-License-Identifier: Apache-2.0
import Segment

/// One point of a sweep.
struct SweepSetting: Equatable {
  /// nil where features do not come from a diffusion model.
  let timestep: Int?
  let alpha: Double
  let tau: Double
}

/// What is varied: every combination is a setting.
struct SweepGrid {
  /// None where features do not come from a diffusion model.
  let timesteps: [Int]
  private(set) var alphas: [Double]
  let taus: [Double]
  /// Whether `alphas` is the default of the features, not `--alpha`.
  private let usesDefaultAlpha: Bool

  private static let defaultTaus = stride(from: 5, through: 95, by: 5).map { Double($0) / 100 }

  /// Takes `--tau`, `--alpha` and `--timestep`.
  ///
  /// - Parameters:
  ///   - graph: its α is taken if no other is named.
  ///   - timestep: the default; nil for features without timesteps.
  init(_ arguments: ParsedArguments, graph: GraphOptions = GraphOptions(), timestep: Int? = nil) throws(ToolError) {
    usesDefaultAlpha = !arguments.has("alpha")
    taus = try arguments.numbers("tau", in: 0...2) ?? Self.defaultTaus
    alphas = try arguments.numbers("alpha", in: 1e-6...1e6) ?? [graph.alpha]
    timesteps = if let timestep { try Self.timesteps(arguments) ?? [timestep] } else { [] }
  }

  /// Returns the grid for features that state their graph: their α is the default.
  func adapted(to graph: GraphOptions) -> SweepGrid {
    var grid = self
    if usesDefaultAlpha { grid.alphas = [graph.alpha] }
    return grid
  }

  static func timesteps(_ arguments: ParsedArguments) throws(ToolError) -> [Int]? {
    try arguments.wholeNumbers("timestep", in: 0...1_000_000)
  }

  /// By timestep, then alpha, then tau.
  var settings: [SweepSetting] {
    (timesteps.isEmpty ? [nil] : timesteps.map(Optional.some)).flatMap { timestep in
      alphas.flatMap { alpha in
        taus.map { SweepSetting(timestep: timestep, alpha: alpha, tau: $0) }
      }
    }
  }

  /// Partitions one image for each alpha and tau, in the order of `settings`, by one recursion for each alpha, up to the
  /// largest tau.
  ///
  /// - Parameters:
  ///   - name: the name of the image or the file of features, for messages.
  ///   - code: the exit code for features that cannot be cut.
  ///   - use: called with the place among the settings of a timestep, from 0.
  /// - Throws: `ToolError`; what `use` throws.
  func partition(
    _ image: EncodedImage, named name: String, as code: ExitCode, observer: StageObserver,
    use: (_ place: Int, NodePartition) throws -> Void
  ) throws {
    for (row, alpha) in alphas.enumerated() {
      let partitions = try ToolError.reading(name, as: code) {
        try DiffCut(alpha: alpha).partitions(image, at: taus, observer: observer)
      }
      for (column, partition) in partitions.enumerated() { try use(row * taus.count + column, partition) }
    }
  }
}

/// An encoder at the timesteps of a sweep.
struct SweepEncoder {
  let encoder: any FeatureEncoder
  private let timesteps: [Int?]

  /// Opens the encoder.
  ///
  /// - Parameter timesteps: none where the encoder has none.
  /// - Throws: `ToolError`, also for a timestep that the model does not have.
  init(_ source: any EncoderSource, timesteps: [Int], progress: Progress) throws {
    for timestep in timesteps {
      try ToolError.reading("--timestep") { try source.check(timestep: timestep) }
    }
    encoder = try source.open(observer: progress.observer())
    self.timesteps = timesteps.isEmpty ? [nil] : timesteps
  }

  /// Encodes an image at each timestep.
  ///
  /// - Parameters:
  ///   - name: the name of the image, for messages.
  ///   - use: called with the timestep's place in the list; 0 without timesteps.
  /// - Throws: `ToolError`; what `use` throws.
  func encode(
    _ image: Image, named name: String, observer: StageObserver, use: (_ place: Int, EncodedImage) throws -> Void
  ) throws {
    for (place, timestep) in timesteps.enumerated() {
      try use(
        place, encoder.encode(image, EncodingRequest(timestep: timestep), named: name, observer: observer))
    }
  }
}
