// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// Files of attention maps, as commands take them.
struct AttentionSource {
  /// "-" is standard input.
  let paths: [String]
  private let grid: Grid?
  private let tensorName: String?

  /// Takes the operands, `--grid` and `--tensor`.
  init(_ arguments: ParsedArguments) throws(ToolError) {
    paths = arguments.operands
    if paths.count(where: { $0 == "-" }) > 1 { throw .usage("standard input is named twice") }
    grid = try arguments.size("grid").map { Grid(height: $0.height, width: $0.width) }
    tensorName = arguments.string("tensor")
  }

  /// Reads all maps as one image, whose features are the rows of their aggregate.
  ///
  /// - Throws: `ToolError`: exit code 2 when grids do not fit, 3 for everything wrong with a file.
  func read() throws -> EncodedImage {
    var maps: [AttentionMap] = []
    for path in paths {
      do {
        maps += try AttentionMap.maps(contentsOf: path, tensor: tensorName, grid: grid)
      } catch let error as AttentionError {
        throw failure(error, path)
      } catch let error as FileError {
        throw ToolError(.badModel, "\(error)")
      } catch {
        throw ToolError(.badModel, "\(path): \(error)")
      }
    }
    do {
      return try EncodedImage(attention: maps, grid: grid)
    } catch let error as AttentionError {
      throw failure(error, paths.joined(separator: ", "))
    }
  }

  private func failure(_ error: AttentionError, _ path: String) -> ToolError {
    switch error {
    case .gridMismatch, .unequalGrids: .usage("\(path): \(error)")
    case .notSquare(let cells):
      .usage("\(path) has \(cells) cells, which is no square", hint: "give --grid HEIGHTxWIDTH")
    case .pipeWithoutNPY:
      ToolError(.badModel, "\(path): only .npy is read from a pipe", hint: "give a .safetensors file by its name")
    case .badShape:
      ToolError(.badModel, "\(path): \(error)", hint: "'diffcut features --attention FILE' writes such maps")
    case .none, .countMismatch, .tooManyCells, .tooManyValues, .badWeight, .badSum:
      ToolError(.badModel, "\(path): \(error)")
    }
  }
}
