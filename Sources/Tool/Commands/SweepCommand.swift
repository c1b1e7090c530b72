// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// `diffcut sweep`: features, photographs or a labeled set in; a line for every tau, alpha and timestep out.
struct SweepCommand {
  private enum Subject {
    case inputs(InputSweep)
    case set(LabeledSweep)
  }

  private let arguments: ParsedArguments
  private let subject: Subject
  private let outputs: SweepOutputs
  private let progressMode: Progress.Mode

  /// Reads the options, a model's structure and the names of a set's files; no image and no features.
  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    outputs = try SweepOutputs(arguments, csvOption: "output")
    progressMode = try arguments.choice("progress", of: Progress.Mode.self) ?? .automatic
    let words = try LabeledSet.Words(arguments)
    let upsampling = try arguments.choice("upsample", of: Upsampling.self) ?? .concept
    try outputs.checkFiles(inputs: arguments.operands)
    if arguments.operands.isEmpty {
      guard arguments.has("dataset") else {
        throw ToolError.usage(
          "sweep needs FEATURES, IMAGE or --dataset SET", hint: "see 'diffcut help sweep'")
      }
      let sweep = try LabeledSweep(words, arguments, upsampling: upsampling)
      try outputs.check(sweep.grid.settings, hasLabels: true)
      subject = .set(sweep)
    } else {
      let sweep = try InputSweep(arguments)
      try outputs.check(sweep.grid.settings, hasLabels: false)
      subject = .inputs(sweep)
    }
  }

  func run() throws -> ExitCode {
    switch subject {
    case .inputs(let sweep): return try run(sweep)
    case .set(let sweep):
      let progress = Progress(
        total: max(1, sweep.imageCount), isQuiet: arguments.has("quiet"), mode: progressMode)
      defer { progress.clear() }
      var report = SweepReport(results: try sweep.run(progress: progress))
      progress.clear()
      // A share of the images does not tell the best of all.
      if arguments.has("tune"), !arguments.has("shard"), let setting = report.best?.sweep?.setting {
        report.command = command(at: setting)
      }
      try outputs.write(report, tuned: sweep.tunedImages)
      return .success
    }
  }

  private func run(_ sweep: InputSweep) throws -> ExitCode {
    let count = sweep.inputs.count
    let progress = Progress(total: count, isQuiet: arguments.has("quiet"), mode: progressMode)
    defer { progress.clear() }
    var failures = InputFailures(total: count, of: "inputs")
    let results = try sweep.run(progress: progress) { failures.add($0) }
    progress.clear()
    if !failures.isTotal { try outputs.write(results, encoder: sweep.encoderName) }
    return try failures.finish()
  }

  /// The command that scores the set, without the images that were drawn if a file names them.
  private func command(at setting: SweepSetting) -> String {
    var words = ["diffcut", "eval"]
    let chosen = ["tau", "alpha", "timestep"]
    let own = ["csv", "json", "partial", "progress", "quiet", "verbose"]
    for flag in CommandTable.eval.flags
    where arguments.has(flag.name) && !chosen.contains(flag.name) && !own.contains(flag.name) {
      if flag.value == nil { words.append("--\(flag.name)") }
      let values = flag.isRepeatable ? arguments.strings(flag.name) : [arguments.string(flag.name)].compactMap(\.self)
      if flag.value != nil { words += values.flatMap { ["--\(flag.name)", Shell.word($0)] } }
    }
    words += ["--tau", "\(setting.tau)", "--alpha", "\(setting.alpha)"]
    if let timestep = setting.timestep { words += ["--timestep", "\(timestep)"] }
    if let list = arguments.string("tune-list"), list != "-" { words += ["--exclude", Shell.word(list)] }
    return words.joined(separator: " ")
  }
}
