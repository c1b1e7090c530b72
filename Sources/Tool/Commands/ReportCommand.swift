// SPDX-License-Identifier: Apache-2.0
import Formats
import Linalg
import Segment
import Tensor

/// `diffcut report`: photographs in, one HTML page out.
struct ReportCommand {
  private let arguments: ParsedArguments
  private let inputs: [String]
  private let output: String
  private let cut: DiffCut
  private let largestTau: Double?
  private let eigenvectorCount: Int

  init(_ arguments: ParsedArguments) throws(ToolError) {
    self.arguments = arguments
    inputs = arguments.operands
    guard let output = arguments.string("output"), !output.isEmpty else {
      throw .usage("report needs -o FILE", hint: "use -o report.html, or -o - for stdout")
    }
    self.output = output
    for input in inputs where OutputFile.isSameFile(input, output) {
      throw .usage("the report would overwrite the image '\(input)'", hint: "pass another file with -o")
    }
    cut = try DiffCut(arguments)
    largestTau = try arguments.double("max-tau", in: 0...2)
    eigenvectorCount = try arguments.integer("eigenvectors", in: 0...64) ?? 4
    if let tau = cut.tau, let largestTau, tau > largestTau {
      throw .usage("--tau \(tau) is above --max-tau \(largestTau)", hint: "raise --max-tau")
    }
  }

  func run() throws -> ExitCode {
    let progress = Progress(total: inputs.count, isQuiet: arguments.has("quiet"))
    defer { progress.clear() }
    let source = try EncoderFamilies.source(arguments)
    if arguments.has("verbose") { Console.error("  \(CutSettings(cut, encoder: source).text)\n") }
    let encoder = try source.open(showing: progress)
    let steps = encoder.stages.map { Progress.Step($0) }
    var images: [ReportImage] = []
    var failures = InputFailures(total: inputs.count, of: "images")
    var summary = ""
    for (index, input) in inputs.enumerated() {
      progress.show(done: index, name: input, steps: steps)
      do throws(ToolError) {
        let start = Platform.monotonicSeconds
        let image = try reportImage(of: input, encoder, progress)
        images.append(image)
        summary += line(input, image, Platform.monotonicSeconds - start)
      } catch {
        guard error.concernsOneInput else { throw error }
        progress.clear()
        failures.add(error)
      }
    }
    if failures.isTotal { return try failures.finish() }
    let title =
      inputs.count == 1 ? "\(Self.name(of: inputs[0])) – diffcut report" : "diffcut report of \(images.count) images"
    let page = Report.page(images, title: title, generator: "diffcut \(Tool.version)")
    try Tool.writeResult(page, to: output)
    progress.clear()
    if !arguments.has("quiet") {
      let bytes = page.reduce(0) { $0 + $1.count }
      summary += "-> \(printable(output)), \(fixed(Double(bytes) / 1e6, 1)) MB\n"
      if output == "-" { Console.error(summary) } else { _ = try Tool.write(summary) }
    }
    return try failures.finish()
  }

  /// Encodes an image and cuts it up to the largest τ.
  private func reportImage(
    of input: String, _ encoder: any FeatureEncoder, _ progress: Progress
  ) throws(ToolError) -> ReportImage {
    let image = try InputFile.photograph(input)
    let tau = cut.tau ?? min(encoder.defaultTau, largestTau ?? .infinity)
    let largest = largestTau ?? min(2, 2 * tau)
    return try ToolError.reading(input, as: .badInput) {
      let segmenter = Segmenter(encoder: encoder, options: SegmentationOptions(tau: largest, alpha: cut.alpha))
      return try ReportImage(
        name: Self.name(of: input), image: image,
        partition: segmenter.partition(image, observer: progress.observer()), tau: tau, encoder: encoder.name,
        eigenvectorCount: eigenvectorCount)
    }
  }

  /// What the page calls an input.
  private static func name(of input: String) -> String { input == "-" ? "standard input" : input }

  private func line(_ input: String, _ image: ReportImage, _ seconds: Double) -> String {
    let tree = image.tree
    return "\(printable(input)): \(tree.labels(tau: image.tau).count) segments at tau \(image.tau), "
      + "\(tree.acceptedCuts().count) cuts up to tau \(tree.threshold), \(milliseconds(seconds))\n"
  }
}
