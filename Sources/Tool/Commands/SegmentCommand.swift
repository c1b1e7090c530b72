// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// `diffcut segment`: photographs in, label maps and overlays out.
struct SegmentCommand {
  private let inputs: [String]
  private let directory: String
  private let arguments: ParsedArguments
  private let options: SegmentationOptions
  private let isQuiet: Bool
  private let isVerbose: Bool
  private let isJSON: Bool

  private var writesToStandardOutput: Bool { directory == "-" }

  init(_ arguments: ParsedArguments) throws(ToolError) {
    inputs = arguments.operands
    directory = arguments.string("output") ?? "."
    isQuiet = arguments.has("quiet")
    isVerbose = arguments.has("verbose")
    isJSON = arguments.has("json")
    self.arguments = arguments
    options = SegmentationOptions(
      tau: try arguments.double("tau", in: 0...2), alpha: try arguments.double("alpha", in: 1e-6...1e6),
      upsampling: try arguments.choice("upsample", of: Upsampling.self) ?? .concept,
      refinement: try RefinementChoice.refinement(arguments))
    if directory.isEmpty { throw .usage("-o names no directory") }
    if directory == "-" && inputs.count > 1 {
      throw .usage("-o - takes one image, \(inputs.count) were given")
    }
    try checkNames()
  }

  /// Two inputs that would write the same file are refused before any work.
  private func checkNames() throws(ToolError) {
    // Keys of all inputs first: comparing every output with every input would look at the disk a square of times.
    let images = Dictionary(
      inputs.lazy.filter { $0 != "-" }.map { (OutputFile.key(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
    var owners: [String: String] = [:]
    for input in inputs {
      let name = Self.stem(of: input)
      if let other = owners.updateValue(input, forKey: name) {
        throw .usage("'\(other)' and '\(input)' would both write \(path(name, "labels"))")
      }
      guard !writesToStandardOutput else { continue }
      for output in [path(name, "labels"), path(name, "overlay")] {
        if let victim = images[OutputFile.key(of: output)] {
          throw .usage(
            "the result of '\(input)' would overwrite the image '\(victim)'", hint: "name another folder with -o")
        }
      }
    }
  }

  func run() throws -> ExitCode {
    if !writesToStandardOutput {
      do throws(FileError) {
        try OutputFile.createDirectory(directory)
      } catch {
        throw ToolError(.cannotWrite, "\(error)")
      }
    }
    let progress = Progress(total: inputs.count, isQuiet: isQuiet)
    defer { progress.clear() }
    let segmenter = Segmenter(encoder: try EncoderChoice.encoder(arguments, progress: progress), options: options)
    let steps = segmenter.encoder.stages.map { Progress.Step($0) }
    var failures: [ToolError] = []
    for (index, input) in inputs.enumerated() {
      progress.show(done: index, name: input, steps: steps)
      do {
        let report = try process(input, segmenter, progress)
        progress.clear()
        try print(report)
      } catch let error as ToolError where error.code == .badInput {
        progress.clear()
        failures.append(error)
        if isJSON { try print(json(input, error)) }
        // The only failure is reported by `main`.
        if inputs.count > 1 { Console.error(error.text) }
      }
    }
    guard let first = failures.first else { return .success }
    if inputs.count == 1 { throw first }
    Console.error("diffcut: \(failures.count) of \(inputs.count) images failed\n")
    return failures.count == inputs.count ? .badInput : .someInputsFailed
  }

  /// Standard output is kept free of words where it carries a result.
  private func print(_ report: String) throws {
    if writesToStandardOutput { Console.error(report) } else { _ = try Tool.write(report) }
  }

  /// Segments one image, writes its files and returns what is to be printed.
  private func process(_ input: String, _ segmenter: Segmenter, _ progress: Progress) throws -> String {
    let start = Platform.monotonicSeconds
    let image = try InputImage.read(input)
    let decoded = Platform.monotonicSeconds
    let result: Segmentation
    do {
      result = try segmenter.segment(image, willBegin: progress.begin)
    } catch {
      throw InputImage.failure(error, input) ?? error
    }
    let name = Self.stem(of: input)
    var outputs: [String] = []
    if writesToStandardOutput {
      try Tool.writeResult([result.labelMap.encodedPNG()], to: "-")
    } else {
      let labels = result.labelMap.encodedPNG()
      let overlay = PNGImage(result.labelMap.overlay(on: image)).encoded()
      outputs = [path(name, "labels"), path(name, "overlay")]
      try Tool.writeResult([labels], to: outputs[0])
      try Tool.writeResult([overlay], to: outputs[1])
    }
    let total = Platform.monotonicSeconds - start
    if isJSON { return json(segmenter, input, image, result, total, outputs) }
    if isQuiet { return "" }
    var report =
      "\(printable(input)): \(image.width)x\(image.height), \(result.segmentCount) segments (\(segmenter.encoder.name) encoder), "
      + milliseconds(total) + (outputs.isEmpty ? "" : " -> \(outputs.joined(separator: ", "))") + "\n"
    if isVerbose {
      report += details(segmenter, result, decode: decoded - start, total: total)
      progress.clear()
      Console.error(ProfileReport.table(result.stages))
    }
    return report
  }

  private func details(_ segmenter: Segmenter, _ result: Segmentation, decode: Double, total: Double) -> String {
    let seconds = result.seconds
    let write = total - decode - seconds.encode - seconds.cut - seconds.assign - seconds.refine
    let stages =
      [("decode", decode), ("encode", seconds.encode), ("cut", seconds.cut), ("assign", seconds.assign)]
      + (options.refinement == nil ? [] : [("refine", seconds.refine)]) + [("write", write)]
    return "  tau \(segmenter.tau), alpha \(segmenter.alpha), grid \(result.grid), \(Parallel.threadCount) threads, "
      + "\(InstructionSet.active.rawValue) instructions\n"
      + "  " + stages.map { "\($0.0) \(milliseconds($0.1))" }.joined(separator: ", ") + "\n"
      + TreeReport.text(result.tree)
  }

  private func json(
    _ segmenter: Segmenter, _ input: String, _ image: Image, _ result: Segmentation, _ seconds: Double,
    _ outputs: [String]
  ) -> String {
    var members = [
      "\"id\":\(jsonString(input))", "\"status\":\"ok\"", "\"width\":\(image.width)", "\"height\":\(image.height)",
      "\"encoder\":\(jsonString(segmenter.encoder.name))", "\"tau\":\(segmenter.tau)", "\"alpha\":\(segmenter.alpha)",
      "\"segments\":\(result.segmentCount)", "\"ms\":\(Int((seconds * 1000).rounded()))",
    ]
    if isVerbose { members.append("\"stages\":\(ProfileReport.json(result.stages))") }
    if outputs.count == 2 {
      members.append("\"outputs\":{\"labels\":\(jsonString(outputs[0])),\"overlay\":\(jsonString(outputs[1]))}")
    }
    return "{\(members.joined(separator: ","))}\n"
  }

  private func json(_ input: String, _ error: ToolError) -> String {
    "{\"id\":\(jsonString(input)),\"status\":\"error\",\"code\":\(error.code.rawValue),"
      + "\"message\":\(jsonString(error.message))}\n"
  }

  private func path(_ name: String, _ kind: String) -> String {
    (directory.hasSuffix("/") ? directory : directory + "/") + "\(name).\(kind).png"
  }

  /// The file's name without directory and last extension; "stdin" for standard input.
  static func stem(of input: String) -> String {
    if input == "-" { return "stdin" }
    let name = input.split(separator: "/").last.map(String.init) ?? input
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}
