// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// `diffcut bench`: speed with the error beside it.
struct BenchCommand {
  private enum Subject {
    case kernel(KernelBench)
    case encoder
    case cut(FeatureSource, DiffCut)
  }

  /// What is measured, other than the clustering stage of a file of features.
  private enum Word: String, CaseIterable {
    case gemm
    case conv
    case attention
    case norm
    case pamr
    case encoder
  }

  /// The operands that name a measurement; all others are files of features.
  static let words = Word.allCases.map(\.rawValue)

  private let arguments: ParsedArguments
  private let subject: Subject
  private let stopwatch: Stopwatch
  private let isJSON: Bool

  init(_ arguments: ParsedArguments) throws(ToolError) {
    self.arguments = arguments
    let operand = arguments.operands[0]
    let word = Word(rawValue: operand)
    let precision = try arguments.choice("precision", of: Precision.self) ?? .single
    switch word {
    case .gemm:
      subject = .kernel(
        ProductBench.bench(size: try arguments.integer("size", in: 1...8192), precision: precision))
    case .conv: subject = .kernel(ConvolutionBench.bench(size: try Self.imageSize(arguments)))
    case .attention:
      subject = .kernel(AttentionBench.bench(size: try Self.imageSize(arguments), precision: precision))
    case .norm: subject = .kernel(NormalizationBench.bench(size: try Self.imageSize(arguments)))
    case .pamr:
      subject = .kernel(
        RefinementBench.bench(
          size: try Self.imageSize(arguments), masks: try arguments.integer("masks", in: 1...1000) ?? 12))
    case .encoder: subject = .encoder
    case nil:
      if operand != "-", !Directory.exists(operand),
        let hint = Suggestion.text(for: operand, among: Self.words)
      {
        throw .usage("no file '\(operand)' to bench", hint: hint)
      }
      subject = .cut(try FeatureSource(arguments), try DiffCut(arguments))
    }
    stopwatch = Stopwatch(runs: try arguments.integer("repeat", in: 1...1000))
    isJSON = arguments.has("json")
  }

  /// Side of the image at whose stages kernels are measured.
  private static func imageSize(_ arguments: ParsedArguments) throws(ToolError) -> Int {
    try arguments.integer("size", in: 32...4096) ?? 1024
  }

  func run() throws -> ExitCode {
    if !isJSON {
      let runs: String
      switch (subject, stopwatch.runs) {
      case (.encoder, _): runs = "seconds of single images"
      case (_, let count?): runs = "median of \(count)"
      case (_, nil): runs = "median of \(Stopwatch.defaultRuns), fewer of long runs"
      }
      _ = try Tool.write(
        "\(Platform.processorName), \(InstructionSet.active.rawValue) instructions, \(Parallel.threadCount) threads, "
          + "\(runs)\n")
    }
    switch subject {
    case .kernel(let bench): try bench.run(stage: arguments.string("stage"), stopwatch: stopwatch, isJSON: isJSON)
    case .encoder:
      try EncoderBench(
        arguments: arguments, stage: arguments.string("stage"), laterImages: stopwatch.runs ?? 1, isJSON: isJSON
      ).run()
    case .cut(let source, let clusterer): try cut(source, clusterer)
    }
    return .success
  }

  private func cut(_ source: FeatureSource, _ clusterer: DiffCut) throws {
    let file = try source.read()
    let image = file.image
    if arguments.has("verbose") { Console.error("  \(CutSettings(clusterer, file: file).text)\n") }
    var partition = try ToolError.reading(source.path) { try clusterer.partition(image) }
    var map = partition.labelMap(height: 128, width: 128)
    var failure: (any Error)?
    let cutting = median {
      do { partition = try clusterer.partition(image) } catch { failure = error }
    }
    if let failure { throw failure }
    let assigning = median { map = partition.labelMap(height: 128, width: 128) }
    let (classes, eigenproblems) = (Set(map.labels).count, partition.tree?.nodes.count ?? 0)
    try report(
      "cut \(image.nodes.grid): \(milliseconds(cutting)), assign 128x128: \(milliseconds(assigning)), "
        + "\(eigenproblems) eigenproblems, \(partition.classCount) segments, \(classes) in the label map",
      json: [
        "kernel": "cut", "nodes": .integer(image.nodes.nodeCount), "cutSeconds": .number(cutting),
        "assignSeconds": .number(assigning), "eigenproblems": .integer(eigenproblems),
        "segments": .integer(partition.classCount),
      ])
  }

  private func report(_ text: String, json: OrderedJSON) throws {
    _ = try Tool.write(isJSON ? (json + Self.machine).line : "  \(text)\n")
  }

  /// The members of reports that state what measured.
  static var machine: OrderedJSON {
    ["isa": .string(InstructionSet.active.rawValue), "threads": .integer(Parallel.threadCount)]
  }

  private func median(_ body: () -> Void) -> Double { stopwatch.time(body).seconds }
}
