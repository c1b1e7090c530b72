// SPDX-License-Identifier: Apache-2.0
import Linalg
import Segment
import Tensor

/// `diffcut cut`: features in, label map out.
struct CutCommand {
  private let input: String
  private let output: String
  private let nodesOutput: String?
  private let tau: Double
  private let alpha: Double
  private let gridSize: (height: Int, width: Int)?
  private let maskSize: (height: Int, width: Int)
  private let upsampling: Upsampling
  private let tensorName: String?
  private let isQuiet: Bool
  private let isVerbose: Bool

  init(_ arguments: ParsedArguments) throws(ToolError) {
    input = arguments.operands[0]
    guard let output = arguments.string("output") else {
      throw .usage("cut needs -o FILE", hint: "-o labels.npy, -o labels.png, or -o - for .npy on stdout")
    }
    guard output == "-" || output.hasSuffix(".npy") || output.hasSuffix(".png") else {
      throw .usage("cannot tell the format of '\(output)'", hint: "name it .npy or .png")
    }
    self.output = output
    nodesOutput = arguments.string("nodes")
    if let nodesOutput, nodesOutput == output {
      throw .usage("-o and --nodes both name '\(output)'")
    }
    tau = try arguments.double("tau", in: 0...2) ?? 0.5
    alpha = try arguments.double("alpha", in: 1e-6...1e6) ?? 10
    gridSize = try arguments.size("grid")
    maskSize = try arguments.size("mask-size") ?? (128, 128)
    upsampling = try arguments.choice("upsample", of: Upsampling.self) ?? .concept
    tensorName = arguments.string("tensor")
    isQuiet = arguments.has("quiet")
    isVerbose = arguments.has("verbose")
  }

  func run() throws -> ExitCode {
    let features = try readFeatures()
    let start = Platform.monotonicSeconds
    let partition: NodePartition
    do {
      partition = try features.partition(tau: tau, alpha: alpha)
    } catch let error as EigensolverError {
      throw ToolError(.badModel, "\(input): \(error)")
    }
    let map = partition.labelMap(height: maskSize.height, width: maskSize.width, upsampling: upsampling)
    let seconds = Platform.monotonicSeconds - start
    // Both files are ready before the first is written.
    let picture = output.hasSuffix(".png") ? map.rankedByArea().encodedPNG() : nil
    let labels = NPY.encode(Array(map.labels), shape: [map.height, map.width])
    if let nodesOutput {
      let nodes = NPY.encode(partition.labels.map { Int32($0) }, shape: [partition.labels.count])
      try Tool.writeResult([nodes], to: nodesOutput)
    }
    try Tool.writeResult([picture ?? labels], to: output)
    if isVerbose { Console.error(TreeReport.text(partition.tree)) }
    if !isQuiet {
      let summary = "\(input): \(features.grid) nodes, \(partition.classCount) segments, \(milliseconds(seconds))\n"
      if output == "-" || nodesOutput == "-" { Console.error(summary) } else { _ = try Tool.write(summary) }
    }
    return .success
  }

  private func readFeatures() throws -> FeatureMap {
    let (shape, values) = try readArray()
    guard shape.count == 2 || shape.count == 3, let channels = shape.last, channels > 0 else {
      throw ToolError(
        .badModel, "\(input): shape \(shape), expected [nodes, channels] or [height, width, channels]")
    }
    let nodes = shape.dropLast().reduce(1, *)
    let grid: Grid
    if let size = gridSize {
      grid = Grid(height: size.height, width: size.width)
    } else if shape.count == 3 {
      grid = Grid(height: shape[0], width: shape[1])
    } else {
      let side = Int(Double(nodes).squareRoot().rounded())
      guard side * side == nodes else {
        throw ToolError.usage("\(input) has \(nodes) nodes, which is no square", hint: "give --grid HEIGHTxWIDTH")
      }
      grid = Grid(height: side, width: side)
    }
    do throws(FeatureError) {
      return try FeatureMap(grid: grid, channels: channels, values: values)
    } catch {
      if case .gridMismatch = error { throw ToolError.usage("\(input): \(error)") }
      throw ToolError(.badModel, "\(input): \(error)")
    }
  }

  /// The array of a `.npy` or `.safetensors` file, told apart by content.
  private func readArray() throws -> (shape: [Int], values: ContiguousArray<Double>) {
    do {
      let bytes = try MappedFile.contents(of: input)
      if bytes.first == 0x93 || input == "-" || input.hasSuffix(".npy") {
        let array = try NPY.parse(bytes)
        return (array.shape, array.doubles())
      }
      let file = try SafetensorsFile(path: input)
      let name = tensorName ?? (file.entries.count == 1 ? file.entries.keys.first : nil) ?? "features"
      let values = try file.doubles(name)
      return (file.entries[name]?.shape ?? [], values)
    } catch let error as FileError {
      throw ToolError(.badModel, "\(error)")
    } catch {
      throw ToolError(.badModel, "\(input): \(error)")
    }
  }
}
