// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor

/// Which files a run writes, known before any work.
struct OutputPlan {
  let folder: ResultFolder
  let formats: [OutputFormat]
  let template: NameTemplate?
  let shard: Shard

  /// The formats of the list of `--format`, in its order.
  ///
  /// - Throws: `ToolError` with exit code 2 for an unknown one. One that is repeated counts once.
  static func formats(_ names: [String]) throws(ToolError) -> [OutputFormat] {
    var formats: [OutputFormat] = []
    let known = OutputFormat.allCases.map(\.rawValue)
    for name in names {
      guard let format = OutputFormat(rawValue: name) else {
        throw .usage(
          "--format has '\(name)', expected some of \(known.joined(separator: ", "))",
          hint: Suggestion.text(for: name, among: known))
      }
      if !formats.contains(format) { formats.append(format) }
    }
    guard !formats.isEmpty else {
      throw .usage("--format is empty", hint: "use some of \(known.joined(separator: ", "))")
    }
    return formats
  }

  /// A format's file of an image, below the folder of results.
  func name(of input: BatchInput, _ format: OutputFormat, _ suffix: String) -> String {
    NameTemplate.name(of: input, format, suffix, template)
  }

  /// All files of an image, below the folder of results.
  func names(of input: BatchInput) -> [String] {
    formats.flatMap { format in format.suffixes.map { name(of: input, format, $0) } }
  }

  /// Files that join all images, below the folder of results.
  var joined: [(format: OutputFormat, name: String)] {
    formats.compactMap { format in format.collectionName.map { (format, shard.name($0)) } }
  }

  /// Refuses two results of one name, results in the place of images, and files where others need a folder.
  ///
  /// - Parameters:
  ///   - inputs: of all shards.
  ///   - report: the report's file, which is none of the others either.
  /// - Throws: `ToolError` with exit code 2.
  func check(_ inputs: [BatchInput], report: String?) throws(ToolError) {
    var taken = ResultNames(plan: self)
    for input in inputs { try taken.claim(input) }
    try taken.claimJoined()
    try checkImages(inputs, taken.names, report)
  }

  /// No image is overwritten.
  private func checkImages(
    _ inputs: [BatchInput], _ names: some Collection<String>, _ report: String?
  ) throws(ToolError) {
    // Keys of all images first: comparing every result with every image would look at the disk a square of times.
    let images = Dictionary(
      inputs.lazy.filter { $0.path != "-" }.map { (OutputFile.key(of: $0.path), $0.path) },
      uniquingKeysWith: { first, _ in first })
    for input in inputs {
      for name in self.names(of: input) {
        if let victim = images[OutputFile.key(of: folder.file(name))] {
          throw .usage(
            "the result of '\(input.path)' would overwrite the image '\(victim)'", hint: "pass another folder with -o")
        }
      }
    }
    for (format, name) in joined {
      if let victim = images[OutputFile.key(of: folder.file(name))] {
        throw .usage(
          "format \(format.rawValue) would overwrite the image '\(victim)'", hint: "pass another folder with -o")
      }
    }
    guard let report else { return }
    let key = OutputFile.key(of: report)
    if let victim = images[key] {
      throw .usage("--report would overwrite the image '\(victim)'", hint: "pass another file with --report")
    }
    if names.contains(where: { OutputFile.key(of: folder.file($0)) == key }) {
      throw .usage("--report would overwrite the result '\(report)'", hint: "pass another file with --report")
    }
  }
}
