// SPDX-License-Identifier: Apache-2.0

/// Tiles: where they lie in the image, and their transforms.
extension WinogradConvolution {
  /// Channels of the strip that is normalized at a time.
  private static let stripChannels = 128
  /// Rows of tiles that a task goes along, so that its strips share their borders.
  private static let bandRows = 4

  var strips: Int { (weight.inputs + Self.stripChannels - 1) / Self.stripChannels }
  var tileCount: Int { tileRows * tileColumns }
  private var rows: Int { (height + padding.top + padding.bottom - 3) / tiling.stride + 1 }
  private var columns: Int { (width + padding.left + padding.right - 3) / tiling.stride + 1 }
  private var tileRows: Int { (rows + tiling.outputs - 1) / tiling.outputs }
  private var tileColumns: Int { (columns + tiling.outputs - 1) / tiling.outputs }

  /// Tiles are counted down the columns of a band, band after band.
  private func position(of tile: Int) -> (row: Int, column: Int) {
    let band = tile / (Self.bandRows * tileColumns)
    let height = min(Self.bandRows, tileRows - band * Self.bandRows)
    let rest = tile - band * Self.bandRows * tileColumns
    return (band * Self.bandRows + rest % height, rest / height)
  }

  /// U for some panels of outputs.
  func transformFilters(_ range: Range<Int>, into filters: Filters) {
    let (width, depth) = (panelWidth, 9 * weight.inputs)
    Parallel.forEach(range.count) { panel in
      let first = (range.lowerBound + panel) * width
      let count = min(width, weight.outputs - first)
      let size = count * depth + width * depth
      withScratch(size + 3 * tiling.inputs * width, of: Float.self) { rows in
        // [inputs, 3·3, outputs]: the nine taps of an input lie together, outputs in vectors.
        let taps = rows + count * depth
        weight.elements.copy(from: first * depth, count: count * depth, into: rows, using: kernels)
        kernels.gemmFloat.pack(rows, depth, 1, count, depth, width, taps)
        for input in 0..<weight.inputs {
          kernels.set.winogradFilter(
            tiling, taps + input * 9 * width, outputs: width, scratch: rows + size,
            to: filters.plane(0, ofPanel: panel) + input * width, planeStride: filters.planeStride)
        }
      }
    }
  }

  /// V for the channels of a strip: planes of [tiles, inputs].
  func transformInputs(_ tiles: Range<Int>, strip: Int, _ images: Images, into planes: Planes) {
    let channel = strip * Self.stripChannels
    let present = min(Self.stripChannels, weight.inputs - channel)
    let channels = min(Self.stripChannels, roundUp(present, to: panelWidth))
    var first = tiles.lowerBound
    while first < tiles.upperBound {
      // The tiles of one band.
      let band = first / (Self.bandRows * tileColumns)
      let last = min(tiles.upperBound, (band + 1) * Self.bandRows * tileColumns) - 1
      let bandTop = band * Self.bandRows
      let bandHeight = min(Self.bandRows, tileRows - bandTop)
      let (left, right) = (position(of: first).column, position(of: last).column)
      let step = tiling.outputs * tiling.stride
      let stripRows = tiling.covered(bandHeight * tiling.outputs)
      let stripColumns = tiling.covered((right - left + 1) * tiling.outputs)
      let (top, start) = (bandTop * step - padding.top, left * step - padding.left)
      let size = stripRows * stripColumns * channels
      withScratch(size + tiling.planes * panelWidth, of: Float.self) { strip in
        fill(
          strip, rows: top..<top + stripRows, columns: start..<start + stripColumns, images.source + channel,
          channels: present, pixelStride: channels, images.activation, channel)
        for tile in first...last {
          let (row, column) = position(of: tile)
          let origin = (row - bandTop) * step * stripColumns + (column - left) * step
          kernels.set.winogradInput(
            tiling, strip + origin * channels, rowStride: stripColumns * channels, pixelStride: channels,
            channels: channels, scratch: strip + size,
            to: planes.memory + (tile - tiles.lowerBound) * rowStride + channel, planeStride: planes.stride)
        }
      }
      first = last + 1
    }
  }

  /// Copies some channels of a window of the image, activated; pixels outside of the image are zero.
  private func fill(
    _ strip: UnsafeMutablePointer<Float>, rows: Range<Int>, columns: Range<Int>, _ image: UnsafePointer<Float>,
    channels: Int, pixelStride: Int, _ activation: Activation?, _ firstChannel: Int
  ) {
    let inside = columns.clamped(to: 0..<width)
    var target = strip
    for row in rows {
      guard row >= 0 && row < height && !inside.isEmpty else {
        target.update(repeating: 0, count: columns.count * pixelStride)
        target += columns.count * pixelStride
        continue
      }
      let (before, after) = (inside.lowerBound - columns.lowerBound, columns.upperBound - inside.upperBound)
      target.update(repeating: 0, count: before * pixelStride)
      target += before * pixelStride
      kernels.set.activate(
        image + (row * width + inside.lowerBound) * weight.inputs, xStride: weight.inputs, pixels: inside.count,
        channels: channels, factor: activation.map { $0.factor.pointer + firstChannel },
        addend: activation.map { $0.addend.pointer + firstChannel }, appliesSiLU: activation?.appliesSiLU ?? false,
        to: target, yStride: pixelStride)
      target += inside.count * pixelStride
      target.update(repeating: 0, count: after * pixelStride)
      target += after * pixelStride
    }
  }

  /// Y: the outputs of some tiles and panels, from planes of products [tiles, `panels` · panel width].
  func transformOutputs(_ tiles: Range<Int>, _ range: Range<Int>, of panels: Int, _ products: Planes, _ images: Images)
  {
    let first = range.lowerBound * panelWidth
    let channels = min(weight.outputs - first, range.count * panelWidth)
    let bias = images.bias.map { $0 + first }
    // Lines of a tile's columns: (inputs + 1) · outputs vectors.
    withScratch((tiling.inputs + 1) * tiling.outputs * panelWidth, of: Float.self) { scratch in
      for tile in tiles {
        let (tileRow, tileColumn) = position(of: tile)
        let (row, column) = (tileRow * tiling.outputs, tileColumn * tiling.outputs)
        let offset = (row * columns + column) * weight.outputs + first
        kernels.set.winogradOutput(
          tiling, products.memory + (tile - tiles.lowerBound) * panels * panelWidth, planeStride: products.stride,
          channels: channels, scratch: scratch, bias: bias, addend: images.addend.map { $0 + offset },
          to: images.target + offset, rowStride: columns * weight.outputs, pixelStride: weight.outputs,
          rows: min(tiling.outputs, rows - row), columns: min(tiling.outputs, columns - column))
      }
    }
  }
}
