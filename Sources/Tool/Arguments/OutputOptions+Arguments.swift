// SPDX-License-Identifier: Apache-2.0
import Formats
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
  func point(_ name: String) throws(ToolError) -> PixelPosition? {
    try pair(name, "X,Y in pixels, such as 320,200").map { PixelPosition(x: $0, y: $1) }
  }

  /// Two whole numbers from 0.
  ///
  /// - Parameter expected: what they are, in words.
  func pair(_ name: String, _ expected: String) throws(ToolError) -> (Int, Int)? {
    guard let text = string(name) else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let first = parts[0], let second = parts[1], first >= 0, second >= 0 else {
      throw .usage("--\(name) is '\(text)', expected \(expected)")
    }
    return (first, second)
  }

  /// "LOW,HIGH", the first below the second.
  func interval(_ name: String, in range: ClosedRange<Double>) throws(ToolError) -> ClosedRange<Double>? {
    guard let text = string(name) else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard parts.count == 2, let low = parts[0], let high = parts[1], range.contains(low), range.contains(high),
      low < high
    else {
      throw .usage(
        "--\(name) is '\(text)', expected LOW,HIGH within \(range.lowerBound) to \(range.upperBound), such as 0,1")
    }
    return low...high
  }
}
