// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// A file of features, as commands take it.
struct FeatureSource {
  /// "-" is standard input.
  let path: String
  private let gridSize: (height: Int, width: Int)?
  private let tensorName: String?

  /// Takes the operand, `--grid` and `--tensor`.
  init(_ arguments: ParsedArguments) throws(ToolError) {
    path = arguments.operands[0]
    gridSize = try arguments.size("grid")
    tensorName = arguments.string("tensor")
  }

  /// - Throws: `ToolError`: exit code 2 when the grid does not fit, 3 for everything wrong with the file.
  func read() throws -> FeatureMap {
    let (shape, values) = try readArray()
    guard shape.count == 2 || shape.count == 3, let channels = shape.last, channels > 0 else {
      throw ToolError(
        .badModel, "\(path): shape \(shape), expected [nodes, channels] or [height, width, channels]")
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
        throw ToolError.usage("\(path) has \(nodes) nodes, which is no square", hint: "give --grid HEIGHTxWIDTH")
      }
      grid = Grid(height: side, width: side)
    }
    do throws(FeatureError) {
      return try FeatureMap(grid: grid, channels: channels, values: values)
    } catch {
      if case .gridMismatch = error { throw ToolError.usage("\(path): \(error)") }
      throw ToolError(.badModel, "\(path): \(error)")
    }
  }

  /// The array of a `.npy` or `.safetensors` file, told apart by content.
  private func readArray() throws -> (shape: [Int], values: ContiguousArray<Double>) {
    do {
      // A pipe cannot be mapped, so it holds .npy; a file is told by its first byte.
      let isFile = path != "-" && Directory.hasFile(path)
      let isArray = try !isFile || MappedFile(path: path).withBytes { $0.count == 0 || $0[0] == 0x93 }
      if isArray || path.hasSuffix(".npy") {
        let bytes = try MappedFile.contents(of: path)
        if !isFile && bytes.first != 0x93 {
          throw ToolError(
            .badModel, "\(path): only .npy is read from a pipe", hint: "give a .safetensors file by its name")
        }
        let array = try NPY.parse(bytes)
        return (array.shape, array.doubles())
      }
      let file = try SafetensorsFile(path: path)
      let name = tensorName ?? (file.entries.count == 1 ? file.entries.keys.first : nil) ?? "features"
      let values = try file.doubles(name)
      return (file.entries[name]?.shape ?? [], values)
    } catch let error as ToolError {
      throw error
    } catch let error as FileError {
      throw ToolError(.badModel, "\(error)")
    } catch {
      throw ToolError(.badModel, "\(path): \(error)")
    }
  }
}
