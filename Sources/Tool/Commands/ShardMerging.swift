// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor

/// Reports and annotation files of shares, joined to those of one run over all images.
struct ShardMerging {
  let arguments: ParsedArguments
  private var paths: [String] { arguments.operands }

  /// What a file is, by its first bytes.
  enum Kind {
    // What a share leaves that was killed at once is empty.
    case empty, annotations, report, other
  }

  static func kind(_ path: String) -> Kind {
    guard let beginning = try? MappedFile.prefix(of: path, count: JoinedAnnotations.beginningCount) else {
      return .other
    }
    if beginning.isEmpty { return .empty }
    if JoinedAnnotations.isBeginning(beginning) { return .annotations }
    return beginning.starts(with: "{\"v\":1,\"id\":".utf8) ? .report : .other
  }

  /// - Throws: `ToolError`; files that are neither are no annotations.
  func run(_ kind: Kind) throws(ToolError) -> ExitCode {
    switch kind {
    case .report: try join { order throws(ToolError) in try mergeReports(order) }
    case .annotations, .empty, .other: try join { order throws(ToolError) in try mergeAnnotations(order) }
    }
  }

  private func join(_ body: (ImageOrder) throws(ToolError) -> Void) throws(ToolError) -> ExitCode {
    try arguments.reject(
      ["csv", "json", "partial"] + CommandTable.plotting.map(\.name), "with reports and COCO files",
      hint: "it applies to sums; -o names the file of a report")
    try body(ImageOrder(manifest: arguments.string("manifest")))
    return .success
  }

  private var target: String { arguments.string("output") ?? "-" }

  private func mergeReports(_ order: ImageOrder) throws(ToolError) {
    var merged = MergedReports()
    for path in paths { try merged.add(path) }
    try Tool.writeResult(try order.sorted(merged.lines.map { ($0.key, $0.value.text) }), to: target)
    if arguments.has("quiet") { return }
    for warning in merged.warnings { Console.error("diffcut: warning: \(printable(warning))\n") }
    Console.error("\(merged.summary)\n")
  }

  private func mergeAnnotations(_ order: ImageOrder) throws(ToolError) {
    var files: [JoinedAnnotations] = []
    var owners: [String: String] = [:]
    var images: [(name: String, value: (file: Int, index: Int))] = []
    for path in paths {
      let file = try Self.annotations(path)
      files.append(file)
      guard file.format == files[0].format else {
        throw .usage(
          "\(path): the format is \(file.format.rawValue), but \(files[0].format.rawValue) in the first file",
          hint: "merge one format at a time")
      }
      for (index, name) in file.names.enumerated() {
        if let other = owners.updateValue(path, forKey: name) {
          throw .usage("\(path): image '\(name)' is in \(other) too", hint: "pass each file once")
        }
        images.append((name, (files.count - 1, index)))
      }
    }
    let places = try order.sorted(images)
    try Tool.writeResult(to: target) { append in
      try files[0].format.join(
        count: places.count, part: { files[places[$0].file].part(places[$0].index) }, append: append)
      for file in files { try file.checkUnchanged() }
    }
    if !arguments.has("quiet") { Console.error("\(places.count) images of \(paths.count) files\n") }
  }

  private static func annotations(_ path: String) throws(ToolError) -> JoinedAnnotations {
    try ToolError.reading(path) { try JoinedAnnotations(MappedFile(path: path)) }
  }
}
