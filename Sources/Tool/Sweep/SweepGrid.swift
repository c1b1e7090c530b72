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
  let alphas: [Double]
  let taus: [Double]

  private static let defaultTaus = stride(from: 5, through: 95, by: 5).map { Double($0) / 100 }

  /// Takes `--tau`, `--alpha` and `--timestep`.
  ///
  /// - Parameter timestep: the one taken if no other is named; nil where there are none.
  init(_ arguments: ParsedArguments, defaultAlpha: Double, timestep: Int?) throws(ToolError) {
    taus = try arguments.numbers("tau", in: 0...2) ?? Self.defaultTaus
    alphas = try arguments.numbers("alpha", in: 1e-6...1e6) ?? [defaultAlpha]
    timesteps = if let timestep { try Self.timesteps(arguments) ?? [timestep] } else { [] }
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

  /// The partitions of one image's nodes for every alpha and tau, in the order of `settings`. One recursion for each
  /// alpha, up to the largest tau.
  ///
  /// - Parameter use: given the place among the settings of a timestep, from 0.
  /// - Throws: `EigensolverError`; what `use` throws.
  func partition(
    _ nodes: FeatureMap, floor: Double, willBegin: (String) -> Void,
    use: (_ place: Int, NodePartition) throws -> Void
  ) throws {
    for (row, alpha) in alphas.enumerated() {
      let partitions = try nodes.partitions(at: taus, alpha: alpha, floor: floor, willBegin: willBegin)
      for (column, partition) in partitions.enumerated() { try use(row * taus.count + column, partition) }
    }
  }
}

/// An encoder at the timesteps of a sweep.
struct SweepEncoder {
  let encoder: any FeatureEncoder
  private let timesteps: [Int]

  /// Opens the encoder.
  ///
  /// - Throws: `ToolError`, also for a timestep that the model does not have.
  init(_ choice: EncoderChoice, timesteps: [Int], progress: Progress) throws {
    encoder = try choice.open(progress: progress)
    self.timesteps = timesteps
    guard let diffusion = encoder as? DiffusionEncoder else { return }
    do {
      for timestep in timesteps { try diffusion.check(timestep: timestep) }
    } catch {
      throw ToolError.usage("--timestep: \(error)")
    }
  }

  /// - Parameters:
  ///   - name: of the image, for messages.
  ///   - use: given the timestep's place in the list, 0 where there is none.
  /// - Throws: `ToolError`; what `use` throws.
  func encode(
    _ image: Image, named name: String, willBegin: @escaping (String) -> Void,
    use: (_ place: Int, EncodedImage) throws -> Void
  ) throws {
    do {
      guard let diffusion = encoder as? DiffusionEncoder else {
        return try use(0, encoder.encode(image, willBegin: willBegin))
      }
      var place = 0
      try diffusion.encode(image, timesteps: timesteps, willBegin: willBegin) { _, encoded in
        try use(place, encoded)
        place += 1
      }
    } catch {
      throw InputImage.failure(error, name) ?? error
    }
  }
}
