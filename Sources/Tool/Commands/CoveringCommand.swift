// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// `diffcut eval --covering`: photographs with annotated regions in, segmentation covering out.
struct CoveringCommand {
  private let samples: [AnnotatedFolder.Sample]
  private let result: CoveringResult
  private let source: SegmentSource
  private let outputs: EvaluationOutputs
  private let progressMode: Progress.Mode

  /// Reads the options, a model's structure and the names of files; no image.
  init(_ arguments: ParsedArguments) throws {
    // An unknown set is an error. The table rejects all known sets but "folder".
    _ = try arguments.choice("dataset", of: DatasetChoice.self)
    progressMode = try arguments.choice("progress", of: Progress.Mode.self) ?? .automatic
    source = try SegmentSource(arguments)
    guard let root = arguments.string("root") else {
      throw ToolError.usage("eval needs --root DIR", hint: "with --covering it contains \(AnnotatedFolder.tree)")
    }
    let folder = try AnnotatedFolder(root: root, names: try arguments.string("list").map(DatasetList.read))
    samples = try folder.samples.withoutExcluded(arguments).share(arguments)
    guard !samples.isEmpty else {
      throw ToolError.usage("no images to score", hint: "check --list, --exclude and --shard")
    }
    outputs = try EvaluationOutputs(arguments)
    result = CoveringResult(
      source: source.text, settingsHash: XXH64.digest(["covering", try source.settings()].joined(separator: "\n")))
  }

  func run() throws -> ExitCode {
    var result = result
    let progress = Progress(total: samples.count, isQuiet: outputs.isQuiet, mode: progressMode)
    defer { progress.clear() }
    for (index, sample) in samples.enumerated() {
      progress.show(done: index, name: sample.id)
      result.images.append(try score(sample, progress))
    }
    progress.clear()
    try outputs.write(result)
    return .success
  }

  /// The mean over the annotators, at the photograph's size.
  private func score(_ sample: AnnotatedFolder.Sample, _ progress: Progress) throws -> CoveringResult.CoveredImage {
    let image = try InputFile.photograph(sample.image)
    let size = Grid(height: image.height, width: image.width)
    let segments = try source.segments(
      of: EvaluationSample(id: sample.id, image: sample.image, labels: sample.labels[0]), image: image, square: nil,
      photograph: size, at: size, progress: progress)
    var sum = 0.0
    for path in sample.labels {
      let regions = try InputFile.labelMap(path, as: .badInput)
      sum += try ToolError.reading(path, as: .badInput) { try segments.covering(of: regions) }
    }
    return CoveringResult.CoveredImage(
      id: sample.id, annotations: sample.labels.count, covering: sum / Double(sample.labels.count),
      segments: Set(segments.labels).count)
  }
}
