// SPDX-License-Identifier: Apache-2.0
import Kernels

/// Up to 32 soft masks of an image, and where each of them is not zero.
///
/// The image is divided into tiles as wide as a strip. A mask that is zero on a tile and wherever its neighbors lie stays
/// zero there, and one that is alone there is 1 and stays 1: both are known without a sum, by a bit for each mask and tile.
final class MaskPlanes {
  private let place: PixelNeighborhood
  private let capacity: Int
  /// Whether the masks are all there are and add up to 1.
  private let isComplete: Bool
  private var count = 0
  /// [masks, planes of `place`], now and after the next step.
  private var current: AlignedBuffer<Float>
  private var next: AlignedBuffer<Float>
  /// [strips, tile rows]: the masks that are not zero on a tile, in `current` and in `next`.
  private var present: AlignedBuffer<UInt32>
  private var nextPresent: AlignedBuffer<UInt32>

  /// Rows of a tile, and tiles of a task: enough that weights and masks are read down a strip.
  private static let tileRows = 16
  private static let tilesPerTask = 4
  /// Lanes of the widest vector.
  private static let widestVector = 16

  /// - Parameter capacity: masks that there is memory for, at most 32.
  init(_ place: PixelNeighborhood, capacity: Int, isComplete: Bool) {
    precondition(capacity <= UInt32.bitWidth, "\(capacity) masks in one batch")
    self.place = place
    self.capacity = capacity
    self.isComplete = isComplete
    current = AlignedBuffer(count: capacity * place.planeStride)
    next = AlignedBuffer(count: capacity * place.planeStride)
    let tiles = place.strips * ((place.height + Self.tileRows - 1) / Self.tileRows)
    present = AlignedBuffer(count: tiles)
    nextPresent = AlignedBuffer(count: tiles)
  }

  private var tilesDown: Int { (place.height + Self.tileRows - 1) / Self.tileRows }

  private func rows(ofTile tile: Int) -> Range<Int> {
    tile * Self.tileRows..<min(place.height, (tile + 1) * Self.tileRows)
  }

  /// The first pixel of a mask's row.
  private func row(_ y: Int, of mask: Int, in planes: AlignedBuffer<Float>) -> UnsafeMutablePointer<Float> {
    planes.pointer + mask * place.planeStride + y * place.rowStride + place.leading
  }

  /// The pixels of a strip, without those that fill it up.
  private func columns(of strip: Int) -> Range<Int> {
    strip * affinityBlock..<min(place.width, (strip + 1) * affinityBlock)
  }
}

// MARK: - From labels, and back

extension MaskPlanes {
  /// The masks of some labels, resized so that corner samples coincide.
  ///
  /// - Shapes: `labels` [size].
  func load(_ labels: UnsafePointer<Int32>, size: (height: Int, width: Int), range: Range<Int>) {
    count = range.count
    let columnPositions = (0..<place.width).map { AlignedPosition(of: $0, from: size.width, to: place.width) }
    let (height, strips, tilesDown) = (place.height, place.strips, tilesDown)
    Parallel.forEach(tilesDown) { tile in
      for y in rows(ofTile: tile) {
        for mask in 0..<count {
          (row(y, of: mask, in: current) - place.leading).update(repeating: 0, count: place.rowStride)
          (row(y, of: mask, in: next) - place.leading).update(repeating: 0, count: place.rowStride)
        }
      }
      for strip in 0..<strips { (present.pointer + strip * tilesDown)[tile] = 0 }
      for y in rows(ofTile: tile) {
        let position = AlignedPosition(of: y, from: size.height, to: height)
        let (upper, lower) = (labels + position.first * size.width, labels + position.second * size.width)
        for strip in 0..<strips {
          var found: UInt32 = 0
          func add(_ label: Int32, _ weight: Double, _ x: Int) {
            guard weight > 0, range.contains(Int(label)) else { return }
            let mask = Int(label) - range.lowerBound
            row(y, of: mask, in: current)[x] += Float(weight)
            found |= 1 << UInt32(mask)
          }
          for x in columns(of: strip) {
            let (column, v) = (columnPositions[x], position.weight)
            let u = column.weight
            let (a, b) = (upper[column.first], upper[column.second])
            let (c, d) = (lower[column.first], lower[column.second])
            if a == b && a == c && a == d {
              add(a, 1, x)
            } else {
              add(a, (1 - v) * (1 - u), x)
              add(b, (1 - v) * u, x)
              add(c, v * (1 - u), x)
              add(d, v * u, x)
            }
          }
          (present.pointer + strip * tilesDown)[tile] |= found
        }
        for mask in 0..<count {
          place.extend(row(y, of: mask, in: current), strip: 0)
          place.extend(row(y, of: mask, in: current), strip: strips - 1)
        }
      }
    }
    nextPresent.pointer.update(repeating: 0, count: strips * tilesDown)
  }

  /// - Shapes: `target` [masks, height, width].
  func copy(into target: UnsafeMutablePointer<Float>) {
    for mask in 0..<count {
      for y in 0..<place.height {
        (target + (mask * place.height + y) * place.width).update(
          from: row(y, of: mask, in: current), count: place.width)
      }
    }
  }

  /// Puts the label of each mask in the place of those with smaller values.
  ///
  /// - Shapes: `values` and `labels` [height, width].
  func updateStrongestLabels(
    values: UnsafeMutablePointer<Float>, labels: UnsafeMutablePointer<Int32>, firstLabel: Int32
  ) {
    Parallel.forEach(tilesDown) { tile in
      for strip in 0..<place.strips {
        let columns = columns(of: strip)
        var masks = present.pointer[strip * tilesDown + tile]
        while masks != 0 {
          let mask = masks.trailingZeroBitCount
          masks &= masks - 1
          let label = firstLabel + Int32(mask)
          for y in rows(ofTile: tile) {
            let source = row(y, of: mask, in: current)
            let (best, found) = (values + y * place.width, labels + y * place.width)
            for x in columns {
              let isLarger = source[x] > best[x]
              best[x] = isLarger ? source[x] : best[x]
              found[x] = isLarger ? label : found[x]
            }
          }
        }
      }
    }
  }
}

// MARK: - A step

extension MaskPlanes {
  /// Every mask's average over the neighbors of each pixel.
  func average(by affinity: LocalAffinity, floor: Float, using kernels: KernelTable) {
    let runs = (tilesDown + Self.tilesPerTask - 1) / Self.tilesPerTask
    place.offsets.withUnsafeBufferPointer { offsets in
      guard let offsets = offsets.baseAddress else { return }
      Parallel.forEach(place.strips * runs) { task in
        let (strip, first) = (task / runs, task % runs * Self.tilesPerTask)
        for tile in first..<min(tilesDown, first + Self.tilesPerTask) {
          average(by: affinity, offsets, strip: strip, tile: tile, floor: floor, using: kernels)
        }
      }
    }
    swap(&current, &next)
    swap(&present, &nextPresent)
  }

  private func average(
    by affinity: LocalAffinity, _ offsets: UnsafePointer<Int>, strip: Int, tile: Int, floor: Float,
    using kernels: KernelTable
  ) {
    let masks = activeMasks(strip: strip, tile: tile)
    let index = strip * tilesDown + tile
    // What the step before the last one has left.
    fill(nextPresent.pointer[index] & ~masks, with: 0, strip: strip, tile: tile)
    if isComplete && masks.nonzeroBitCount == 1 {
      fill(masks, with: 1, strip: strip, tile: tile)
      nextPresent.pointer[index] = masks
      return
    }
    let (height, taps) = (place.height, place.taps)
    let column = place.leading + strip * affinityBlock
    let list = (0..<UInt32(count)).filter { masks >> $0 & 1 == 1 }.map { Int($0) }
    let sources = list.map { UnsafePointer(current.pointer + $0 * place.planeStride + column) }
    let targets = list.map { next.pointer + $0 * place.planeStride + column }
    var peaks = [Float](repeating: 0, count: list.count * Self.widestVector)
    for y in rows(ofTile: tile) {
      kernels.set.averageNeighbors(
        weights: affinity.weights.pointer + (strip * height + y) * taps * affinityBlock, offsets: offsets + y * taps,
        taps: taps, sources: sources, targets: targets, masks: list.count, row: y * place.rowStride, floor: floor,
        peaks: &peaks)
      if strip == 0 || strip == place.strips - 1 {
        for mask in list { place.extend(row(y, of: mask, in: next), strip: strip) }
      }
    }
    let lanes = kernels.set.floatLanes
    nextPresent.pointer[index] = list.indices.reduce(0) { found, i in
      peaks[i * lanes..<(i + 1) * lanes].contains { $0 > 0 } ? found | 1 << UInt32(list[i]) : found
    }
  }

  /// The masks that are not zero on a tile or where its pixels' neighbors lie.
  private func activeMasks(strip: Int, tile: Int) -> UInt32 {
    let (rows, radius) = (rows(ofTile: tile), place.radius)
    let firstTile = max(0, rows.lowerBound - radius.rows) / Self.tileRows
    let lastTile = min(place.height - 1, rows.upperBound - 1 + radius.rows) / Self.tileRows
    let columns = columns(of: strip)
    let firstStrip = max(0, columns.lowerBound - radius.columns) / affinityBlock
    let lastStrip = min(place.width - 1, columns.upperBound - 1 + radius.columns) / affinityBlock
    var masks: UInt32 = 0
    for strip in firstStrip...lastStrip {
      for tile in firstTile...lastTile { masks |= present.pointer[strip * tilesDown + tile] }
    }
    return masks
  }

  /// Sets masks on a tile of the next step to a constant.
  private func fill(_ masks: UInt32, with value: Float, strip: Int, tile: Int) {
    let columns = columns(of: strip)
    for mask in 0..<count where masks >> UInt32(mask) & 1 == 1 {
      for y in rows(ofTile: tile) {
        let row = row(y, of: mask, in: next)
        (row + columns.lowerBound).update(repeating: value, count: columns.count)
        place.extend(row, strip: strip)
      }
    }
  }
}

/// Where an output index falls among the samples of one axis when the corner samples coincide.
///
/// s = i·(in − 1)/(out − 1), 0 for a single output; first = ⌊s⌋, second = min(first + 1, in − 1), weight = s − first.
private struct AlignedPosition {
  let first: Int
  let second: Int
  let weight: Double

  init(of index: Int, from inputCount: Int, to outputCount: Int) {
    // In integers: the whole part of a quotient that is rounded may be one too low.
    let (numerator, denominator) = (index * (inputCount - 1), max(1, outputCount - 1))
    first = numerator / denominator
    second = min(first + 1, inputCount - 1)
    weight = Double(numerator % denominator) / Double(denominator)
  }
}
