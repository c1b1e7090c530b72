// SPDX-License-Identifier: Apache-2.0
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
          hint: suggestion(for: name, among: known).map { "did you mean '\($0)'?" })
      }
      if !formats.contains(format) { formats.append(format) }
    }
    guard !formats.isEmpty else { throw .usage("--format names nothing") }
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
    var owners: [String: String] = [:]
    func claim(_ name: String, for owner: String) throws(ToolError) {
      guard let other = owners.updateValue(owner, forKey: name) else { return }
      throw .usage(
        other == owner
          ? "\(owner) is named twice, both would write \(folder.file(name))"
          : "\(other) and \(owner) would both write \(folder.file(name))", hint: remedy(inputs, isTwice: other == owner)
      )
    }
    for input in inputs {
      let names = names(of: input)
      if let name = names.indices.first(where: { names[..<$0].contains(names[$0]) }).map({ names[$0] }) {
        throw .usage(
          "two results of '\(input.path)' would both be \(folder.file(name))",
          hint: "with {kind} and {ext} in --name they have names of their own")
      }
      if let name = names.first(where: { $0.hasPrefix("\(ResultFolder.recordFolder)/") }) {
        throw .usage(
          "'\(input.path)' would write \(folder.file(name)), where the records of this folder are",
          hint: "give it another id in the manifest")
      }
      for name in names { try claim(name, for: "'\(input.path)'") }
    }
    for (format, name) in joined { try claim(name, for: "format \(format.rawValue)") }
    // A folder for results may not be in the way of a result, or the other way round.
    for (name, owner) in owners {
      var parent = name[...]
      while let slash = parent.lastIndex(of: "/") {
        parent = parent[..<slash]
        if let other = owners[String(parent)] {
          throw .usage("\(other) would write \(folder.file(String(parent))), where \(owner) needs a folder")
        }
      }
    }
    try checkImages(inputs, owners, report)
  }

  /// No image is overwritten.
  private func checkImages(
    _ inputs: [BatchInput], _ owners: [String: String], _ report: String?
  ) throws(ToolError) {
    // Keys of all images first: comparing every result with every image would look at the disk a square of times.
    let images = Dictionary(
      inputs.lazy.filter { $0.path != "-" }.map { (OutputFile.key(of: $0.path), $0.path) },
      uniquingKeysWith: { first, _ in first })
    for input in inputs {
      for name in names(of: input) {
        if let victim = images[OutputFile.key(of: folder.file(name))] {
          throw .usage(
            "the result of '\(input.path)' would overwrite the image '\(victim)'", hint: "name another folder with -o")
        }
      }
    }
    for (format, name) in joined {
      if let victim = images[OutputFile.key(of: folder.file(name))] {
        throw .usage("format \(format.rawValue) would overwrite the image '\(victim)'")
      }
    }
    guard let report else { return }
    let key = OutputFile.key(of: report)
    if let victim = images[key] { throw .usage("--report would overwrite the image '\(victim)'") }
    if owners.keys.contains(where: { OutputFile.key(of: folder.file($0)) == key }) {
      throw .usage("--report names '\(report)', which is a result")
    }
  }

  /// What helps against two results of one name, if it does.
  private func remedy(_ inputs: [BatchInput], isTwice: Bool) -> String {
    if isTwice { return "name it once, or give it two ids in a manifest" }
    let proposal = "{dir}/{file}.{kind}.{ext}"
    let isUnique = Set(inputs.map(\.relativePath)).count == inputs.count
    if isUnique, template == nil { return "--name '\(proposal)' keeps the extensions apart" }
    return "work on their common folder, or give them ids in a manifest"
  }
}
