// SPDX-License-Identifier: Apache-2.0
import Tensor

extension Grid {
  /// One number a cell, bilinearly interpolated to one a pixel of a picture that the grid covers.
  ///
  /// - Shapes: `values` [cells], result [height, width].
  package func upsampled(_ values: [Double], height: Int, width: Int) -> ContiguousArray<Double> {
    precondition(values.count == count, "\(values.count) values for a grid of \(self)")
    let sampling = GridSampling(self, height: height, width: width)
    var result = ContiguousArray(repeating: 0.0, count: height * width)
    Parallel.fillChunks(of: &result, chunkSize: max(1, width)) { y, row in
      sampling.fill(&row, at: 0, row: y, with: values.span)
    }
    return result
  }

  /// The cell that holds the center of a pixel of a picture that the grid covers.
  package func cell(row: Int, column: Int, height: Int, width: Int) -> Int {
    SamplePosition.nearest(of: row, from: self.height, to: height) * self.width
      + SamplePosition.nearest(of: column, from: self.width, to: width)
  }
}

/// Where the pixels of a picture lie between the cells of a grid that it covers.
struct GridSampling: Sendable {
  private let rows: [SamplePosition]
  private let columns: [SamplePosition]
  private let rowLength: Int

  init(_ grid: Grid, height: Int, width: Int) {
    rows = (0..<height).map { SamplePosition(of: $0, from: grid.height, to: height) }
    columns = (0..<width).map { SamplePosition(of: $0, from: grid.width, to: width) }
    rowLength = grid.width
  }

  /// Interpolates one number a cell bilinearly to all pixels.
  ///
  /// - Shapes: `pixels` [height, width], `values` [cells].
  func fill(_ pixels: inout MutableSpan<Double>, with values: Span<Double>) {
    for y in rows.indices { fill(&pixels, at: y * columns.count, row: y, with: values) }
  }

  /// The same for one row of pixels, which begins at `start`.
  func fill(_ pixels: inout MutableSpan<Double>, at start: Int, row y: Int, with values: Span<Double>) {
    let row = rows[y]
    let (first, second) = (row.first * rowLength, row.second * rowLength)
    func blended(_ x: Int) -> Double { values[first + x] * (1 - row.weight) + values[second + x] * row.weight }
    for (x, column) in columns.enumerated() {
      pixels[start + x] = blended(column.first) * (1 - column.weight) + blended(column.second) * column.weight
    }
  }
}
