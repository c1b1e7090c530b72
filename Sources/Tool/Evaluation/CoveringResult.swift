// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// How well segments cover the regions of each image, and what they are: the content of a file of `--partial`.
struct CoveringResult: Equatable {
  /// What the segments are, in words.
  let source: String
  /// Equal for scores that may be joined: everything they depend on but the images.
  let settingsHash: String
  var images: [CoveredImage] = []

  struct CoveredImage: Equatable {
    let id: String
    /// Label maps the covering is the mean over.
    let annotations: Int
    let covering: Double
    let segments: Int
  }

  /// In the order of their names' bytes: means do not depend on how the images were shared out.
  private var sorted: [CoveredImage] { images.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) } }

  var mean: Double { sorted.reduce(0) { $0 + $1.covering } / Double(images.count) }

  /// Takes in the scores of other images.
  ///
  /// - Parameter name: of the file, for messages.
  /// - Throws: `ToolError` with exit code 2: of other segments, or of an image that is scored already.
  mutating func add(_ other: CoveringResult, named name: String) throws(ToolError) {
    try PartialSums.check(
      [("source", source, other.source), ("settings hash", settingsHash, other.settingsHash)], named: name)
    _ = try PartialSums.joined(images.map(\.id), other.images.map(\.id), named: name)
    images += other.images
  }
}

/// The file: one line of JSON.
extension CoveringResult {
  static let kind = "diffcut segmentation covering"
  /// No image has more segments than pixels; sums over all images then stay below 2⁶³.
  private static let countRange = 1...1 << 32

  var partialFile: [UInt8] {
    let json: OrderedJSON = [
      "kind": .string(Self.kind), "v": 1, "source": .string(source), "settings": .string(settingsHash),
      "images": .strings(images.map(\.id)), "annotations": .integers(images.map(\.annotations)),
      "covering": .numbers(images.map(\.covering)), "segments": .integers(images.map(\.segments)),
    ]
    return Array(json.line.utf8)
  }

  /// Reads a file of scores.
  ///
  /// - Throws: `ToolError` with exit code 3.
  init(_ lines: [PartialSums]) throws(ToolError) {
    let line = lines[0]
    try line.check(kind: Self.kind, of: "coverings", command: "eval --covering")
    source = try line.text("source")
    settingsHash = try line.text("settings")
    let ids = try line.list("images", \.string)
    let annotations = try line.list("annotations", \.integer)
    let covering = try line.list("covering", \.double)
    let segments = try line.list("segments", \.integer)
    guard lines.count == 1, !ids.isEmpty, Set(ids).count == ids.count,
      [annotations.count, covering.count, segments.count].allSatisfy({ $0 == ids.count }),
      covering.allSatisfy({ (0...1).contains($0) }), (annotations + segments).allSatisfy(Self.countRange.contains)
    else { throw line.contradiction }
    images = ids.indices.map {
      CoveredImage(id: ids[$0], annotations: annotations[$0], covering: covering[$0], segments: segments[$0])
    }
  }
}

extension CoveringResult: ScoreReport {
  /// Two lines for people.
  var text: String {
    let order = sorted
    let scores = order.map(\.covering).sorted()
    let median = (scores[(scores.count - 1) / 2] + scores[scores.count / 2]) / 2
    // The first of equal ones.
    let lowest = order.reduce(order[0]) { $1.covering < $0.covering ? $1 : $0 }
    let segments = Double(order.reduce(0) { $0 + $1.segments }) / Double(order.count)
    return "\(source): \(order.count) image\(order.count == 1 ? "" : "s"), "
      + "\(order.reduce(0) { $0 + $1.annotations }) annotations, \(fixed(segments, 1)) segments an image\n"
      + "covering \(fixed(mean, 4)), median \(fixed(median, 4)), lowest \(fixed(lowest.covering, 4)) "
      + "(\(printable(lowest.id)))\n"
  }

  var json: OrderedJSON {
    let images = sorted.map { image -> OrderedJSON in
      [
        "id": .string(image.id), "annotations": .integer(image.annotations), "covering": .number(image.covering),
        "segments": .integer(image.segments),
      ]
    }
    return [
      "v": 1, "source": .string(source), "settings": .string(settingsHash), "covering": .number(mean),
      "images": .array(images),
    ]
  }

  /// A line for each image.
  var csv: [UInt8] {
    let lines = sorted.map { CSV.line([$0.id, "\($0.annotations)", "\($0.covering)", "\($0.segments)"]) }
    return Array((CSV.line(["image", "annotations", "covering", "segments"]) + lines.joined()).utf8)
  }
}
