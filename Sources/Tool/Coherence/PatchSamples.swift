// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor

/// One image whose patches are compared.
struct PatchSample: Equatable {
  let id: String
  let labels: String
  /// A file of features; nil where the photograph is encoded.
  let features: String?
  let image: String?

  /// The name of the features in messages.
  var source: String { features ?? id }

  /// Its labels, and its photograph if that is needed.
  struct Files {
    let labels: LabelMap
    let image: Image?
    /// The part of both that patches are of; nil for all.
    let square: EvaluationSquare?
  }
}

/// The images whose patches are compared, and what their labels mean.
struct PatchSamples {
  /// What labels are taken from.
  private enum Rule {
    case set(LabeledSet)
    /// Values are classes, but those of no class.
    case values(void: Set<Int32>)
  }

  private let rule: Rule
  let samples: [PatchSample]
  /// What results call the set.
  let name: String
  let evaluationProtocol: EvaluationProtocol

  /// Takes what goes with `--dataset`, or `--labels`, or `--manifest`; `--features`. Reads lists and the names of files, and no
  /// image.
  init(_ words: LabeledSet.Words, _ arguments: ParsedArguments) throws(ToolError) {
    let sources = ["dataset", "labels", "manifest"].filter(arguments.has)
    guard let source = sources.first else {
      throw .usage(
        "coherence roc needs labels",
        hint: "pass --dataset SET --root DIR, --labels DIR --features DIR, or --manifest FILE")
    }
    if sources.count > 1 {
      throw .usage("--\(source) and --\(sources[1]) both give labels", hint: "leave out one of the two")
    }
    if source == "dataset" {
      let set = try LabeledSet(
        words, arguments, needsImages: !arguments.has("features"), needsBorders: false)
      let features = try arguments.string("features").map { folder throws(ToolError) in
        try FileIndex(.features, in: folder, level: .both, as: .badModel)
      }
      rule = .set(set)
      (name, evaluationProtocol) = (set.dataset.rawValue, set.evaluationProtocol)
      samples = try set.samples.map { sample throws(ToolError) in
        PatchSample(
          id: sample.id, labels: sample.labels,
          features: try features?.path(of: sample.id),
          image: sample.image)
      }
      return
    }
    rule = .values(void: try Self.void(arguments))
    name = "labels"
    evaluationProtocol = arguments.has("protocol") ? words.evaluationProtocol : .strict
    if let manifest = arguments.string("manifest") {
      samples = try PatchManifest.read(manifest)
      return
    }
    guard let folder = arguments.string("labels"), let features = arguments.string("features") else {
      throw .usage("--labels needs --features DIR", hint: "use --dataset folder to encode photographs")
    }
    samples = try Self.pairs(
      labels: folder, features: features, names: try arguments.string("list").map(DatasetList.read))
  }

  /// Everything the pairs depend on but the images and their features.
  var settings: [String] {
    switch rule {
    case .set(let set): [name, evaluationProtocol.rawValue] + set.labelSettings
    case .values(let void): [name, evaluationProtocol.rawValue, "\(void.sorted())"]
    }
  }

  /// Files of one name in two folders.
  private static func pairs(
    labels: String, features: String, names: [String]?
  ) throws(ToolError) -> [PatchSample] {
    let labelFiles = try FileIndex(.labelMaps([".labels.png", ".png", ".npy"]), in: labels, as: .badModel)
    let featureFiles = try FileIndex(.features, in: features, as: .badModel)
    let ids =
      names
      ?? Set(labelFiles.ids + featureFiles.ids).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard !ids.isEmpty else {
      throw ToolError(.badModel, "no labels in '\(labels)'", hint: "expected NAME.png or NAME.npy for each image")
    }
    let hint = names == nil ? "use --list FILE to choose the images" : nil
    return try ids.map { id throws(ToolError) in
      PatchSample(
        id: id, labels: try labelFiles.path(of: id, hint: hint), features: try featureFiles.path(of: id, hint: hint),
        image: nil)
    }
  }

  private static func void(_ arguments: ParsedArguments) throws(ToolError) -> Set<Int32> {
    guard let words = arguments.list("void") else { return [255] }
    let values = words.compactMap { Int32($0) }
    guard values.count == words.count else {
      throw .usage(
        "--void is '\(arguments.string("void") ?? "")', expected whole numbers with commas between them, such as 0,255")
    }
    return Set(values)
  }
}

extension PatchSamples {
  /// - Throws: `ToolError`: exit code 4 for files of a set, 3 for label maps.
  func files(of sample: PatchSample) throws(ToolError) -> PatchSample.Files {
    let labels: LabelMap
    var image: Image?
    switch rule {
    case .set:
      (labels, image) = try EvaluationScoring.files(
        of: EvaluationSample(id: sample.id, image: sample.image, labels: sample.labels))
    case .values: labels = try InputFile.labelMap(sample.labels, as: .badModel, ids: LabelMap.anyIDs)
    }
    guard evaluationProtocol == .paper else { return PatchSample.Files(labels: labels, image: image, square: nil) }
    let square = try ToolError.reading(sample.labels, as: .badInput) {
      try EvaluationSquare(height: labels.height, width: labels.width)
    }
    return PatchSample.Files(labels: labels, image: image?.cropped(to: square), square: square)
  }

  /// The class of each patch, below 0 for those that have none.
  ///
  /// - Throws: `ToolError` with exit code 4 for a value that the set does not have.
  func classes(_ files: PatchSample.Files, of sample: PatchSample, at grid: Grid) throws(ToolError) -> LabelMap {
    let labels = files.labels.sampled(atCentersOf: grid, in: files.square)
    switch rule {
    case .set(let set):
      return try ToolError.reading(sample.labels, as: .badInput) { try set.set.mapping(labels) }
    case .values(let void):
      return LabelMap(
        height: grid.height, width: grid.width,
        labels: ContiguousArray(labels.labels.map { void.contains($0) ? LabelMapping.ignored : $0 }))
    }
  }
}

/// A list of images with their features and labels: a line of JSON each.
private enum PatchManifest {
  /// - Parameter path: "-" is standard input.
  /// - Throws: `ToolError` with exit code 4, naming the line.
  static func read(_ path: String) throws(ToolError) -> [PatchSample] {
    let bytes = try InputFile.bytes(path, as: .badInput)
    let name = path == "-" ? "standard input" : path
    var samples: [PatchSample] = []
    var ids: Set<String> = []
    for (index, line) in ByteLines(bytes).enumerated()
    where line.contains(where: { $0 != 0x20 && $0 != 0x0d && $0 != 0x09 }) {
      let place = "\(name), line \(index + 1)"
      let json = try ToolError.reading(place, as: .badInput) { try JSON.parse(line) }
      guard let features = json["features"]?.string, let labels = json["labels"]?.string else {
        throw ToolError(
          .badInput, "\(place): \"features\" or \"labels\" is missing",
          hint: "expected {\"id\":\"a\",\"features\":\"a.npy\",\"labels\":\"a.png\"}")
      }
      let id = json["id"]?.string ?? json["id"]?.integer.map { "\($0)" } ?? features
      guard ids.insert(id).inserted else { throw ToolError(.badInput, "\(place): '\(id)' is listed twice") }
      samples.append(PatchSample(id: id, labels: labels, features: features, image: nil))
    }
    guard !samples.isEmpty else { throw ToolError(.badInput, "\(name): the list is empty") }
    return samples
  }
}
