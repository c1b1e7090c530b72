// SPDX-License-Identifier: Apache-2.0
import Tensor

extension Grid {
  /// One number a cell, bilinearly interpolated to one a pixel of a picture that the grid covers.
  ///
  /// - Shapes: `values` [cells], result [height, width].
  func upsampled(_ values: [Double], height: Int, width: Int) -> ContiguousArray<Double> {
    precondition(values.count == count, "\(values.count) values for a grid of \(self)")
    let columns = (0..<width).map { SamplePosition(of: $0, from: self.width, to: width) }
    let rowLength = self.width
    var result = ContiguousArray(repeating: 0.0, count: height * width)
    Parallel.fillChunks(of: &result, chunkSize: max(1, width)) { y, row in
      let position = SamplePosition(of: y, from: self.height, to: height)
      let (first, second) = (position.first * rowLength, position.second * rowLength)
      let blended = (0..<rowLength).map {
        values[first + $0] * (1 - position.weight) + values[second + $0] * position.weight
      }
      for x in 0..<width {
        let column = columns[x]
        row[x] = blended[column.first] * (1 - column.weight) + blended[column.second] * column.weight
      }
    }
    return result
  }

  /// The cell that holds the centre of a pixel of a picture that the grid covers.
  package func cell(row: Int, column: Int, height: Int, width: Int) -> Int {
    SamplePosition.nearest(of: row, from: self.height, to: height) * self.width
      + SamplePosition.nearest(of: column, from: self.width, to: width)
  }
}
