// SPDX-License-Identifier: Apache-2.0
import Linalg
import Segment
import Tensor

/// `diffcut cut`: features or attention maps in, label map out.
struct CutCommand {
  private enum Source {
    case features(FeatureSource)
    case attention(AttentionSource)
  }

  private let source: Source
  private let output: String
  private let nodesOutput: String?
  private let clusterer: any Clusterer
  private let maskSize: (height: Int, width: Int)
  private let upsampling: Upsampling?
  private let isQuiet: Bool
  private let isVerbose: Bool

  init(_ arguments: ParsedArguments) throws(ToolError) {
    clusterer = try ClusteringChoice(arguments).clusterer(arguments)
    if clusterer.request.attention {
      source = .attention(try AttentionSource(arguments))
    } else {
      guard arguments.operands.count == 1 else {
        throw .usage(
          "cut takes one file of features; \(arguments.operands.count) were given",
          hint: "--method diffseg takes several attention maps")
      }
      source = .features(try FeatureSource(arguments))
    }
    guard let output = arguments.string("output") else {
      throw .usage("cut needs -o FILE", hint: "use -o labels.npy, -o labels.png, or -o - for .npy on stdout")
    }
    try NamedFiles.check(output, endings: [".npy", ".png"])
    self.output = output
    nodesOutput = arguments.string("nodes")
    if let nodesOutput {
      guard nodesOutput == "-" || nodesOutput.hasSuffix(".npy") else {
        throw .usage("--nodes is '\(nodesOutput)', expected a .npy file")
      }
      if nodesOutput == output || OutputFile.isSameFile(nodesOutput, output) {
        throw .usage("-o and --nodes both name '\(output)'", hint: "pass two different files")
      }
    }
    maskSize = try arguments.size("mask-size") ?? (128, 128)
    guard maskSize.height * maskSize.width <= DecodingLimits().maximumPixelCount else {
      throw .usage(
        "--mask-size has \(maskSize.height * maskSize.width) pixels; the limit is \(DecodingLimits().maximumPixelCount)",
        hint: "use a smaller --mask-size")
    }
    upsampling = try arguments.choice("upsample", of: Upsampling.self)
    isQuiet = arguments.has("quiet")
    isVerbose = arguments.has("verbose")
  }

  func run() throws -> ExitCode {
    let (image, name, settings) = try read()
    let start = Platform.monotonicSeconds
    let partition = try ToolError.reading(name) { try clusterer.partition(image) }
    let (map, nodeLabels) = partition.pixelsAndNodes(
      height: maskSize.height, width: maskSize.width, upsampling: upsampling)
    let seconds = Platform.monotonicSeconds - start
    // Both files are ready before the first is written.
    let picture = output.hasSuffix(".png") ? map.rankedByArea().encodedPNG() : nil
    let labels = NPY.encode(Array(map.labels), shape: [map.height, map.width])
    if let nodesOutput {
      let nodes = NPY.encode(nodeLabels.map { Int32($0) }, shape: [nodeLabels.count])
      try Tool.writeResult([nodes], to: nodesOutput)
    }
    try Tool.writeResult([picture ?? labels], to: output)
    if isVerbose {
      Console.error("  \(settings)\n")
      if let tree = partition.tree { Console.error(TreeReport.text(tree)) }
    }
    if !isQuiet {
      let count = clusterer.request.attention ? Set(map.labels).count : partition.classCount
      let summary = "\(printable(name)): \(partition.grid) nodes, \(count) segments, \(milliseconds(seconds))\n"
      if output == "-" || nodesOutput == "-" { Console.error(summary) } else { _ = try Tool.write(summary) }
    }
    return .success
  }

  /// Returns the features, their name, and the settings of the cut in words.
  private func read() throws -> (EncodedImage, name: String, settings: String) {
    switch source {
    case .features(let source):
      let file = try source.read()
      let cut = (clusterer as? DiffCut).map { CutSettings($0, file: file).text } ?? "\(clusterer)"
      return (file.image, source.path, "\(cut), grid \(file.image.nodes.grid) (\(file.gridSource.rawValue))")
    case .attention(let source):
      let image = try source.read()
      let others = source.paths.count - 1
      let name = source.paths[0] + (others > 0 ? " and \(others) more" : "")
      return (image, name, "\(clusterer), grid \(image.nodes.grid)")
    }
  }
}
