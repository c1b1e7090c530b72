// SPDX-License-Identifier: Apache-2.0
import Segment

/// The part of a photograph that is scored, and the way from there to the grid of scores.
///
/// Reference behavior: the side is min(height, width) − 1 and never the whole, the offsets are Python's
/// round((extent − side) / 2), which takes halves to the even neighbor.
public struct EvaluationSquare: Equatable, Sendable {
  public let side: Int
  public let top: Int
  public let left: Int

  /// Side of the grid on which labels and segments are compared.
  public static let gridSide = 128

  /// - Throws: `EvaluationError.tooSmall` for an extent below 2 pixels.
  public init(height: Int, width: Int) throws(EvaluationError) {
    guard height >= 2, width >= 2 else { throw .tooSmall(width: width, height: height) }
    side = min(height, width) - 1
    top = Self.roundedHalf(height - side)
    left = Self.roundedHalf(width - side)
  }

  /// Rows, or columns, of the square that the grid's cells take their labels from.
  fileprivate func sources(size: Int, gridSide: Int) -> [Int] {
    (0..<gridSide).map { cell in
      SamplePosition.nearest(of: min(cell * size / gridSide, size - 1), from: side, to: size)
    }
  }

  /// n/2, halves to even.
  private static func roundedHalf(_ n: Int) -> Int { n % 4 == 3 ? n / 2 + 1 : n / 2 }
}

extension LabelMap {
  /// Stored labels as they are compared: the square, its pixels under the centers of `size` × `size`, and of those the one
  /// at the upper left of each cell of the grid.
  ///
  /// Reference behavior: the second step is torch's plain `nearest`, which is half a cell off.
  ///
  /// - Parameters:
  ///   - size: side at which photographs are encoded.
  ///   - gridSide: side of the square that labels are compared on.
  /// - Throws: `EvaluationError.tooSmall`.
  public func sampledForEvaluation(
    size: Int, gridSide: Int = EvaluationSquare.gridSide
  ) throws(EvaluationError) -> LabelMap {
    precondition(size > 0 && gridSide > 0, "labels at \(size) pixels for \(gridSide) cells")
    let square = try EvaluationSquare(height: height, width: width)
    let source = square.sources(size: size, gridSide: gridSide)
    var result = ContiguousArray<Int32>()
    result.reserveCapacity(gridSide * gridSide)
    for y in source {
      let row = (square.top + y) * width + square.left
      for x in source { result.append(labels[row + x]) }
    }
    return LabelMap(height: gridSide, width: gridSide, labels: result)
  }

  /// The labels inside a square.
  public func cropped(to square: EvaluationSquare) -> LabelMap {
    var result = ContiguousArray<Int32>()
    result.reserveCapacity(square.side * square.side)
    for y in square.top..<square.top + square.side {
      result += labels[y * width + square.left..<y * width + square.left + square.side]
    }
    return LabelMap(height: square.side, width: square.side, labels: result)
  }
}

extension LabelMapping {
  /// Classes of stored labels on the grid of scores: only values that the grid takes are looked at.
  ///
  /// - Parameters:
  ///   - stored: an image's labels.
  ///   - size: side at which photographs are encoded.
  /// - Throws: `EvaluationError.tooSmall`; `unknownLabel` naming the value's place in `stored`.
  public func sampledForEvaluation(_ stored: LabelMap, size: Int) throws(EvaluationError) -> LabelMap {
    let square = try EvaluationSquare(height: stored.height, width: stored.width)
    do {
      return try self(stored.sampledForEvaluation(size: size))
    } catch .unknownLabel(let value, let row, let column, let expected) {
      let source = square.sources(size: size, gridSide: EvaluationSquare.gridSide)
      throw .unknownLabel(
        value, row: square.top + source[row], column: square.left + source[column], expected: expected)
    }
  }
}

extension Image {
  /// The pixels inside a square.
  public func cropped(to square: EvaluationSquare) -> Image {
    var result = ContiguousArray<UInt8>()
    result.reserveCapacity(3 * square.side * square.side)
    for y in square.top..<square.top + square.side {
      let start = 3 * (y * width + square.left)
      result += pixels[start..<start + 3 * square.side]
    }
    return Image(width: square.side, height: square.side, pixels: result)
  }

  /// The square as refinement sees it: resized linearly to `size` × `size`, then to the grid.
  ///
  /// - Shapes: result [gridSide, gridSide, 3], levels 0 … 255.
  package func levelsForEvaluation(_ square: EvaluationSquare, size: Int) -> Tensor {
    let grid = EvaluationSquare.gridSide
    return cropped(to: square).levels.resized(height: size, width: size).resized(height: grid, width: grid)
  }
}
