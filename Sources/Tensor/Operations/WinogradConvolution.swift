// SPDX-License-Identifier: Apache-2.0

/// One size of Winograd tile on one instruction set; see `WinogradTile`.
package struct WinogradKernel: Sendable {
  /// m: outputs of a tile along an axis.
  package let outputs: Int
  /// (d, row stride, pixel stride, channels, scratch, v, plane stride)
  let input:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int
    ) -> Void
  /// (g, outputs, scratch, u, plane stride)
  let filter:
    @Sendable (UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  /// (m, plane stride, channels, scratch, bias, addend, y, row stride, pixel stride, rows, columns)
  let output:
    @Sendable (
      UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<Float>, UnsafePointer<Float>?, UnsafePointer<Float>?,
      UnsafeMutablePointer<Float>, Int, Int, Int, Int
    ) -> Void

  /// n: inputs of a tile along an axis.
  package var inputs: Int { outputs + 2 }
  /// n·n: products, each of a plane of inputs with a plane of filters.
  var planes: Int { inputs * inputs }
}

/// 3×3 convolution with stride 1 by Winograd's minimal filtering, a block of tiles at a time.
///
/// A task transforms its tiles' inputs; then, a panel of outputs after the other, multiplies plane by plane and transforms
/// the products back, so that what lies in between stays in the cache. Filters are transformed at the start of each
/// convolution, a few hundredths of its time: they take four to seven times the room of the weights.
struct WinogradConvolution {
  let height: Int
  let width: Int
  let padding: Padding
  let weight: ConvolutionWeight
  let kernels: KernelTable
  let kernel: WinogradKernel

  /// Channels of the strip that is normalised at a time.
  private static let stripChannels = 128
  /// Tiles of a task: enough that filters are read from the cache slowly, and few enough that the task's planes stay in it.
  private static let tilesPerBlock = 42
  /// Elements of filters that are transformed at a time: 64 MiB.
  private static let filterElements = 1 << 24
  /// Rows of tiles that a task goes along, so that its strips share their borders.
  private static let bandRows = 4
  /// Added to the distance of planes, so that they do not compete for the same lines of the cache.
  private static let planeSkew = 16

  private var rows: Int { height + padding.top + padding.bottom - 2 }
  private var columns: Int { width + padding.left + padding.right - 2 }
  private var tileRows: Int { (rows + kernel.outputs - 1) / kernel.outputs }
  private var tileColumns: Int { (columns + kernel.outputs - 1) / kernel.outputs }
  private var tileCount: Int { tileRows * tileColumns }
  private var inputs: Int { weight.inputs }
  private var outputs: Int { weight.outputs }
  /// Channels filled up to whole panels, which are whole vectors too.
  private var paddedInputs: Int { roundUp(inputs, to: panelWidth) }
  private var panelWidth: Int { kernels.gemmFloat.columns }
  private var panels: Int { (outputs + panelWidth - 1) / panelWidth }

  /// - Shapes: `image` [height, width, inputs], `bias` [outputs], `addend` and `output` [rows, columns, outputs]; `output`
  ///   may be `addend`.
  func run(
    _ image: UnsafePointer<Float>, after activation: Activation?, bias: UnsafePointer<Float>?,
    addend: UnsafePointer<Float>?, into output: UnsafeMutablePointer<Float>
  ) {
    guard tileCount > 0, outputs > 0 else { return }
    let (mr, threads) = (kernels.gemmFloat.rows, Parallel.threadCount)
    let blockTiles = max(mr, Self.tilesPerBlock / mr * mr)
    let blocks = (tileCount + blockTiles - 1) / blockTiles
    let planeStride = inputs * panelWidth + Self.planeSkew
    let most = max(1, Self.filterElements / (kernel.planes * planeStride))
    let chunks = (panels + most - 1) / most
    let chunk = (panels + chunks - 1) / chunks
    withScratch(chunk * kernel.planes * planeStride, of: Float.self) { memory in
      for first in stride(from: 0, to: panels, by: chunk) {
        let filters = Filters(
          memory: memory, panels: first..<min(panels, first + chunk), planeStride: planeStride, planes: kernel.planes)
        transform(filters)
        // Few blocks do not divide evenly among the threads; their parts do.
        let parts = blocks >= 8 * threads ? 1 : min(filters.panels.count, threads)
        Parallel.forEach(blocks * parts) { task in
          let tiles = task / parts * blockTiles..<min(tileCount, (task / parts + 1) * blockTiles)
          let part = share(filters.panels.count, of: parts, index: task % parts)
          convolve(tiles, part, of: filters, image, after: activation, bias: bias, addend: addend, into: output)
        }
      }
    }
  }

  /// U for some panels of outputs: panel after panel, plane after plane, each [inputs, panel width].
  private struct Filters {
    let memory: UnsafeMutablePointer<Float>
    let panels: Range<Int>
    let planeStride: Int
    let planes: Int

    /// The first plane of the `index`-th of the panels.
    func panel(_ index: Int) -> UnsafeMutablePointer<Float> { memory + index * planes * planeStride }
  }

  private func transform(_ filters: Filters) {
    let (width, depth) = (panelWidth, 9 * inputs)
    Parallel.forEach(filters.panels.count) { panel in
      let first = (filters.panels.lowerBound + panel) * width
      let count = min(width, outputs - first)
      let size = count * depth + width * depth
      withScratch(size + 3 * kernel.inputs * width, of: Float.self) { rows in
        // [inputs, 3·3, outputs]: the nine taps of an input lie together, outputs in vectors.
        let taps = rows + count * depth
        weight.elements.copy(from: first * depth, count: count * depth, into: rows, using: kernels)
        kernels.gemmFloat.pack(rows, depth, 1, count, depth, width, taps)
        for input in 0..<inputs {
          kernel.filter(
            taps + input * 9 * width, width, rows + size, filters.panel(panel) + input * width, filters.planeStride)
        }
      }
    }
  }

  /// One block of tiles and a part of the panels.
  ///
  /// Products are formed and transformed back a panel at a time, before they leave the second-level cache.
  private func convolve(
    _ tiles: Range<Int>, _ part: Range<Int>, of filters: Filters, _ image: UnsafePointer<Float>,
    after activation: Activation?, bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?,
    into output: UnsafeMutablePointer<Float>
  ) {
    let count = roundUp(tiles.count, to: kernels.gemmFloat.rows)
    let inputStride = count * paddedInputs + Self.planeSkew
    let productStride = count * panelWidth + Self.planeSkew
    let size = kernel.planes * (inputStride + productStride)
    withScratch(size + kernel.planes * panelWidth * 2, of: Float.self) { planes in
      let (products, scratch) = (planes + kernel.planes * inputStride, planes + size)
      transformInputs(tiles, image, after: activation, into: planes, planeStride: inputStride, scratch: scratch)
      for plane in 0..<kernel.planes {
        (planes + plane * inputStride + tiles.count * paddedInputs).update(
          repeating: 0, count: (count - tiles.count) * paddedInputs)
      }
      for panel in part {
        for plane in 0..<kernel.planes {
          multiply(
            planes + plane * inputStride, rows: count, filters.panel(panel) + plane * filters.planeStride,
            into: products + plane * productStride)
        }
        let firstOutput = (filters.panels.lowerBound + panel) * panelWidth
        for (index, tile) in tiles.enumerated() {
          let (tileRow, tileColumn) = position(of: tile)
          let (row, column) = (tileRow * kernel.outputs, tileColumn * kernel.outputs)
          let offset = (row * columns + column) * outputs + firstOutput
          kernel.output(
            products + index * panelWidth, productStride, min(outputs - firstOutput, panelWidth), scratch,
            bias.map { $0 + firstOutput }, addend.map { $0 + offset }, output + offset, columns * outputs, outputs,
            min(kernel.outputs, rows - row), min(kernel.outputs, columns - column))
        }
      }
    }
  }

  /// One plane of inputs [rows, inputs] times one panel of filters; rows are whole register tiles.
  private func multiply(
    _ left: UnsafePointer<Float>, rows: Int, _ right: UnsafePointer<Float>, into product: UnsafeMutablePointer<Float>
  ) {
    for first in stride(from: 0, to: inputs, by: GEMMBlocking.depth) {
      let depth = min(GEMMBlocking.depth, inputs - first)
      for row in stride(from: 0, to: rows, by: kernels.gemmFloat.rows) {
        kernels.gemmFloat.tile(
          depth, left + row * paddedInputs + first, paddedInputs, right + first * panelWidth,
          product + row * panelWidth, panelWidth, first > 0)
      }
    }
  }

  /// V: planes of [tiles, inputs].
  private func transformInputs(
    _ tiles: Range<Int>, _ image: UnsafePointer<Float>, after activation: Activation?,
    into planes: UnsafeMutablePointer<Float>, planeStride: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    var first = tiles.lowerBound
    while first < tiles.upperBound {
      // The tiles of one band.
      let band = first / (Self.bandRows * tileColumns)
      let last = min(tiles.upperBound, (band + 1) * Self.bandRows * tileColumns) - 1
      let bandTop = band * Self.bandRows
      let bandHeight = min(Self.bandRows, tileRows - bandTop)
      let (left, right) = (position(of: first).column, position(of: last).column)
      let stripRows = bandHeight * kernel.outputs + 2
      let stripColumns = (right - left + 1) * kernel.outputs + 2
      let (top, start) = (bandTop * kernel.outputs - padding.top, left * kernel.outputs - padding.left)
      withScratch(stripRows * stripColumns * Self.stripChannels, of: Float.self) { strip in
        for channel in stride(from: 0, to: inputs, by: Self.stripChannels) {
          let present = min(Self.stripChannels, inputs - channel)
          let channels = min(Self.stripChannels, roundUp(present, to: panelWidth))
          fill(
            strip, rows: top..<top + stripRows, columns: start..<start + stripColumns, image + channel,
            channels: present, pixelStride: channels, activation, channel)
          for tile in first...last {
            let (row, column) = position(of: tile)
            let origin = (row - bandTop) * kernel.outputs * stripColumns + (column - left) * kernel.outputs
            kernel.input(
              strip + origin * channels, stripColumns * channels, channels, channels, scratch,
              planes + (tile - tiles.lowerBound) * paddedInputs + channel, planeStride)
          }
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
        image + (row * width + inside.lowerBound) * inputs, inputs, inside.count, channels,
        activation.map { $0.factor.pointer + firstChannel }, activation.map { $0.addend.pointer + firstChannel },
        activation?.appliesSiLU ?? false, target, pixelStride)
      target += inside.count * pixelStride
      target.update(repeating: 0, count: after * pixelStride)
      target += after * pixelStride
    }
  }

  /// Tiles are counted down the columns of a band, band after band.
  private func position(of tile: Int) -> (row: Int, column: Int) {
    let band = tile / (Self.bandRows * tileColumns)
    let height = min(Self.bandRows, tileRows - band * Self.bandRows)
    let rest = tile - band * Self.bandRows * tileColumns
    return (band * Self.bandRows + rest % height, rest / height)
  }
}
