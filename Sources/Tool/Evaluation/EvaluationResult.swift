// SPDX-License-Identifier: Apache-2.0
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
    for (what, mine, theirs) in [
      ("dataset", dataset, other.dataset), ("protocol", evaluationProtocol, other.evaluationProtocol),
      ("source", source, other.source), ("settings hash", settingsHash, other.settingsHash),
    ] where mine != theirs {
      throw .usage("\(name): \(what) is '\(theirs)', that of the first file '\(mine)'")
    }
    guard classNames == other.classNames else { throw .usage("\(name): other classes than in the first file") }
    let known = Set(images)
    if let twice = other.images.first(where: known.contains) {
      throw .usage("\(name): image '\(twice)' is in another file too", hint: "name each file of sums once")
    }
    do throws(EvaluationError) {
      try sums.add(other.sums)
    } catch {
      throw .usage("\(name): \(error)")
    }
    images += other.images
    sweep?.segmentCount += other.sweep?.segmentCount ?? 0
  }

  /// Adds sums setting by setting.
  ///
  /// - Throws: as `add(_:named:)` does, also for other settings.
  static func add(
    _ others: [EvaluationResult], to results: inout [EvaluationResult], named name: String
  ) throws(ToolError) {
    guard results.map(\.sweep?.setting) == others.map(\.sweep?.setting) else {
      throw .usage("\(name): sums of other settings than in the first file")
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
    func list(_ values: [Int]) -> String { "[\(values.map(String.init).joined(separator: ","))]" }
    func list(_ values: [String]) -> String { "[\(values.map(jsonString).joined(separator: ","))]" }
    let members =
      [
        "\"kind\":\(jsonString(Self.kind))", "\"v\":1", "\"dataset\":\(jsonString(dataset))",
        "\"protocol\":\(jsonString(evaluationProtocol))", "\"source\":\(jsonString(source))",
        "\"settings\":\(jsonString(settingsHash))", "\"classes\":\(list(classNames))", "\"images\":\(list(images))",
        "\"pixels\":\(sums.pixelCount)", "\"tp\":\(list(sums.truePositives))", "\"fp\":\(list(sums.falsePositives))",
        "\"fn\":\(list(sums.falseNegatives))",
      ] + (sweep.map { ["\"sweep\":{\($0.setting.members),\"segments\":\($0.segmentCount)}"] } ?? [])
    return Array("{\(members.joined(separator: ","))}\n".utf8)
  }

  /// Reads a file of sums: one result, or those of a sweep.
  ///
  /// - Throws: `ToolError` with exit code 3.
  static func results(contentsOf path: String) throws(ToolError) -> [EvaluationResult] {
    let bytes: [UInt8]
    do {
      bytes = try MappedFile.contents(of: path)
    } catch {
      throw ToolError(.badModel, "\(error)")
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    var results: [EvaluationResult] = []
    for (index, line) in (lines.isEmpty ? [bytes[...]] : lines).enumerated() {
      let name = lines.count > 1 ? "\(path), line \(index + 1)" : path
      let json: JSON
      do {
        json = try JSON.parse(line)
      } catch {
        throw ToolError(.badModel, "\(name): \(error)")
      }
      results.append(try EvaluationResult(json, name))
    }
    // One evaluation, or the settings of one sweep.
    guard results.count == 1 || results.allSatisfy({ $0.sweep != nil && $0.isComparable(with: results[0]) }) else {
      throw ToolError(.badModel, "\(path): the sums contradict each other")
    }
    return results
  }

  /// Whether both are of the same images by the same rules.
  private func isComparable(with other: EvaluationResult) -> Bool {
    images == other.images && dataset == other.dataset && evaluationProtocol == other.evaluationProtocol
      && source == other.source && classNames == other.classNames
  }

  private init(_ json: JSON, _ path: String) throws(ToolError) {
    guard json["kind"]?.string == Self.kind else {
      throw ToolError(.badModel, "\(path): no sums of an evaluation", hint: "'diffcut eval --partial FILE' writes them")
    }
    guard json["v"]?.integer == 1 else {
      throw ToolError(.badModel, "\(path): sums of another version of diffcut")
    }
    func whole<Value>(_ key: String, _ element: (JSON) -> Value?) throws(ToolError) -> [Value] {
      let values = json[key]?.array?.map(element) ?? [nil]
      let found = values.compactMap(\.self)
      guard found.count == values.count else { throw ToolError(.badModel, "\(path): '\(key)' is missing or wrong") }
      return found
    }
    func text(_ key: String) throws(ToolError) -> String {
      guard let value = json[key]?.string else { throw ToolError(.badModel, "\(path): '\(key)' is missing or wrong") }
      return value
    }
    dataset = try text("dataset")
    evaluationProtocol = try text("protocol")
    source = try text("source")
    settingsHash = try text("settings")
    classNames = try whole("classes", \.string)
    images = try whole("images", \.string)
    guard Set(images).count == images.count, let pixels = json["pixels"]?.integer,
      let sums = EvaluationSums(
        imageCount: images.count, pixelCount: pixels, truePositives: try whole("tp", \.integer),
        falsePositives: try whole("fp", \.integer), falseNegatives: try whole("fn", \.integer)),
      sums.classCount == classNames.count
    else { throw ToolError(.badModel, "\(path): the sums contradict each other") }
    self.sums = sums
    guard let sweep = json["sweep"] else { return }
    guard let alpha = sweep["alpha"]?.double, let tau = sweep["tau"]?.double,
      let segmentCount = sweep["segments"]?.integer, (0...1 << 48).contains(segmentCount)
    else { throw ToolError(.badModel, "\(path): 'sweep' is missing or wrong") }
    self.sweep = SweepPoint(
      setting: SweepSetting(timestep: sweep["timestep"]?.integer, alpha: alpha, tau: tau), segmentCount: segmentCount)
  }
}
