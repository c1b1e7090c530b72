// SPDX-License-Identifier: Apache-2.0
import Segment

extension OutputOptions {
  /// Takes `--point`, `--eigenvectors`, `--tolerance` and `--image-root`, as far as the command has them.
  init(_ arguments: ParsedArguments) throws(ToolError) {
    self.init()
    point = try arguments.point("point")
    eigenvectorCount = try arguments.integer("eigenvectors", in: 1...64) ?? eigenvectorCount
    polygonTolerance = try arguments.double("tolerance", in: 0...1000) ?? polygonTolerance
    labelStudioRoot = arguments.string("image-root") ?? labelStudioRoot
  }
}

extension ParsedArguments {
  /// A pixel "X,Y".
  fileprivate func point(_ name: String) throws(ToolError) -> PixelPosition? {
    guard let text = string(name) else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let x = parts[0], let y = parts[1], x >= 0, y >= 0 else {
      throw .usage("--\(name) is '\(text)', expected X,Y in pixels, such as 320,200")
    }
    return PixelPosition(x: x, y: y)
  }
}
