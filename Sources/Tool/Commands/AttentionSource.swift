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
    if paths.count(where: { $0 == "-" }) > 1 { throw .usage("standard input is given twice") }
    grid = try arguments.size("grid").map { Grid(height: $0.height, width: $0.width) }
    tensorName = arguments.string("tensor")
  }

  /// Reads all maps as one image, whose features are the rows of their aggregate.
  ///
  /// - Throws: `ToolError`: exit code 2 when grids do not fit, 3 for everything wrong with a file.
  func read() throws(ToolError) -> EncodedImage {
    var maps: [AttentionMap] = []
    for path in paths {
      maps += try ToolError.reading(path) {
        try AttentionMap.maps(contentsOf: path, tensor: tensorName, grid: grid)
      }
    }
    return try ToolError.reading(paths.joined(separator: ", ")) { try EncodedImage(attention: maps, grid: grid) }
  }
}
