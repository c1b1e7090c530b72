// SPDX-License-Identifier: Apache-2.0
import Tensor

/// How the classes of the graph's nodes reach the pixels.
public enum Upsampling: String, CaseIterable, Sendable {
  /// The class whose mean feature is most similar to the pixel's upsampled feature (DiffCut §3.4).
  case concept
  /// The class of the node whose cell holds the pixel's center.
  case nearest
  /// The class of the node whose cell holds the pixel's upper left corner: MaskCut's own (plain nearest). Where the grid
  /// divides the picture evenly it is `nearest`.
  case corner
  /// The class whose strength, interpolated bilinearly between nodes, is largest: DiffSeg's own, with its proposals. The
  /// other methods' classes have strength 1 at their nodes and 0 elsewhere.
  case bilinear
}

package enum ConceptAssignment {
  /// The class of every pixel.
  ///
  /// pixel → argmax_k ⟨upsampled unit feature, mean unit feature of class k⟩; the lowest k of equal ones. Bilinear
  /// upsampling commutes with the inner product, so the K similarities of every cell are upsampled and not its features.
  ///
  /// - Shapes: `unit` [grid cells, channels], `concepts` [K, channels], result [height, width].
  package static func labelMap(
    unit: ContiguousArray<Double>, grid: Grid, concepts: ContiguousArray<Double>, channels: Int, height: Int,
    width: Int, using kernels: KernelTable = .current
  ) -> LabelMap {
    let classCount = concepts.count / channels
    if classCount == 1 {
      return LabelMap(height: height, width: width, labels: ContiguousArray(repeating: 0, count: height * width))
    }
    var similarities = ContiguousArray(repeating: 0.0, count: grid.count * classCount)
    var output = similarities.mutableSpan
    innerProducts(unit.span, concepts.span, length: channels, into: &output, using: kernels)

    return strongest(of: similarities, grid: grid, height: height, width: width)
  }

  /// The class with the largest number at every pixel, numbers of cells being interpolated bilinearly; the lowest of equal
  /// ones.
  ///
  /// - Shapes: `strengths` [grid cells, K], K ≥ 1, result [height, width].
  package static func strongest(
    of strengths: ContiguousArray<Double>, grid: Grid, height: Int, width: Int
  ) -> LabelMap {
    let classCount = strengths.count / grid.count
    let columns = (0..<width).map { SamplePosition(of: $0, from: grid.width, to: width) }
    let rowLength = grid.width * classCount
    var result = ContiguousArray<Int32>(repeating: 0, count: height * width)
    Parallel.fillChunks(of: &result, chunkSize: max(1, width)) { y, row in
      let position = SamplePosition(of: y, from: grid.height, to: height)
      let (first, second) = (position.first * rowLength, position.second * rowLength)
      let blended = ContiguousArray(
        (0..<rowLength).map {
          strengths[first + $0] * (1 - position.weight) + strengths[second + $0] * position.weight
        })
      let values = blended.span
      for x in 0..<width {
        let column = columns[x]
        let (a, b) = (column.first * classCount, column.second * classCount)
        var (best, label) = (-Double.infinity, 0)
        for k in 0..<classCount {
          let similarity = values[a + k] * (1 - column.weight) + values[b + k] * column.weight
          if similarity > best { (best, label) = (similarity, k) }
        }
        row[x] = Int32(label)
      }
    }
    return LabelMap(height: height, width: width, labels: result)
  }

  /// The class of the node whose cell holds each pixel's center, or its upper left corner.
  package static func nearestLabelMap(
    grid: Grid, labels: [Int], height: Int, width: Int, fromCorner: Bool = false
  ) -> LabelMap {
    func cell(_ pixel: Int, _ cells: Int, _ pixels: Int) -> Int {
      fromCorner ? pixel * cells / pixels : SamplePosition.nearest(of: pixel, from: cells, to: pixels)
    }
    let columns = (0..<width).map { cell($0, grid.width, width) }
    var result = ContiguousArray<Int32>()
    result.reserveCapacity(height * width)
    for y in 0..<height {
      let row = cell(y, grid.height, height) * grid.width
      for column in columns { result.append(Int32(labels[row + column])) }
    }
    return LabelMap(height: height, width: width, labels: result)
  }

  /// Mean unit feature of every class, [classes, channels]; NaN for one without nodes, which then no pixel takes.
  package static func means(
    unit: ContiguousArray<Double>, channels: Int, labels: [Int], classCount: Int
  ) -> ContiguousArray<Double> {
    var sums = ContiguousArray(repeating: 0.0, count: classCount * channels)
    var sizes = [Int](repeating: 0, count: classCount)
    for (node, label) in labels.enumerated() {
      sizes[label] += 1
      for c in 0..<channels { sums[label * channels + c] += unit[node * channels + c] }
    }
    for label in 0..<classCount {
      for c in 0..<channels { sums[label * channels + c] /= Double(sizes[label]) }
    }
    return sums
  }
}
