// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor

/// Pairs of patches over images and what they are of: the content of a file of `--partial`.
struct CoherenceResult: Equatable {
  let dataset: String
  let evaluationProtocol: String
  /// What the features are, in words; curves are called by it.
  let source: String
  /// Of which images pairs are.
  let pairing: Pairing
  /// Equal for counts that may be added: everything they depend on but the images.
  let settingsHash: String
  /// Ids, in the order in which they were counted. Across images a pair counts for the first of its two.
  var images: [String]
  var histogram: CoherenceHistogram

  enum Pairing: Equatable {
    /// Both patches are of one image.
    case within
    /// The one is of an image, the other of one of so many behind it.
    case across(Int)

    /// Images at most that are kept in memory besides the one that is read.
    static let limit = 256

    var images: Int {
      switch self {
      case .within: 0
      case .across(let count): count
      }
    }

    fileprivate init(images: Int) { self = images == 0 ? .within : .across(images) }

    /// Behind a count of images.
    func text(_ count: String) -> String {
      switch self {
      case .within: "within \(count)"
      case .across(let next): "across \(count), each with the next" + (next == 1 ? "" : " \(next)")
      }
    }
  }

  /// Adds the pairs of other images.
  ///
  /// - Parameter name: of the file, for messages.
  /// - Throws: `ToolError` with exit code 2: of other pairs, or of an image that is counted already.
  mutating func add(_ other: CoherenceResult, named name: String) throws(ToolError) {
    try PartialSums.check(
      [
        ("dataset", dataset, other.dataset), ("protocol", evaluationProtocol, other.evaluationProtocol),
        ("source", source, other.source), ("across", "\(pairing.images)", "\(other.pairing.images)"),
        ("settings hash", settingsHash, other.settingsHash),
      ], named: name)
    images = try PartialSums.joined(images, other.images, named: name)
    try ToolError.reading(name, as: .usage) { try histogram.add(other.histogram) }
  }
}

/// The file: one line of JSON.
extension CoherenceResult {
  static let kind = "diffcut coherence sums"

  var partialFile: [UInt8] {
    let json: OrderedJSON = [
      "kind": .string(Self.kind), "v": 1, "dataset": .string(dataset), "protocol": .string(evaluationProtocol),
      "source": .string(source), "across": .integer(pairing.images), "settings": .string(settingsHash),
      "images": .strings(images), "positives": .integers(histogram.positives),
      "negatives": .integers(histogram.negatives),
    ]
    return Array(json.line.utf8)
  }

  /// Reads a file of sums.
  ///
  /// - Throws: `ToolError` with exit code 3.
  init(_ lines: [PartialSums]) throws(ToolError) {
    let sums = lines[0]
    try sums.check(kind: Self.kind, of: "coherence", command: "coherence roc")
    dataset = try sums.text("dataset")
    evaluationProtocol = try sums.text("protocol")
    source = try sums.text("source")
    settingsHash = try sums.text("settings")
    let across = try sums.integer("across")
    images = try sums.list("images", \.string)
    guard lines.count == 1, (0...Pairing.limit).contains(across), Set(images).count == images.count,
      let histogram = CoherenceHistogram(
        positives: try sums.list("positives", \.integer), negatives: try sums.list("negatives", \.integer))
    else { throw sums.contradiction }
    pairing = Pairing(images: across)
    self.histogram = histogram
  }
}
