// SPDX-License-Identifier: Apache-2.0
import Kernels

/// How alike every pixel and its neighbors at some dilations are: for each pixel, weights that add up to 1.
///
/// Source: Araslanov & Roth, "Single-Stage Semantic Segmentation from Image Labels", CVPR 2020, the kernel of PAMR, with
/// the standard deviation over the neighbors at all dilations.
package struct LocalAffinity: Sendable {
  let neighborhood: PixelNeighborhood
  /// [strips, height, panels, taps, `affinityPanel`]: in the order in which they are read, down a strip.
  let weights: AlignedBuffer<Float>

  /// Added to a standard deviation, in levels of 255.
  private static let epsilon: Float = 255e-8
  private static let rowsPerTask = 8

  /// - Shapes: `levels` [height, width, 3].
  /// - Parameter levels: 0 … 255. Sums over whole levels are exact, and only ratios of differences count but for ε.
  /// - Precondition: the image has pixels; there are dilations, each at least 1.
  package init(_ levels: Tensor, dilations: [Int], using kernels: KernelTable = .current) {
    precondition(levels.shape.rank == 3 && levels.shape[2] == 3, "affinity of \(levels.shape)")
    let place = PixelNeighborhood(height: levels.shape[0], width: levels.shape[1], dilations: dilations)
    let (height, width, taps, strips) = (place.height, place.width, place.taps, place.strips)
    let weights = AlignedBuffer<Float>(count: strips * height * taps * affinityBlock)
    let (source, target) = (levels.pointer, weights.pointer)
    withScratch(3 * place.planeStride, of: Float.self) { planes in
      Parallel.forEach(height) { y in
        for channel in 0..<3 {
          let row = planes + channel * place.planeStride + y * place.rowStride + place.leading
          for x in 0..<width { row[x] = source[(y * width + x) * 3 + channel] }
          place.extend(row, strip: 0)
          place.extend(row, strip: strips - 1)
        }
      }
      let tasks = (height + Self.rowsPerTask - 1) / Self.rowsPerTask
      place.offsets.withUnsafeBufferPointer { offsets in
        guard let offsets = offsets.baseAddress else { return }
        Parallel.forEach(strips * tasks) { task in
          let (strip, first) = (task / tasks, task % tasks * Self.rowsPerTask)
          for y in first..<min(height, first + Self.rowsPerTask) {
            kernels.set.localAffinity(
              planes + place.leading + strip * affinityBlock, planeStride: place.planeStride, row: y * place.rowStride,
              offsets: offsets + y * taps, taps: taps, epsilon: Self.epsilon,
              to: target + (strip * height + y) * taps * affinityBlock)
          }
        }
      }
    }
    neighborhood = place
    self.weights = weights
  }

  /// The weights of all neighbors, dilation after dilation, each row by row: [8 · dilations, height, width].
  package var planes: Tensor {
    let place = neighborhood
    let (height, width, taps) = (place.height, place.width, place.taps)
    var result = Tensor(uninitialized: [taps, height, width])
    let target = result.mutablePointer
    for tap in 0..<taps {
      for y in 0..<height {
        for x in 0..<width {
          let (strip, column) = (x / affinityBlock, x % affinityBlock)
          let (panel, lane) = (column / affinityPanel, column % affinityPanel)
          let block = weights.pointer + (strip * height + y) * taps * affinityBlock
          target[(tap * height + y) * width + x] = block[(panel * taps + tap) * affinityPanel + lane]
        }
      }
    }
    return result
  }
}

extension LocalAffinity {
  /// Masks that are averaged together: bits of a word, and what bounds the memory for many masks.
  private static let batch = 32
  /// What leaving out small averages may change of a mask in all: a tenth of what an order of summation may.
  private static let negligibleWeight: Float = 2e-6

  /// The masks of a label map, averaged over neighbors again and again.
  ///
  /// mask_k ← Σ_j weight_j · mask_k(neighbor j), all pixels at once; at first the map's one-hot masks, resized linearly so
  /// that the corner samples coincide (torch `bilinear`, `align_corners=True`).
  ///
  /// - Shapes: `ranks` [size], values 0 ..< count; result [count, height, width].
  /// - Numerics: averages below 2e-6 / iterations become 0, so that masks are not computed where they are not.
  package func averagedMasks(
    of ranks: Span<Int32>, size: (height: Int, width: Int), count: Int, iterations: Int,
    using kernels: KernelTable = .current
  ) -> Tensor {
    let (height, width) = (neighborhood.height, neighborhood.width)
    var result = Tensor(zeros: [count, height, width])
    let target = result.mutablePointer
    forEachBatch(of: ranks, size: size, count: count, iterations: iterations, using: kernels) { first, masks in
      masks.copy(into: target + first * height * width)
    }
    return result
  }

  /// The label whose averaged mask is the largest at each pixel, the lowest of equal ones; see `averagedMasks`.
  ///
  /// - Shapes: result [height, width].
  package func strongestLabels(
    of ranks: Span<Int32>, size: (height: Int, width: Int), count: Int, iterations: Int,
    using kernels: KernelTable = .current
  ) -> ContiguousArray<Int32> {
    let pixels = neighborhood.height * neighborhood.width
    var labels = ContiguousArray<Int32>(repeating: 0, count: pixels)
    labels.withUnsafeMutableBufferPointer { labels in
      guard let labels = labels.baseAddress else { return }
      withScratch(pixels, of: Float.self) { best in
        best.update(repeating: -1, count: pixels)
        forEachBatch(of: ranks, size: size, count: count, iterations: iterations, using: kernels) { first, masks in
          masks.updateStrongestLabels(values: best, labels: labels, firstLabel: Int32(first))
        }
      }
    }
    return labels
  }

  private func forEachBatch(
    of ranks: Span<Int32>, size: (height: Int, width: Int), count: Int, iterations: Int, using kernels: KernelTable,
    _ body: (_ first: Int, _ masks: MaskPlanes) -> Void
  ) {
    precondition(ranks.count == size.height * size.width, "\(ranks.count) labels for \(size.height)×\(size.width)")
    precondition(size.height > 0 && size.width > 0 && iterations >= 0)
    let floor = Self.negligibleWeight / Float(max(1, iterations))
    let masks = MaskPlanes(neighborhood, capacity: min(count, Self.batch), isComplete: count <= Self.batch)
    ranks.withUnsafeBufferPointer { ranks in
      guard let labels = ranks.baseAddress else { return }
      for first in stride(from: 0, to: count, by: Self.batch) {
        masks.load(labels, size: size, range: first..<min(count, first + Self.batch))
        for _ in 0..<iterations { masks.average(by: self, floor: floor, using: kernels) }
        body(first, masks)
      }
    }
  }
}
