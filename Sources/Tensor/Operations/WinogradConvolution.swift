// SPDX-License-Identifier: Apache-2.0
import Kernels

/// 3×3 convolution with stride 1 or 2 by Winograd's minimal filtering, a block of tiles at a time: inputs are transformed, then
/// multiplied by the filters plane by plane, and the products transformed back.
///
/// Where the filters stay in the third-level cache, a thread does all of this for a block whose inputs and products stay
/// in the second. Where they do not, all threads work on one large block, so that filters are read from memory once for
/// hundreds of tiles. Filters are transformed at the start of each convolution, a few hundredths of its time: they take
/// four to seven times the room of the weights.
struct WinogradConvolution {
  let height: Int
  let width: Int
  let padding: Padding
  let weight: ConvolutionWeight
  let kernels: KernelTable
  let tiling: WinogradTiling

  /// Elements of filters that stay in a usual third-level cache: 32 MiB.
  private static let cachedFilters = 1 << 23
  /// Elements of filters that are transformed at a time: 128 MiB.
  private static let filterElements = 1 << 25
  /// Tiles of a thread's block: enough that filters are read from the cache slowly, and few enough that the block's planes
  /// stay in it.
  private static let tilesPerBlock = 42
  /// Elements of the inputs and products of a block that all threads share, 32 MiB, and its least number of tiles.
  private static let sharedElements = 1 << 23
  private static let minimumSharedTiles = 42
  /// Tiles whose inputs or outputs are transformed by a task.
  private static let tilesPerTask = (inputs: 40, outputs: 4)
  /// Added to the distance of planes, so that they do not compete for the same lines of the cache.
  private static let planeSkew = 16

  /// Distance of a plane's rows of inputs: channels filled up to whole panels, which are whole vectors too.
  var rowStride: Int { GEMMBlocking.paddedStride(roundUp(weight.inputs, to: panelWidth)) }
  var panelWidth: Int { kernels.gemmFloat.columns }
  private var panels: Int { (weight.outputs + panelWidth - 1) / panelWidth }
  private var tileHeight: Int { kernels.gemmFloat.rows }

  /// One operand of every product, plane after plane.
  struct Planes {
    let memory: UnsafeMutablePointer<Float>
    /// Distance of planes.
    let stride: Int

    subscript(plane: Int) -> UnsafeMutablePointer<Float> { memory + plane * stride }

    /// The same from an offset in each plane.
    func advanced(by offset: Int) -> Planes { Planes(memory: memory + offset, stride: stride) }
  }

  /// The planes of the filters of some panels, [inputs, panel width] each: those that are read one after the other lie
  /// together.
  struct Filters {
    let memory: UnsafeMutablePointer<Float>
    let planeStride: Int
    let panelStride: Int

    func plane(_ plane: Int, ofPanel panel: Int) -> UnsafeMutablePointer<Float> {
      memory + plane * planeStride + panel * panelStride
    }
  }

  /// Where a convolution reads and writes.
  struct Images {
    /// [height, width, inputs].
    let source: UnsafePointer<Float>
    let activation: Activation?
    /// [outputs].
    let bias: UnsafePointer<Float>?
    /// [rows, columns, outputs]; may be the target.
    let addend: UnsafePointer<Float>?
    let target: UnsafeMutablePointer<Float>
  }

  func run(_ images: Images) {
    guard tileCount > 0, weight.outputs > 0 else { return }
    let filterSize = tiling.planes * weight.inputs * panelWidth
    let most = max(1, Self.filterElements / filterSize)
    let chunks = (panels + most - 1) / most
    let chunk = (panels + chunks - 1) / chunks
    let planeSize = weight.inputs * panelWidth
    let isShared = panels * filterSize > Self.cachedFilters
    // Threads that work together read a plane's panels one after the other, else it is a panel's planes.
    let planeStride = (isShared ? chunk : 1) * planeSize + Self.planeSkew
    withScratch(tiling.planes * (chunk * planeSize + chunk * Self.planeSkew), of: Float.self) { memory in
      let filters = Filters(
        memory: memory, planeStride: planeStride, panelStride: isShared ? planeSize : tiling.planes * planeStride)
      if isShared {
        convolveSharedBlocks(images, chunk, filters)
      } else {
        for first in stride(from: 0, to: panels, by: chunk) {
          let range = first..<min(panels, first + chunk)
          transformFilters(range, into: filters)
          convolveThreadBlocks(images, range, filters)
        }
      }
    }
  }

  /// A block of tiles for every thread. Products are formed and transformed back a panel at a time, before they leave the
  /// second-level cache.
  private func convolveThreadBlocks(_ images: Images, _ range: Range<Int>, _ filters: Filters) {
    let blockTiles = max(tileHeight, Self.tilesPerBlock / tileHeight * tileHeight)
    let blocks = (tileCount + blockTiles - 1) / blockTiles
    let inputStride = blockTiles * rowStride + Self.planeSkew
    let productStride = blockTiles * panelWidth + Self.planeSkew
    // Few blocks do not divide evenly among the threads; their parts do.
    let parts = blocks >= 8 * Parallel.threadCount ? 1 : min(range.count, Parallel.threadCount)
    Parallel.forEach(blocks * parts) { task in
      let tiles = task / parts * blockTiles..<min(tileCount, (task / parts + 1) * blockTiles)
      withScratch(tiling.planes * (inputStride + productStride), of: Float.self) { memory in
        let inputs = Planes(memory: memory, stride: inputStride)
        let products = Planes(memory: memory + tiling.planes * inputStride, stride: productStride)
        for strip in 0..<strips { transformInputs(tiles, strip: strip, images, into: inputs) }
        padWithZeros(inputs, tiles.count)
        for panel in share(range.count, of: parts, index: task % parts) {
          for plane in 0..<tiling.planes {
            multiply(inputs[plane], tiles.count, filters, plane, panel..<panel + 1, of: 1, into: products[plane])
          }
          let first = range.lowerBound + panel
          transformOutputs(tiles, first..<first + 1, of: 1, products, images)
        }
      }
    }
  }

  /// One block of tiles for all threads, which transform its inputs, multiply its planes and transform its products.
  private func convolveSharedBlocks(_ images: Images, _ chunk: Int, _ filters: Filters) {
    let cachedTiles = Self.sharedElements / (tiling.planes * (rowStride + chunk * panelWidth))
    let blockTiles = roundUp(min(tileCount, max(cachedTiles, Self.minimumSharedTiles)), to: tileHeight)
    let inputStride = blockTiles * rowStride + Self.planeSkew
    let productStride = blockTiles * chunk * panelWidth + Self.planeSkew
    withScratch(tiling.planes * (inputStride + productStride), of: Float.self) { memory in
      let inputs = Planes(memory: memory, stride: inputStride)
      let products = Planes(memory: memory + tiling.planes * inputStride, stride: productStride)
      for first in stride(from: 0, to: panels, by: chunk) {
        let range = first..<min(panels, first + chunk)
        transformFilters(range, into: filters)
        for firstTile in stride(from: 0, to: tileCount, by: blockTiles) {
          let tiles = firstTile..<min(tileCount, firstTile + blockTiles)
          // The inputs of an only block serve all chunks.
          if first == 0 || blockTiles < tileCount {
            forEachGroup(of: tiles, Self.tilesPerTask.inputs, parts: strips) { group, strip in
              transformInputs(
                group, strip: strip, images,
                into: inputs.advanced(by: (group.lowerBound - tiles.lowerBound) * rowStride))
            }
            padWithZeros(inputs, tiles.count)
          }
          let parts = min(range.count, (4 * Parallel.threadCount + tiling.planes - 1) / tiling.planes)
          Parallel.forEach(tiling.planes * parts) { task in
            let plane = task / parts
            multiply(
              inputs[plane], tiles.count, filters, plane, share(range.count, of: parts, index: task % parts),
              of: range.count, into: products[plane])
          }
          forEachGroup(of: tiles, Self.tilesPerTask.outputs, parts: 1) { group, _ in
            transformOutputs(
              group, range, of: range.count,
              products.advanced(by: (group.lowerBound - tiles.lowerBound) * range.count * panelWidth), images)
          }
        }
      }
    }
  }

  /// Shares out groups of tiles, each in some parts.
  private func forEachGroup(
    of tiles: Range<Int>, _ size: Int, parts: Int, _ body: (_ group: Range<Int>, _ part: Int) -> Void
  ) {
    let groups = (tiles.count + size - 1) / size
    Parallel.forEach(groups * parts) { task in
      let group = share(tiles.count, of: groups, index: task / parts)
      body(tiles.lowerBound + group.lowerBound..<tiles.lowerBound + group.upperBound, task % parts)
    }
  }

  /// Zeros in the rows of inputs that fill up the last register tile.
  private func padWithZeros(_ inputs: Planes, _ tiles: Int) {
    let missing = roundUp(tiles, to: tileHeight) - tiles
    for plane in 0..<tiling.planes {
      (inputs[plane] + tiles * rowStride).update(repeating: 0, count: missing * rowStride)
    }
  }

  /// Some panels of one plane of products [tiles, `panels` · panel width], from a plane of inputs [tiles, inputs] and
  /// the same of the filters; tiles are whole register tiles, counted from the first panel of the range.
  private func multiply(
    _ left: UnsafePointer<Float>, _ tiles: Int, _ filters: Filters, _ plane: Int, _ range: Range<Int>, of panels: Int,
    into product: UnsafeMutablePointer<Float>
  ) {
    let (width, inputs) = (panelWidth, weight.inputs)
    for panel in range {
      let right = filters.plane(plane, ofPanel: panel)
      let column = panels == 1 ? 0 : panel * width
      for first in stride(from: 0, to: inputs, by: GEMMBlocking.depth) {
        let depth = min(GEMMBlocking.depth, inputs - first)
        for row in stride(from: 0, to: tiles, by: tileHeight) {
          kernels.gemmFloat.tile(
            depth, left + row * rowStride + first, rowStride, right + first * width,
            product + row * panels * width + column, panels * width, first > 0)
        }
      }
    }
  }
}
