// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor

/// A set with labels and the rules of its scores, as `eval`, `sweep` and `coherence` take them.
struct LabeledSet {
  /// The words among the options, which are checked before anything is read.
  struct Words {
    let dataset: DatasetChoice?
    let evaluationProtocol: EvaluationProtocol
    let refinement: RefinementChoice

    /// Takes `--dataset`, `--protocol` and `--refine`.
    init(_ arguments: ParsedArguments) throws(ToolError) {
      dataset = try arguments.choice("dataset", of: DatasetChoice.self)
      evaluationProtocol = try arguments.choice("protocol", of: EvaluationProtocol.self) ?? .paper
      refinement = try arguments.choice("refine", of: RefinementChoice.self) ?? .none
    }
  }

  let dataset: DatasetChoice
  let evaluationProtocol: EvaluationProtocol
  let refinement: RefinementChoice
  /// All images that are to be scored, without regard to shards.
  let samples: [EvaluationSample]
  let set: EvaluationSet
  private let keepsBorders: Bool

  /// Takes `--root`, `--list`, `--exclude`, `--classes` and `--background`; reads lists and the names of files, and no image.
  ///
  /// - Parameters:
  ///   - needsImages: whether photographs are segmented.
  ///   - needsBorders: whether background is told from what is not scored, where the protocol does.
  init(
    _ words: Words, _ arguments: ParsedArguments, needsImages: Bool, needsBorders: Bool = true
  ) throws(ToolError) {
    let command = arguments.command.name
    (evaluationProtocol, refinement) = (words.evaluationProtocol, words.refinement)
    guard let dataset = words.dataset else {
      throw .usage(
        "\(command) needs --dataset",
        hint: "use one of \(DatasetChoice.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self.dataset = dataset
    guard let root = arguments.string("root") else {
      throw .usage("\(command) needs --root DIR", hint: "for \(dataset.rawValue) it contains \(dataset.tree)")
    }
    let names = try arguments.string("list").map(DatasetList.read)
    if dataset.needsList && evaluationProtocol == .paper && names == nil {
      throw .usage(
        "\(dataset.rawValue) needs --list FILE with the images to score",
        hint: "use the authors' list of 2,174 ids, or --protocol strict for all images")
    }
    let layout = try Self.layout(of: dataset, root: root)
    keepsBorders = layout.keepsBorders
    if dataset == .voc && evaluationProtocol == .strict && !layout.keepsBorders && needsBorders {
      throw .usage(
        "voc: prepared labels mix borders with background, which --protocol strict scores",
        hint: "pass VOC's own folder, which has SegmentationClass, with --root")
    }
    set = try Self.set(dataset, arguments, evaluationProtocol, layout)
    samples = try layout.samples(root: root, names: names, needsImages: needsImages || refinement == .pamr)
      .withoutExcluded(arguments)
  }

  /// The layout whose labels are there.
  private static func layout(of dataset: DatasetChoice, root: String) throws(ToolError) -> DatasetLayout {
    guard let found = dataset.layouts.first(where: { Directory.exists("\(root)/\($0.labels)") }) else {
      let problem =
        Directory.exists(root)
        ? "'\(root)' lacks the folder '\(dataset.layouts[0].labels)'" : "'\(root)' is not a folder"
      throw ToolError(.badInput, "\(dataset.rawValue): \(problem)", hint: "it should contain \(dataset.tree)")
    }
    return found
  }

  private static func set(
    _ dataset: DatasetChoice, _ arguments: ParsedArguments, _ evaluationProtocol: EvaluationProtocol,
    _ layout: DatasetLayout
  ) throws(ToolError) -> EvaluationSet {
    let count = try arguments.integer("classes", in: 1...255)
    if let name = dataset.name {
      return EvaluationSet(name, following: evaluationProtocol, keepsBorders: layout.keepsBorders)
    }
    guard let count else {
      throw .usage("--dataset folder needs --classes N", hint: "labels are 0 to N-1, and 255 for void")
    }
    return EvaluationSet(classNames: (0..<count).map { "\($0)" }, hasBackground: arguments.has("background"))
  }

  /// - Parameter size: side at which the protocol encodes photographs.
  func scoring(size: Int) -> EvaluationScoring {
    EvaluationScoring(
      set: set, evaluationProtocol: evaluationProtocol, size: size, isRefined: refinement == .pamr)
  }

  /// What the classes of pixels depend on, besides the set's name and the protocol.
  var labelSettings: [String] { ["\(keepsBorders)", set.classNames.joined(separator: "\n")] }

  /// No sums yet.
  ///
  /// - Parameters:
  ///   - source: where the segments come from, in words.
  ///   - size: as `scoring` takes it.
  ///   - settings: everything else that the segments depend on.
  func emptyResult(of source: String, size: Int, settings: String) -> EvaluationResult {
    let all =
      [dataset.rawValue, evaluationProtocol.rawValue, "\(size)", settings, refinement.rawValue] + labelSettings
    return EvaluationResult(
      dataset: dataset.rawValue, evaluationProtocol: evaluationProtocol.rawValue,
      source: refinement == .pamr ? "\(source), pamr" : source,
      settingsHash: XXH64.digest(all.joined(separator: "\n")), classNames: set.classNames, images: [],
      sums: EvaluationSums(classCount: set.classCount))
  }
}
