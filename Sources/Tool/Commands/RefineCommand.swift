// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// `diffcut refine`: a photograph and its label map in, a label map along the photograph's edges out.
struct RefineCommand {
  private let image: String
  private let labels: String
  private let output: String
  private let refinement: Refinement
  private let writesRanks: Bool
  private let isQuiet: Bool
  private let isVerbose: Bool
  private let isJSON: Bool

  init(_ arguments: ParsedArguments) throws(ToolError) {
    image = arguments.operands[0]
    labels = arguments.operands[1]
    if image == "-" && labels == "-" {
      throw .usage("IMAGE and LABELS are both standard input", hint: "pass a file for one of them")
    }
    guard let output = arguments.string("output") else {
      throw .usage("refine needs -o FILE", hint: "use -o labels.npy, -o labels.png, or -o - for .npy on stdout")
    }
    try NamedFiles.check(output, endings: [".npy", ".png"])
    if OutputFile.isSameFile(output, image) {
      throw .usage("the result would overwrite the image '\(image)'", hint: "pass another file with -o")
    }
    if OutputFile.isSameFile(output, labels) {
      throw .usage("the result would overwrite the label map '\(labels)'", hint: "pass another file with -o")
    }
    self.output = output
    refinement = try RefinementOptions.refinement(arguments, prefix: "", median: !arguments.has("no-median"))
    writesRanks = arguments.has("ranks")
    isQuiet = arguments.has("quiet")
    isVerbose = arguments.has("verbose")
    isJSON = arguments.has("json")
  }

  func run() throws -> ExitCode {
    let progress = Progress(isQuiet: isQuiet)
    let observer = progress.observer()
    observer.begin("read")
    let start = Platform.monotonicSeconds
    let photograph = try InputFile.photograph(image)
    let map = try InputFile.labelMap(labels, as: .badModel, ids: LabelMap.anyIDs)
    let values = map.ranked().values
    progress.show(name: image)
    defer { progress.clear() }
    observer.begin("refinement")
    var refined = try ToolError.reading(image, as: .badInput) { try map.refined(on: photograph, by: refinement) }
    if !writesRanks {
      refined = refined.renamed(values)
    }
    observer.begin("write")
    try write(refined)
    progress.clear()
    try report(photograph, refined, before: values.count, Platform.monotonicSeconds - start, observer.finish())
    return .success
  }

  private func write(_ map: LabelMap) throws(ToolError) {
    guard output.hasSuffix(".png") else {
      return try Tool.writeResult([NPY.encode(Array(map.labels), shape: [map.height, map.width])], to: output)
    }
    if let label = map.labels.first(where: { !(0...Int32(UInt16.max)).contains($0) }) {
      throw .usage("label \(label) exceeds the 16 bits of a PNG", hint: "write .npy, or use --ranks")
    }
    try Tool.writeResult([map.encodedPNG()], to: output)
  }

  private func report(
    _ photograph: Image, _ map: LabelMap, before: Int, _ seconds: Double, _ stages: [StageTime]
  ) throws {
    if isQuiet && !isJSON { return }
    let after = map.ranked().values.count
    var text: String
    if isJSON {
      let method = refinement.method
      var json: OrderedJSON = [
        "id": .string(image), "status": "ok", "width": .integer(photograph.width),
        "height": .integer(photograph.height), "iterations": .integer(method.iterations),
        "dilations": .integers(method.dilations), "size": .integer(refinement.side),
        "median": .bool(method.appliesMedian), "labels": .integer(before), "refined": .integer(after),
        "ms": .integer(Int((seconds * 1000).rounded())),
      ]
      if isVerbose { json += ["stages": ProfileReport.json(stages)] }
      if output != "-" { json += ["outputs": ["labels": .string(output)]] }
      text = json.line
    } else {
      text =
        "\(printable(image)): \(photograph.width)x\(photograph.height), \(before) labels, \(after) after refinement, "
        + milliseconds(seconds) + (output == "-" ? "" : " -> \(output)") + "\n"
      if isVerbose { Console.error(ProfileReport.table(stages)) }
    }
    // Standard output is kept free of words where it carries the result.
    if output == "-" { Console.error(text) } else { _ = try Tool.write(text) }
  }
}
