// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// `diffcut eval`: a labelled set in, scores out.
struct EvalCommand {
  private let samples: [EvaluationSample]
  private let result: EvaluationResult
  private let scoring: EvaluationScoring
  private let source: SegmentSource
  private let outputs: EvaluationOutputs
  private let progressMode: Progress.Mode
  private let isQuiet: Bool

  /// Reads the options, a model's structure and the names of files; no image.
  init(_ arguments: ParsedArguments) throws {
    let choice = try arguments.choice("dataset", of: DatasetChoice.self)
    let evaluationProtocol = try arguments.choice("protocol", of: EvaluationProtocol.self) ?? .paper
    let refinement = try arguments.choice("refine", of: RefinementChoice.self) ?? .none
    progressMode = try arguments.choice("progress", of: Progress.Mode.self) ?? .automatic
    source = try SegmentSource(arguments)
    guard let dataset = choice else {
      throw ToolError.usage(
        "eval needs --dataset", hint: "one of \(DatasetChoice.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    guard let root = arguments.string("root") else {
      throw ToolError.usage("eval needs --root DIR", hint: "for \(dataset.rawValue) it holds \(dataset.tree)")
    }
    let names = try arguments.string("list").map(DatasetList.read)
    if dataset.needsList && evaluationProtocol == .paper && names == nil {
      throw ToolError.usage(
        "\(dataset.rawValue) needs --list FILE, the images that are scored",
        hint: "the published evaluation has a list of 2,174 ids; --protocol strict takes all images without one")
    }
    let shard = try Shard.parse(
      arguments.string("shard"), count: arguments.string("shards"), environment: Platform.environment)
    outputs = try EvaluationOutputs(arguments)
    isQuiet = arguments.has("quiet")

    let layout = try Self.layout(of: dataset, root: root)
    let set = try Self.set(dataset, arguments, evaluationProtocol, layout)
    scoring = EvaluationScoring(
      set: set, evaluationProtocol: evaluationProtocol, size: source.labelSize, isRefined: refinement == .pamr)
    let all = try layout.samples(
      root: root, names: names, needsImages: source.needsImages || refinement == .pamr)
    samples = all.enumerated().filter { shard?.contains($0.offset) ?? true }.map(\.element)
    let text = refinement == .pamr ? "\(source.text), pamr" : source.text
    let settings = [
      dataset.rawValue, evaluationProtocol.rawValue, "\(source.labelSize)", try source.settings(), refinement.rawValue,
      "\(layout.keepsBorders)", set.classNames.joined(separator: "\n"),
    ]
    result = EvaluationResult(
      dataset: dataset.rawValue, evaluationProtocol: evaluationProtocol.rawValue, source: text,
      settingsHash: XXH64.digest(settings.joined(separator: "\n")), classNames: set.classNames, images: [],
      sums: EvaluationSums(classCount: set.classCount))
  }

  /// The layout whose labels are there.
  private static func layout(of dataset: DatasetChoice, root: String) throws(ToolError) -> DatasetLayout {
    guard let found = dataset.layouts.first(where: { Directory.exists("\(root)/\($0.labels)") }) else {
      let problem =
        Directory.exists(root)
        ? "'\(root)' has no folder '\(dataset.layouts[0].labels)'" : "'\(root)' is no folder"
      throw ToolError(.badInput, "\(dataset.rawValue): \(problem)", hint: "it should hold \(dataset.tree)")
    }
    return found
  }

  private static func set(
    _ dataset: DatasetChoice, _ arguments: ParsedArguments, _ evaluationProtocol: EvaluationProtocol,
    _ layout: DatasetLayout
  ) throws(ToolError) -> EvaluationSet {
    let count = try arguments.integer("classes", in: 1...255)
    if let name = dataset.name {
      for option in ["classes", "background"] where arguments.has(option) {
        throw .usage("--\(option) is for --dataset folder, not for \(dataset.rawValue)")
      }
      if dataset == .voc && evaluationProtocol == .strict && !layout.keepsBorders {
        throw .usage(
          "voc: prepared labels do not tell borders from background, which --protocol strict needs",
          hint: "name VOC's own folder with --root, which has SegmentationClass")
      }
      return EvaluationSet(name, following: evaluationProtocol, keepsBorders: layout.keepsBorders)
    }
    guard let count else { throw .usage("--dataset folder needs --classes N", hint: "labels are 0 to N-1, and 255") }
    return EvaluationSet(classNames: (0..<count).map { "\($0)" }, hasBackground: arguments.has("background"))
  }

  func run() throws -> ExitCode {
    var result = result
    let progress = Progress(total: samples.count, isQuiet: isQuiet, mode: progressMode)
    defer { progress.clear() }
    for (index, sample) in samples.enumerated() {
      progress.show(done: index, name: sample.id)
      do {
        try result.sums.add(scoring.sums(of: sample, source: source, progress: progress))
      } catch let error as EvaluationError {
        throw ToolError(.badInput, "\(sample.labels): \(error)")
      } catch let error as RefinementError {
        throw ToolError(.badInput, "\(sample.id): \(error)")
      }
      result.images.append(sample.id)
    }
    progress.clear()
    try outputs.write(result)
    return .success
  }
}
