// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// A file of features, as commands take it.
struct FeatureSource {
  /// "-" is standard input.
  let path: String
  /// The endings of names of feature files.
  static let endings = [".npy", ".safetensors"]

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

  /// Whether an operand is a file of features, by its name; "-" is one. All other operands are photographs.
  static func isFeatures(_ path: String) -> Bool { path == "-" || endings.contains(where: path.hasSuffix) }

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
    } catch {
      // Only here is it known whether the grid is that of --grid or that of the file.
      var code = ExitCode.badModel
      if grid != nil, case FeatureError.gridMismatch = error { code = .usage }
      throw ToolError(error, reading: path, as: code)
    }
  }
}
