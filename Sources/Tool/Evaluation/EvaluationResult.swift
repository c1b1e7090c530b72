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
  }
}

/// The file: one line of JSON.
extension EvaluationResult {
  private static let kind = "diffcut evaluation sums"

  var partialFile: [UInt8] {
    func list(_ values: [Int]) -> String { "[\(values.map(String.init).joined(separator: ","))]" }
    func list(_ values: [String]) -> String { "[\(values.map(jsonString).joined(separator: ","))]" }
    let members = [
      "\"kind\":\(jsonString(Self.kind))", "\"v\":1", "\"dataset\":\(jsonString(dataset))",
      "\"protocol\":\(jsonString(evaluationProtocol))", "\"source\":\(jsonString(source))",
      "\"settings\":\(jsonString(settingsHash))", "\"classes\":\(list(classNames))", "\"images\":\(list(images))",
      "\"pixels\":\(sums.pixelCount)", "\"tp\":\(list(sums.truePositives))", "\"fp\":\(list(sums.falsePositives))",
      "\"fn\":\(list(sums.falseNegatives))",
    ]
    return Array("{\(members.joined(separator: ","))}\n".utf8)
  }

  /// Reads a file of sums.
  ///
  /// - Throws: `ToolError` with exit code 3.
  init(contentsOf path: String) throws(ToolError) {
    let json: JSON
    do {
      json = try JSON.parse(MappedFile.contents(of: path)[...])
    } catch let error as FileError {
      throw ToolError(.badModel, "\(error)")
    } catch {
      throw ToolError(.badModel, "\(path): \(error)")
    }
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
  }
}
