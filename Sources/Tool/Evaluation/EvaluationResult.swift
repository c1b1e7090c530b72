// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor

/// Sums over images and what they are of: the content of a file of `--partial`.
struct EvaluationResult: Equatable {
  let dataset: String
  let evaluationProtocol: String
  /// What the segments are, in words.
  let source: String
  /// Equal for sums that may be added: everything they depend on but the images.
  let settingsHash: String
  let classNames: [String]
  /// Ids, in the order in which they were scored.
  var images: [String]
  var sums: EvaluationSums
  /// Of a sweep; nil for sums of `eval`.
  var sweep: SweepPoint?

  /// Adds the sums of other images.
  ///
  /// - Parameter name: of the file, for messages.
  /// - Throws: `ToolError` with exit code 2: of another evaluation, or of an image that is counted already.
  mutating func add(_ other: EvaluationResult, named name: String) throws(ToolError) {
    try PartialSums.check(
      [
        ("dataset", dataset, other.dataset), ("protocol", evaluationProtocol, other.evaluationProtocol),
        ("source", source, other.source), ("settings hash", settingsHash, other.settingsHash),
      ], named: name)
    guard classNames == other.classNames else {
      throw .usage("\(name): the classes differ from those of the first file")
    }
    let images = try PartialSums.joined(images, other.images, named: name)
    try ToolError.reading(name, as: .usage) { try sums.add(other.sums) }
    self.images = images
    sweep?.segmentCount += other.sweep?.segmentCount ?? 0
  }

  /// Adds sums setting by setting.
  ///
  /// - Throws: as `add(_:named:)` does, also for other settings.
  static func add(
    _ others: [EvaluationResult], to results: inout [EvaluationResult], named name: String
  ) throws(ToolError) {
    guard results.map(\.sweep?.setting) == others.map(\.sweep?.setting) else {
      throw .usage("\(name): the settings differ from those of the first file")
    }
    for (index, other) in others.enumerated() { try results[index].add(other, named: name) }
  }
}

/// Where in a sweep sums are from.
struct SweepPoint: Equatable {
  let setting: SweepSetting
  /// Classes of nodes, added up over the images.
  var segmentCount: Int
}

/// The file: one line of JSON, of a sweep one for each setting.
extension EvaluationResult {
  private static let kind = "diffcut evaluation sums"

  var partialFile: [UInt8] {
    var json: OrderedJSON = [
      "kind": .string(Self.kind), "v": 1, "dataset": .string(dataset), "protocol": .string(evaluationProtocol),
      "source": .string(source), "settings": .string(settingsHash), "classes": .strings(classNames),
      "images": .strings(images), "pixels": .integer(sums.pixelCount), "tp": .integers(sums.truePositives),
      "fp": .integers(sums.falsePositives), "fn": .integers(sums.falseNegatives),
    ]
    if let sweep { json += ["sweep": sweep.setting.json + ["segments": .integer(sweep.segmentCount)]] }
    return Array(json.line.utf8)
  }

  /// Reads a file of sums: one result, or those of a sweep.
  ///
  /// - Throws: `ToolError` with exit code 3.
  static func results(_ lines: [PartialSums], _ path: String) throws(ToolError) -> [EvaluationResult] {
    let results = try lines.map { line throws(ToolError) in try EvaluationResult(line) }
    // One evaluation, or the settings of one sweep.
    guard results.count == 1 || results.allSatisfy({ $0.sweep != nil && $0.isComparable(with: results[0]) }) else {
      throw ToolError(.badModel, "\(path): the sums contradict each other")
    }
    return results
  }

  /// Whether both are of the same images by the same rules, and both of a timestep or neither: reports have a column for it.
  private func isComparable(with other: EvaluationResult) -> Bool {
    (sweep?.setting.timestep == nil) == (other.sweep?.setting.timestep == nil) && images == other.images
      && dataset == other.dataset && evaluationProtocol == other.evaluationProtocol
      && source == other.source && classNames == other.classNames
  }

  private init(_ line: PartialSums) throws(ToolError) {
    try line.check(kind: Self.kind, of: "an evaluation", command: "eval")
    dataset = try line.text("dataset")
    evaluationProtocol = try line.text("protocol")
    source = try line.text("source")
    settingsHash = try line.text("settings")
    classNames = try line.list("classes", \.string)
    images = try line.list("images", \.string)
    guard Set(images).count == images.count,
      let sums = EvaluationSums(
        imageCount: images.count, pixelCount: try line.integer("pixels"),
        truePositives: try line.list("tp", \.integer), falsePositives: try line.list("fp", \.integer),
        falseNegatives: try line.list("fn", \.integer)),
      sums.classCount == classNames.count
    else { throw line.contradiction }
    self.sums = sums
    guard let sweep = line["sweep"] else { return }
    guard let alpha = sweep["alpha"]?.double, let tau = sweep["tau"]?.double,
      let segmentCount = sweep["segments"]?.integer, (0...1 << 48).contains(segmentCount)
    else { throw line.wrong("sweep") }
    self.sweep = SweepPoint(
      setting: SweepSetting(timestep: sweep["timestep"]?.integer, alpha: alpha, tau: tau), segmentCount: segmentCount)
  }
}
