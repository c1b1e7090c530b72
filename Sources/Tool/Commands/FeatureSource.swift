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
  ///
  /// - Parameter path: in place of the first operand.
  init(_ arguments: ParsedArguments, path: String? = nil) throws(ToolError) {
    self.path = path ?? arguments.operands[0]
    gridSize = try arguments.size("grid")
    tensorName = arguments.string("tensor")
  }

  /// The contents of a feature file.
  struct Contents {
    let image: EncodedImage
    /// The settings that the file states.
    let stated: Set<EncodedImage.Setting>
    /// The source of the grid.
    let gridSource: CutSettings.Source
  }

  /// Reads the file.
  ///
  /// - Throws: `ToolError`: exit code 2 when the grid does not fit, 3 for everything wrong with the file.
  func read() throws(ToolError) -> Contents {
    let grid = gridSize.map { Grid(height: $0.height, width: $0.width) }
    do {
      let (image, stated) = try EncodedImage.read(path, tensor: tensorName, grid: grid)
      return Contents(
        image: image, stated: stated,
        gridSource: grid != nil ? .option : stated.contains(.grid) ? .file : .standard)
    } catch let error as FeatureError {
      throw failure(error)
    } catch let error as FileError {
      throw ToolError(.badModel, "\(error)")
    } catch {
      throw ToolError(.badModel, "\(path): \(error)")
    }
  }

  private func failure(_ error: FeatureError) -> ToolError {
    switch error {
    case .gridMismatch where gridSize != nil, .otherGrid: .usage("\(path): \(error)")
    case .notSquare(let nodes):
      .usage("\(path) has \(nodes) nodes, which is no square", hint: "give --grid HEIGHTxWIDTH")
    case .pipeWithoutNPY:
      ToolError(.badModel, "\(path): only .npy is read from a pipe", hint: "give a .safetensors file by its name")
    case .gridMismatch, .empty, .notFinite, .tooManyNodes, .tooManyValues, .badShape, .badGraph, .badCells:
      ToolError(.badModel, "\(path): \(error)")
    }
  }
}
