// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor

/// `diffcut coherence roc`: a labeled set in, an ROC curve out.
struct PatchPairs {
  private let set: PatchSamples
  /// Positions of the images whose pairs are counted.
  private let share: [Int]
  private let features: PatchFeatures
  private let result: CoherenceResult
  private let outputs: CoherenceOutputs
  private let progressMode: Progress.Mode
  private let isQuiet: Bool

  /// Reads the options, a model's structure and the names of files; no image and no features.
  init(_ arguments: ParsedArguments) throws {
    progressMode = try arguments.choice("progress", of: Progress.Mode.self) ?? .automatic
    let words = try LabeledSet.Words(arguments)
    outputs = try CoherenceOutputs(arguments)
    try outputs.checkFiles()
    let across = try arguments.integer("across", in: 1...CoherenceResult.Pairing.limit)
    features = try PatchFeatures(arguments)
    set = try PatchSamples(words, arguments)
    let shard = try Shard.parse(arguments)
    share = set.samples.indices.filter { shard?.contains($0) ?? true }
    isQuiet = arguments.has("quiet")
    // Across images a pair depends on which image is behind another.
    let order = across == nil ? [] : set.samples.map(\.id)
    let settings = set.settings + (try features.settings()) + ["across \(across ?? 0)"] + order
    result = CoherenceResult(
      dataset: set.name, evaluationProtocol: set.evaluationProtocol.rawValue,
      source: arguments.string("series") ?? features.text,
      pairing: across.map(CoherenceResult.Pairing.across) ?? .within,
      settingsHash: XXH64.digest(settings.joined(separator: "\n")), images: [], histogram: CoherenceHistogram())
  }

  func run() throws {
    var result = result
    let progress = Progress(total: share.count, isQuiet: isQuiet, mode: progressMode)
    defer { progress.clear() }
    var read: [Int: LabeledPatches] = [:]
    for (done, position) in share.enumerated() {
      let sample = set.samples[position]
      progress.show(done: done, name: sample.id)
      read = read.filter { $0.key >= position }
      let first = try read[position] ?? patches(of: sample, progress)
      if result.pairing == .within {
        try ToolError.reading(sample.source) { try result.histogram.add(CoherenceHistogram(within: first)) }
      } else {
        for other in position + 1..<min(set.samples.count, position + 1 + result.pairing.images) {
          let second = try read[other] ?? patches(of: set.samples[other], progress)
          read[other] = second
          try ToolError.reading(set.samples[other].source) {
            try result.histogram.add(CoherenceHistogram(between: first, and: second))
          }
        }
      }
      result.images.append(sample.id)
    }
    progress.clear()
    try outputs.write(result)
  }

  private func patches(of sample: PatchSample, _ progress: Progress) throws -> LabeledPatches {
    let files = try set.files(of: sample)
    let map = try features.features(of: sample, image: files.image, progress: progress)
    let classes = try set.classes(files, of: sample, at: map.grid)
    return try ToolError.reading(sample.source) { try LabeledPatches(map, classes: classes) }
  }
}
