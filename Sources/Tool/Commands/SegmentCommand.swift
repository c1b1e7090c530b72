// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor

/// `diffcut segment`: photographs in; label maps, overlays and other formats out.
struct SegmentCommand {
  private let arguments: ParsedArguments
  private let directory: String
  private let formats: [OutputFormat]
  private let options: SegmentationOptions
  private let outputOptions: OutputOptions
  private let template: NameTemplate?
  private let shard: Shard
  private let memoryLimit: (bytes: Int, text: String)?
  private let progressMode: Progress.Mode
  private let reporting: BatchReport.Options

  private var writesToStandardOutput: Bool { directory == "-" }

  init(_ arguments: ParsedArguments) throws(ToolError) {
    self.arguments = arguments
    directory = arguments.string("output") ?? "."
    if directory.isEmpty { throw .usage("-o is an empty name", hint: "pass a folder") }
    options = SegmentationOptions(
      clusterer: try ClusteringChoice(arguments).clusterer(arguments),
      upsampling: try arguments.choice("upsample", of: Upsampling.self),
      refinement: try RefinementChoice.refinement(arguments),
      minimumArea: try arguments.minimumArea("min-area"))
    outputOptions = try OutputOptions(arguments)
    formats = try OutputPlan.formats(
      arguments.list("format") ?? (directory == "-" ? ["labels"] : ["labels", "overlay"]))
    if !(options.clusterer is DiffCut), let format = formats.first(where: \.readsTree) {
      throw .usage(
        "format \(format.rawValue): \(OutputError.noTree)",
        hint: "leave out \(format.rawValue), or use --method diffcut")
    }
    template = try arguments.string("name").map { text throws(ToolError) in try NameTemplate(text) }
    shard = try Shard.parse(arguments) ?? .whole
    memoryLimit = try arguments.string("memory").map { text throws(ToolError) in
      guard let bytes = ByteCount.parse(text) else {
        throw .usage("--memory is '\(text)', expected a size, such as 8G")
      }
      return (bytes, text)
    }
    progressMode = try arguments.choice("progress", of: Progress.Mode.self) ?? .automatic
    reporting = BatchReport.Options(
      isJSON: arguments.has("json"), isQuiet: arguments.has("quiet"), isVerbose: arguments.has("verbose"),
      usesStandardError: directory == "-", exitsZero: arguments.has("exit-zero"), path: arguments.string("report"))
    try checkOperands()
  }

  private func checkOperands() throws(ToolError) {
    let manifest = arguments.string("manifest")
    guard !arguments.operands.isEmpty || manifest != nil else {
      throw .usage("segment needs IMAGE, FOLDER or --manifest", hint: "see 'diffcut help segment'")
    }
    if arguments.operands.count(where: { $0 == "-" }) + (manifest == "-" ? 1 : 0) > 1 {
      throw .usage("standard input is given twice")
    }
    if let report = reporting.path, report.isEmpty || report == "-" {
      throw .usage("--report is '\(report)', expected a file", hint: "use --json to print these lines")
    }
    if writesToStandardOutput {
      _ = try StandardOutputRun.check(formats)
      if arguments.operands.count > 1 {
        throw .usage("-o - takes one image; \(arguments.operands.count) were given", hint: "pass a folder with -o")
      }
    }
  }

  func run() throws -> ExitCode {
    let folder = writesToStandardOutput ? nil : ResultFolder(path: directory)
    let list = try InputList(
      operands: arguments.operands, manifest: arguments.string("manifest"),
      isNullSeparated: arguments.has("null"), isRecursive: arguments.has("recursive"), results: folder,
      template: template)
    if !reporting.isQuiet {
      for warning in list.warnings { Console.error("diffcut: warning: \(printable(warning))\n") }
    }
    if reporting.isVerbose && list.ignoredCount + list.ownResultCount > 0 {
      Console.error(
        "diffcut: skipped \(list.ignoredCount) files that are not images and \(list.ownResultCount) earlier results\n")
    }
    guard let folder else {
      var inputs = list.inputs
      if arguments.string("manifest") == "-" {
        inputs += try Manifest.read("-", isNullSeparated: arguments.has("null"))
      }
      return try writeToStandardOutput(inputs)
    }

    let plan = OutputPlan(folder: folder, formats: formats, template: template, shard: shard)
    try plan.check(list.inputs, report: reporting.path)
    var queue = try BatchQueue(
      list.inputs, plan: plan, isStreamed: arguments.string("manifest") == "-",
      isNullSeparated: arguments.has("null"), report: reporting.path)
    guard try queue.waitForFirst() else { return .success }
    let isDry = arguments.has("dry-run")
    let settings = try settings()
    try checkMemory(queue.remaining, settings)
    if !isDry {
      try ToolError.writing {
        try OutputFile.createDirectory(directory)
        var staleFiles = StaleFiles(plan: plan)
        try staleFiles.remove(of: queue.remaining)
      }
    }
    let progress = Progress(total: queue.count, isQuiet: reporting.isQuiet, mode: progressMode)
    defer { progress.clear() }
    var reporting = reporting
    if isDry { reporting.path = nil }
    let report = try BatchReport(
      reporting, settings: settings, folder: folder, imageCount: queue.count, progress: progress)
    let run = BatchRun(
      plan: plan, work: ImageWork(settings, progress: progress), report: report, progress: progress,
      overwrites: arguments.has("overwrite"), stopsAtFailure: arguments.has("fail-fast"), isDry: isDry,
      isInPlace: list.isInPlace,
      checkMemory: { input throws(ToolError) in try checkMemory(CollectionOfOne(input), settings) })
    return try run.run(queue)
  }

  private func settings() throws -> RunSettings {
    let encoder = try EncoderFamilies.source(arguments)
    try encoder.check(options.clusterer.request, for: "--method \(options.clusterer.name)")
    return try RunSettings(encoder: encoder, segmentation: options, output: outputOptions)
  }

  private func checkMemory(_ inputs: some Collection<BatchInput>, _ settings: RunSettings) throws(ToolError) {
    guard let memoryLimit else { return }
    try MemoryEstimate(settings)
      .check(inputs, limit: memoryLimit.bytes, limitText: memoryLimit.text)
  }

  private func writeToStandardOutput(_ inputs: [BatchInput]) throws -> ExitCode {
    guard let input = inputs.first else { return .success }
    guard inputs.count == 1 else {
      throw ToolError.usage("-o - takes one image; \(inputs.count) were given", hint: "pass a folder with -o")
    }
    let format = try StandardOutputRun.check(formats)
    let settings = try settings()
    try checkMemory(inputs, settings)
    let progress = Progress(isQuiet: reporting.isQuiet, mode: progressMode)
    defer { progress.clear() }
    let report = try BatchReport(reporting, settings: settings, folder: nil, imageCount: 1, progress: progress)
    return try StandardOutputRun(
      format: format, work: ImageWork(settings, progress: progress), report: report, progress: progress
    ).run(input)
  }

  /// The file's name without directory and last extension; "stdin" for standard input.
  static func stem(of input: String) -> String { BatchInput(operand: input).stem }
}
