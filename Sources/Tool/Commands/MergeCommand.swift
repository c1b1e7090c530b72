// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// `diffcut merge`: what shares of the images gave, joined to what one run over all of them gives.
struct MergeCommand {
  private let arguments: ParsedArguments
  private let paths: [String]
  private let outputs: EvaluationOutputs

  init(_ arguments: ParsedArguments) throws(ToolError) {
    self.arguments = arguments
    paths = arguments.operands
    outputs = try EvaluationOutputs(arguments)
  }

  func run() throws -> ExitCode {
    switch paths.lazy.map(Self.kind).first(where: { $0 != .empty }) {
    case .report: return try join { order throws(ToolError) in try mergeReports(order) }
    case .annotations: return try join { order throws(ToolError) in try mergeAnnotations(order) }
    case .empty, .other, nil: return try addSums()
    }
  }

  /// What a file is, by its first bytes.
  private enum Kind {
    // What a share leaves that was killed at once is empty.
    case empty, annotations, report, other
  }

  private static func kind(_ path: String) -> Kind {
    guard let beginning = try? MappedFile.prefix(of: path, count: JoinedAnnotations.beginningCount) else {
      return .other
    }
    if beginning.isEmpty { return .empty }
    if JoinedAnnotations.isBeginning(beginning) { return .annotations }
    return beginning.starts(with: "{\"v\":1,\"id\":".utf8) ? .report : .other
  }

  private func addSums() throws -> ExitCode {
    for option in ["output", "manifest"] where arguments.has(option) {
      throw ToolError.usage("--\(option) is for reports and COCO files", hint: "--partial writes sums")
    }
    var result = try EvaluationResult(contentsOf: paths[0])
    for path in paths.dropFirst() { try result.add(EvaluationResult(contentsOf: path), named: path) }
    try outputs.write(result)
    return .success
  }

  private func join(_ body: (ImageOrder) throws(ToolError) -> Void) throws(ToolError) -> ExitCode {
    for option in ["csv", "json", "partial"] where arguments.has(option) {
      throw .usage("--\(option) is for sums of 'eval'", hint: "-o says where reports and COCO files go")
    }
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
        throw .usage("\(path): format \(file.format.rawValue), the first file's is \(files[0].format.rawValue)")
      }
      for (index, name) in file.names.enumerated() {
        if let other = owners.updateValue(path, forKey: name) {
          throw .usage("\(path): image '\(name)' is in \(other) too", hint: "name each file once")
        }
        images.append((name, (files.count - 1, index)))
      }
    }
    let places = try order.sorted(images)
    do throws(FileError) {
      try OutputFile.write(to: target) { sink throws(FileError) in try Self.write(places, of: files, to: &sink) }
    } catch {
      if !(target == "-" && error.isBrokenPipe) { throw ToolError(.cannotWrite, "\(error)") }
    }
    if !arguments.has("quiet") { Console.error("\(places.count) images of \(paths.count) files\n") }
  }

  private static func annotations(_ path: String) throws(ToolError) -> JoinedAnnotations {
    do {
      return try JoinedAnnotations(MappedFile(path: path))
    } catch let error as FileError {
      throw ToolError(.badModel, "\(error)")
    } catch {
      throw ToolError(
        .badModel, "\(path): \(error)", hint: "files of 'diffcut segment --shard' are joined as they were written")
    }
  }

  private static func write(
    _ places: [(file: Int, index: Int)], of files: [JoinedAnnotations], to sink: inout Sink
  ) throws(FileError) {
    do {
      try files[0].format.join(
        count: places.count, part: { files[places[$0].file].part(places[$0].index) },
        append: { try sink.append($0.span) })
    } catch let error as FileError {
      throw error
    } catch {
      throw .system(operation: "join", path: "annotations", code: 0, reason: "\(error)")
    }
  }
}
