// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor

/// What is known of an image that is finished: written last, after its results, so that there is none for an image that
/// was stopped in the middle.
///
/// It holds no time and no place, so that a run that was stopped and taken up again leaves the same records as one that was
/// not.
package struct CompletionRecord: Equatable, Sendable {
  /// A file and what is in it.
  struct File: Equatable, Sendable {
    /// Below the folder of results.
    let name: String
    let byteCount: Int
    let hash: String

    init(name: String, byteCount: Int, hash: String) {
      (self.name, self.byteCount, self.hash) = (name, byteCount, hash)
    }

    init(name: String, bytes: [UInt8]) {
      self.init(name: name, byteCount: bytes.count, hash: XXH64.digest(bytes))
    }

    var json: OrderedJSON { ["name": .string(name), "bytes": .integer(byteCount), "xxh64": .string(hash)] }
  }

  /// What became of the image, as reports tell it.
  struct Summary: Equatable, Sendable {
    let width: Int
    let height: Int
    /// As in EXIF.
    let orientation: Int
    let segments: Int

    /// The members of records and reports.
    var json: OrderedJSON {
      [
        "width": .integer(width), "height": .integer(height), "orientation": .integer(orientation),
        "segments": .integer(segments),
      ]
    }
  }

  static let version = 1

  /// Hash of every setting that results depend on.
  let configuration: String
  /// The image file.
  let input: File
  let summary: Summary
  /// Files and parts of each format, in the order of the formats.
  let outputs: [(format: String, files: [File], part: File?)]

  package static func == (first: CompletionRecord, second: CompletionRecord) -> Bool { first.encoded == second.encoded }

  /// One line of JSON.
  package var encoded: [UInt8] {
    let formats = outputs.map { format, files, part in
      var value: OrderedJSON = ["files": .array(files.map(\.json))]
      if let part { value += ["part": part.json] }
      return OrderedJSON.Member(key: format, value: value)
    }
    let json: OrderedJSON =
      ["v": .integer(Self.version), "config_hash": .string(configuration), "input": input.json] + summary.json
      + ["outputs": .object(formats)]
    return Array(json.line.utf8)
  }

  init(
    configuration: String, input: File, summary: Summary, outputs: [(format: String, files: [File], part: File?)]
  ) {
    self.configuration = configuration
    self.input = input
    self.summary = summary
    self.outputs = outputs
  }

  /// Nil for anything that is no whole record of this version: the image is then worked on again.
  package init?(_ bytes: [UInt8]) {
    guard let value = try? JSON.parse(bytes[...]), value["v"]?.integer == Self.version,
      let configuration = value["config_hash"]?.string, let input = value["input"].flatMap(Self.file),
      let width = value["width"]?.integer, let height = value["height"]?.integer,
      let orientation = value["orientation"]?.integer, let segments = value["segments"]?.integer,
      let formats = value["outputs"]?.object
    else { return nil }
    var outputs: [(format: String, files: [File], part: File?)] = []
    for (name, format) in formats.sorted(by: { $0.key < $1.key }) {
      guard let array = format["files"]?.array else { return nil }
      let files = array.compactMap(Self.file)
      let part = format["part"].flatMap(Self.file)
      guard files.count == array.count, (part == nil) == (format["part"] == nil) else { return nil }
      outputs.append((name, files, part))
    }
    self.init(
      configuration: configuration, input: input,
      summary: Summary(width: width, height: height, orientation: orientation, segments: segments), outputs: outputs)
  }

  private static func file(_ value: JSON) -> File? {
    guard let name = value["name"]?.string, let count = value["bytes"]?.integer, let hash = value["xxh64"]?.string
    else { return nil }
    return File(name: name, byteCount: count, hash: hash)
  }

  func output(_ format: OutputFormat) -> (files: [File], part: File?)? {
    outputs.first { $0.format == format.rawValue }.map { ($0.files, $0.part) }
  }
}
