// SPDX-License-Identifier: Apache-2.0

/// Tiles: where they lie in the image, and their transforms.
extension WinogradConvolution {
  /// Channels of the strip that is normalised at a time.
  private static let stripChannels = 128
  /// Rows of tiles that a task goes along, so that its strips share their borders.
  private static let bandRows = 4

  var strips: Int { (weight.inputs + Self.stripChannels - 1) / Self.stripChannels }
  var tileCount: Int { tileRows * tileColumns }
  private var rows: Int { (height + padding.top + padding.bottom - 3) / kernel.stride + 1 }
  private var columns: Int { (width + padding.left + padding.right - 3) / kernel.stride + 1 }
  private var tileRows: Int { (rows + kernel.outputs - 1) / kernel.outputs }
  private var tileColumns: Int { (columns + kernel.outputs - 1) / kernel.outputs }

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
      withScratch(size + 3 * kernel.inputs * width, of: Float.self) { rows in
        // [inputs, 3·3, outputs]: the nine taps of an input lie together, outputs in vectors.
        let taps = rows + count * depth
        weight.elements.copy(from: first * depth, count: count * depth, into: rows, using: kernels)
        kernels.gemmFloat.pack(rows, depth, 1, count, depth, width, taps)
        for input in 0..<weight.inputs {
          kernel.filter(
            taps + input * 9 * width, width, rows + size, filters.plane(0, ofPanel: panel) + input * width,
            filters.planeStride)
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
      let step = kernel.outputs * kernel.stride
      let stripRows = kernel.covered(bandHeight * kernel.outputs)
      let stripColumns = kernel.covered((right - left + 1) * kernel.outputs)
      let (top, start) = (bandTop * step - padding.top, left * step - padding.left)
      let size = stripRows * stripColumns * channels
      withScratch(size + kernel.planes * panelWidth, of: Float.self) { strip in
        fill(
          strip, rows: top..<top + stripRows, columns: start..<start + stripColumns, images.source + channel,
          channels: present, pixelStride: channels, images.activation, channel)
        for tile in first...last {
          let (row, column) = position(of: tile)
          let origin = (row - bandTop) * step * stripColumns + (column - left) * step
          kernel.input(
            strip + origin * channels, stripColumns * channels, channels, channels, strip + size,
            planes.memory + (tile - tiles.lowerBound) * rowStride + channel, planes.stride)
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
      kernels.activate(
        image + (row * width + inside.lowerBound) * weight.inputs, weight.inputs, inside.count, channels,
        activation.map { $0.factor.pointer + firstChannel }, activation.map { $0.addend.pointer + firstChannel },
        activation?.appliesSiLU ?? false, target, pixelStride)
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
    withScratch((kernel.inputs + 1) * kernel.outputs * panelWidth, of: Float.self) { scratch in
      for tile in tiles {
        let (tileRow, tileColumn) = position(of: tile)
        let (row, column) = (tileRow * kernel.outputs, tileColumn * kernel.outputs)
        let offset = (row * columns + column) * weight.outputs + first
        kernel.output(
          products.memory + (tile - tiles.lowerBound) * panels * panelWidth, products.stride, channels, scratch, bias,
          images.addend.map { $0 + offset }, images.target + offset, columns * weight.outputs, weight.outputs,
          min(kernel.outputs, rows - row), min(kernel.outputs, columns - column))
      }
    }
  }
}
