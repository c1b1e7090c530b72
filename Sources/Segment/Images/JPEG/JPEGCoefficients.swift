// SPDX-License-Identifier: Apache-2.0

/// Where the blocks of a frame lie in memory: rows of MCUs one after the other; in each the components; in each of them
/// its rows of blocks, filled up to whole MCUs.
struct JPEGBlockLayout: Equatable {
  struct Plane: Equatable {
    let horizontal: Int
    let vertical: Int
    /// Blocks in a row, those that fill up the last MCU included.
    let columns: Int
    /// Of the first block within a row of MCUs.
    let firstBlock: Int
  }

  let planes: [Plane]
  /// Of one row of MCUs.
  let blockCount: Int

  init(_ frame: JPEGFrame) {
    var planes: [Plane] = []
    var first = 0
    for component in frame.components {
      let columns = frame.unitColumns * component.horizontal
      planes.append(
        Plane(
          horizontal: component.horizontal, vertical: component.vertical, columns: columns, firstBlock: first))
      first += columns * component.vertical
    }
    self.planes = planes
    blockCount = first
  }

  /// Of the block at `row` and `column` of a component, from the start of the frame.
  @inline(__always)
  func block(component: Int, row: Int, column: Int) -> Int {
    let plane = planes[component]
    let unitRow = row / plane.vertical
    let rowInUnit = row &- unitRow &* plane.vertical
    return unitRow &* blockCount &+ plane.firstBlock &+ rowInUnit &* plane.columns &+ column
  }
}

/// Quantized coefficients of rows of MCUs, 64 a block in natural order.
struct JPEGCoefficients {
  let layout: JPEGBlockLayout
  /// Rows of MCUs held.
  private(set) var rowCount = 0
  var values: ContiguousArray<Int16> = []

  init(_ layout: JPEGBlockLayout) { self.layout = layout }

  /// Appends zeros until `count` rows of MCUs are there, so that memory grows with what has been decoded.
  mutating func grow(toRows count: Int) {
    guard count > rowCount else { return }
    values.append(contentsOf: repeatElement(0, count: 64 * layout.blockCount * (count - rowCount)))
    rowCount = count
  }

  /// Sets all coefficients to 0, for the next row.
  mutating func clear() {
    var span = values.mutableSpan
    for index in span.indices { span[index] = 0 }
  }
}
