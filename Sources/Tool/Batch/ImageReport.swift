// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// What became of an image.
enum ImageOutcome {
  case done(CompletionRecord, Measurement)
  /// It was finished before.
  case skipped(CompletionRecord)
  /// It would be worked on, but for `--dry-run`.
  case pending(paths: [(format: String, paths: [String])])
  case failed(ImageFailure)

  /// Seconds and stages of an image that was worked on.
  struct Measurement {
    let segmentation: Segmentation
    let decode: Double
    let write: Double
    let total: Double
  }
}

/// An image's line for people, and its line of JSON.
struct ImageReport {
  let input: BatchInput
  let outcome: ImageOutcome
  let settings: RunSettings
  /// The folder of results; nil where the result goes to standard output.
  let folder: ResultFolder?

  /// Paths by format.
  private var outputs: [(format: String, paths: [String])] {
    switch outcome {
    case .done(let record, _), .skipped(let record):
      guard let folder else { return [] }
      return record.outputs.map { ($0.format, $0.files.map { folder.file($0.name) }) }
    case .pending(let paths): return paths
    case .failed: return []
    }
  }

  /// For standard output; empty for failures, which are told on standard error.
  func text(isVerbose: Bool, isOnly: Bool) -> String {
    let paths = outputs.flatMap(\.paths)
    let arrow = paths.isEmpty ? "\n" : " -> \(paths.map(printable).joined(separator: ", "))\n"
    switch outcome {
    case .failed: return ""
    case .pending: return "\(printable(input.path))\(arrow)"
    case .skipped: return "\(printable(input.path)): already done\(isOnly ? " (--overwrite processes it again)" : "")\n"
    case .done(let record, let measurement):
      let summary = record.summary
      return
        "\(printable(input.path)): \(summary.width)x\(summary.height), \(summary.segments) segments "
        + "(\(settings.encoder.name) encoder), \(milliseconds(measurement.total))\(arrow)"
        + (isVerbose ? details(measurement) : "")
    }
  }

  private func details(_ measurement: ImageOutcome.Measurement) -> String {
    let segmentation = measurement.segmentation
    let stages =
      [("decode", measurement.decode)] + Self.groups(segmentation.stages) + [("write", measurement.write)]
    let clustering = settings.cut?.text ?? "\(settings.segmentation.clusterer)"
    return "  \(clustering), grid "
      + "\(segmentation.grid), \(Parallel.threadCount) threads, \(InstructionSet.active.rawValue) instructions\n"
      + "  " + stages.map { "\($0.0) \(milliseconds($0.1))" }.joined(separator: ", ") + "\n"
      + (segmentation.tree.map(TreeReport.text) ?? "")
  }

  /// Stages added up under the words that reports use, in the order in which they began.
  static func groups(_ stages: [StageTime]) -> [(name: String, seconds: Double)] {
    let titles = ["affinity": "cut", "cuts": "cut", "upsampling": "assign", "refinement": "refine"]
    var groups: [(name: String, seconds: Double)] = []
    for stage in stages {
      // A network's stages begin with its name and a dot.
      let network = stage.stage.firstIndex(of: ".").map { String(stage.stage[..<$0]) }
      let name = titles[stage.stage] ?? network ?? "encode"
      if let index = groups.firstIndex(where: { $0.name == name }) {
        groups[index].seconds += stage.seconds
      } else {
        groups.append((name, stage.seconds))
      }
    }
    return groups
  }

  /// One line.
  func json(isVerbose: Bool) -> String {
    var json: OrderedJSON = ["v": 1, "id": .string(input.id)]
    if input.id != input.path { json += ["path": .string(input.path)] }
    switch outcome {
    case .failed(let failure):
      json += [
        "status": "error", "code": .string(failure.stage.rawValue), "message": .string(failure.reason),
        "retryable": .bool(failure.isRetryable),
      ]
      return json.line
    case .pending: json += ["status": "pending"]
    case .skipped(let record): json += ["status": "skipped"] + record.summary.json
    case .done(let record, _): json += ["status": "ok"] + record.summary.json
    }
    json += ["encoder": .string(settings.encoder.name)]
    if let cut = settings.cut { json += ["tau": .number(cut.tau), "alpha": .number(cut.graph.alpha)] }
    json += ["config_hash": .string(settings.configurationHash)]
    if settings.cut == nil { json += ["method": .string("\(settings.segmentation.clusterer)")] }
    if let hash = settings.weightsHash { json += ["weights_hash": .string(hash)] }
    if case .done(_, let measurement) = outcome { json += Self.json(measurement, isVerbose: isVerbose) }
    if folder != nil {
      // A list where a format has several files.
      let outputs = outputs.filter { !$0.paths.isEmpty }.map { format, paths in
        OrderedJSON.Member(key: format, value: paths.count == 1 ? .string(paths[0]) : .strings(paths))
      }
      json += ["outputs": .object(outputs)]
    }
    return json.line
  }

  private static func json(_ measurement: ImageOutcome.Measurement, isVerbose: Bool) -> OrderedJSON {
    let times =
      [("decode", measurement.decode)] + groups(measurement.segmentation.stages)
      + [("write", measurement.write), ("total", measurement.total)]
    let milliseconds = times.map { OrderedJSON.Member(key: $0.0, value: .integer(Int(($0.1 * 1000).rounded()))) }
    var json: OrderedJSON = ["ms": .object(milliseconds)]
    if let peak = Platform.peakMemory { json += ["peak_mb": .integer(peak / 1_000_000)] }
    if isVerbose { json += ["stages": ProfileReport.json(measurement.segmentation.stages)] }
    return json
  }
}
