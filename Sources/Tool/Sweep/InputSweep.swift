// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// Features or photographs at every setting, without labels: how many segments there are.
struct InputSweep {
  /// One input at one setting.
  struct Row {
    let setting: SweepSetting
    /// Classes of nodes.
    let segments: Int
    let largestAcceptedCut: Double?
    let nextCut: Double?
  }

  /// One input at all settings.
  struct Result {
    let input: String
    let grid: Grid
    let rows: [Row]
    let eigenproblems: Int
    let seconds: Double
  }

  private enum Kind {
    case features(ParsedArguments)
    case photographs(any EncoderSource)
  }

  let inputs: [String]
  let grid: SweepGrid
  private let kind: Kind
  /// The encoder, in words; nil for features.
  let encoderName: String?

  /// Reads the options; `FeatureSource.isFeatures` separates features from photographs.
  init(_ arguments: ParsedArguments) throws {
    inputs = arguments.operands
    let features = inputs.filter(FeatureSource.isFeatures)
    if arguments.has("dataset") {
      throw ToolError.usage("--dataset reads its photographs from --root", hint: "leave out '\(inputs[0])'")
    }
    if features.isEmpty {
      try arguments.reject(["grid", "tensor"], "with photographs", hint: "it applies to features")
      let source = try EncoderFamilies.source(arguments, timestep: SweepGrid.timesteps(arguments)?.first)
      kind = .photographs(source)
      encoderName = source.name
      grid = try SweepGrid(arguments, graph: source.graph, timestep: source.timestep)
      return
    }
    guard features.count == inputs.count else {
      let photograph = inputs.first { !features.contains($0) } ?? ""
      throw ToolError.usage(
        "'\(features[0])' is a file of features, but '\(photograph)' is not",
        hint: "sweep features and photographs in two runs")
    }
    try arguments.reject(EncoderFamilies.options, "with features", hint: "it applies to photographs")
    kind = .features(arguments)
    encoderName = nil
    grid = try SweepGrid(arguments)
  }

  /// - Parameter failed: told of an input that cannot be used; the others go on.
  /// - Throws: `ToolError` for what is wrong with more than one input.
  func run(progress: Progress, failed: (ToolError) -> Void) throws -> [Result] {
    var encoder: SweepEncoder?
    if case .photographs(let source) = kind {
      progress.show(name: source.name)
      encoder = try SweepEncoder(source, timesteps: grid.timesteps, progress: progress)
    }
    var results: [Result] = []
    for (index, input) in inputs.enumerated() {
      progress.show(done: index, name: input, steps: (encoder?.encoder.stages ?? []).map { Progress.Step($0) })
      do {
        results.append(try sweep(input, encoder, progress))
      } catch let error as ToolError where error.concernsOneInput || (encoder == nil && error.code == .badModel) {
        progress.clear()
        failed(error)
      }
    }
    return results
  }

  private func sweep(_ input: String, _ encoder: SweepEncoder?, _ progress: Progress) throws -> Result {
    let start = Platform.monotonicSeconds
    var rows: [Row] = []
    var cells = Grid(height: 0, width: 0)
    var eigenproblems = 0
    let observer = progress.observer()
    func take(_ image: EncodedImage, code: ExitCode) throws {
      cells = image.nodes.grid
      let grid = grid.adapted(to: image.graph)
      let settings = grid.settings
      try grid.partition(image, named: input, as: code, observer: observer) { _, partition in
        guard let tree = partition.tree else { return }
        rows.append(
          Row(
            setting: settings[rows.count], segments: partition.classCount,
            largestAcceptedCut: tree.largestAcceptedCutValue(),
            nextCut: tree.smallestRejectedCutValue()))
        // The last of a tree is the whole tree.
        if tree.threshold == grid.taus.last { eigenproblems += tree.nodes.count }
      }
    }
    switch kind {
    case .features(let arguments):
      let features = try FeatureSource(arguments, path: input).read()
      if arguments.has("verbose") && !arguments.has("alpha") {
        progress.clear()
        Console.error("  \(printable(input)): \(CutSettings(file: features).graphText)\n")
      }
      try take(features.image, code: .badModel)
    case .photographs:
      guard let encoder else { preconditionFailure("no encoder for \(input)") }
      try encoder.encode(InputFile.photograph(input), named: input, observer: observer) { _, image in
        try take(image, code: .badInput)
      }
    }
    return Result(
      input: input, grid: cells, rows: rows, eigenproblems: eigenproblems,
      seconds: Platform.monotonicSeconds - start)
  }
}

extension InputSweep.Result {
  /// A line for each setting.
  static func csv(_ results: [InputSweep.Result]) -> [UInt8] {
    let header = CSV.line(["input", "timestep", "alpha", "tau", "segments", "largest_ncut", "next_ncut"])
    let lines = results.flatMap { result in
      result.rows.map { CSV.line([result.input] + $0.setting.cells + $0.cells { "\($0)" }) }
    }
    return Array((header + lines.joined()).utf8)
  }

  var json: OrderedJSON {
    let rows = rows.map { row in
      row.setting.json + [
        "segments": .integer(row.segments), "largestNcut": .number(row.largestAcceptedCut),
        "nextNcut": .number(row.nextCut),
      ]
    }
    return [
      "v": 1, "input": .string(input), "grid": .integers([grid.height, grid.width]), "rows": .array(rows),
    ]
  }

  /// What was computed, in a line.
  var summary: String {
    let counts = rows.map(\.segments)
    return "\(printable(input)): \(grid) nodes, \(rows.count) settings, \(eigenproblems) eigenproblems, "
      + "\(counts.min() ?? 0) to \(counts.max() ?? 0) segments, \(milliseconds(seconds))\n"
  }

  /// The summary and a line for each setting.
  var table: String {
    let header = SweepSetting.columns(of: rows.map(\.setting)) + ["segments", "largest Ncut", "next Ncut"]
    let lines = rows.map { row in row.setting.columns + row.cells { fixed($0, 4) } }
    return summary + TextTable.text([header] + lines)
  }
}

extension InputSweep.Row {
  /// Empty where there is no such cut.
  fileprivate func cells(_ text: (Double) -> String) -> [String] {
    ["\(segments)", largestAcceptedCut.map(text) ?? "", nextCut.map(text) ?? ""]
  }
}

extension SweepSetting {
  /// Timestep, alpha and tau, as CSV has them.
  var cells: [String] { [timestep.map { "\($0)" } ?? "", "\(alpha)", "\(tau)"] }

  /// The same in a table for people.
  var columns: [String] { ["\(tau)", "\(alpha)"] + (timestep.map { ["\($0)"] } ?? []) }

  /// What the columns are called.
  static func columns(of settings: [SweepSetting]) -> [String] {
    ["tau", "alpha"] + (settings.first?.timestep == nil ? [] : ["timestep"])
  }

  /// The members of a JSON object.
  var json: OrderedJSON { ["timestep": .integer(timestep), "alpha": .number(alpha), "tau": .number(tau)] }
}
