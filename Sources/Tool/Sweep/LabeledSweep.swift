// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor

/// A labeled set at every setting.
struct LabeledSweep {
  private let samples: [EvaluationSample]
  /// Ids of the images that `--tune` drew, those of other shards too; none without.
  let tunedImages: [String]
  private let scoring: EvaluationScoring
  private let source: any EncoderSource
  let grid: SweepGrid
  private let upsampling: Upsampling
  /// One for each setting, without sums.
  private let results: [EvaluationResult]

  /// Takes the set, `--tune`, shards, the encoder and the settings; reads no image.
  init(_ words: LabeledSet.Words, _ arguments: ParsedArguments, upsampling: Upsampling) throws {
    self.upsampling = upsampling
    source = try EncoderFamilies.source(arguments, timestep: SweepGrid.timesteps(arguments)?.first)
    grid = try SweepGrid(arguments, graph: source.graph, timestep: source.timestep)
    let set = try LabeledSet(words, arguments, needsImages: true)
    let drawn = try TuningSet(arguments)?.images(of: set.samples)
    tunedImages = drawn?.map(\.id) ?? []
    samples = try (drawn ?? set.samples).share(arguments)
    let size = source.labelSize
    scoring = set.scoring(size: size)
    let text = "\(source.name) encoder, \(upsampling.rawValue)"
    let weights = try source.weightsHash() ?? "no weights"
    results = grid.settings.map { [source] setting in
      let encoder = setting.timestep.map { source.at(timestep: $0) } ?? source
      var result = set.emptyResult(
        of: text, size: size,
        settings: "\(text), tau \(setting.tau), alpha \(setting.alpha) \(encoder.settings) \(weights)")
      result.sweep = SweepPoint(setting: setting, segmentCount: 0)
      return result
    }
  }

  var imageCount: Int { samples.count }

  /// - Returns: a result for each setting.
  /// - Throws: `ToolError`: an image that fails ends the run.
  func run(progress: Progress) throws -> [EvaluationResult] {
    var results = results
    guard !samples.isEmpty else { return results }
    progress.show(name: source.name)
    let encoder = try SweepEncoder(source, timesteps: grid.timesteps, progress: progress)
    let steps = encoder.encoder.stages.map { Progress.Step($0) }
    for (index, sample) in samples.enumerated() {
      progress.show(done: index, name: sample.id, steps: steps)
      try ToolError.reading(sample.labels, as: .badInput) {
        let image = try scoring.prepare(sample)
        guard let pixels = image.image else { preconditionFailure("no photograph of \(sample.id)") }
        let observer = progress.observer()
        try encoder.encode(pixels, named: sample.id, observer: observer) { place, encoded in
          try score(
            encoded, of: sample, image, observer, into: &results, from: place * grid.alphas.count * grid.taus.count)
        }
      }
      for index in results.indices { results[index].images.append(sample.id) }
    }
    return results
  }

  /// Adds an image's counts at one timestep, whose results begin at `first`.
  private func score(
    _ encoded: EncodedImage, of sample: EvaluationSample, _ image: EvaluationScoring.Prepared,
    _ observer: StageObserver, into results: inout [EvaluationResult], from first: Int
  ) throws {
    var known: (alpha: Double, segments: Int, sums: EvaluationSums)?
    try grid.partition(encoded, named: sample.id, as: .badInput, observer: observer) { place, partition in
      // As many segments of one tree are the same segments.
      if known?.alpha != partition.graph.alpha || known?.segments != partition.classCount {
        let map = partition.labelMap(
          height: image.grid.height, width: image.grid.width, upsampling: upsampling)
        known = (partition.graph.alpha, partition.classCount, try scoring.sums(of: image, segments: map))
      }
      guard let known else { return }
      try results[first + place].sums.add(known.sums)
      results[first + place].sweep?.segmentCount += known.segments
    }
  }
}

/// The images that tau is chosen on: `--tune`.
struct TuningSet {
  private let count: Int
  private let seed: UInt64

  /// Takes `--tune` and `--tune-seed`; nil without.
  init?(_ arguments: ParsedArguments) throws(ToolError) {
    guard let count = try arguments.integer("tune", in: 1...1_000_000) else { return nil }
    self.count = count
    seed = UInt64(try arguments.integer("tune-seed", in: 0...Int.max) ?? 0)
  }

  /// Images drawn by chance, in the set's order: those whose names have the smallest hashes. What is drawn does not depend on the
  /// order of the set, and more images of the same seed are those and others.
  ///
  /// - Throws: `ToolError` with exit code 2 if there are not as many.
  func images(of samples: [EvaluationSample]) throws(ToolError) -> [EvaluationSample] {
    guard count <= samples.count else {
      throw .usage("--tune is \(count), but the set has \(samples.count) images")
    }
    let keys = samples.map { XXH64.hash(Array($0.id.utf8), seed: seed) }
    let drawn = samples.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.prefix(count)
    return drawn.sorted().map { samples[$0] }
  }
}
