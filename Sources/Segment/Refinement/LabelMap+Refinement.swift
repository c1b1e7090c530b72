// SPDX-License-Identifier: Apache-2.0
import Tensor

extension LabelMap {
  /// Weights of neighbors that are held at most: 8 GiB of them.
  private static let weightLimit = 1 << 31

  /// The map moved to the image's edges, at the image's size.
  ///
  /// The result holds ranks: 0 for the smallest of this map's labels and so on, whichever of them are left. The lowest rank
  /// wins where masks are equal.
  ///
  /// - Parameters:
  ///   - image: of any size; masks are resized to it linearly so that corner pixels coincide.
  ///   - method: iterations, dilations, and whether a median follows.
  /// - Throws: `RefinementError`: this map is empty, or the image too large.
  public func refined(on image: Image, using method: PAMR) throws(RefinementError) -> LabelMap {
    try refined(on: image.levels, using: method)
  }

  /// The same for an image of fractional levels.
  ///
  /// - Shapes: `levels` [height, width, 3], 0 … 255.
  public func refined(on levels: Tensor, using method: PAMR) throws(RefinementError) -> LabelMap {
    try refined(on: levels, using: method, kernels: .current)
  }

  package func refined(
    on levels: Tensor, using method: PAMR, kernels: KernelTable
  ) throws(RefinementError) -> LabelMap {
    precondition(levels.shape.rank == 3 && levels.shape[2] == 3, "refinement on \(levels.shape)")
    let (height, width) = (levels.shape[0], levels.shape[1])
    guard !labels.isEmpty, height > 0, width > 0 else { throw .empty }
    let taps = 8 * method.dilations.count
    // The planes that the weights are kept in are whole blocks wide; that little is not counted.
    guard height <= Self.weightLimit / (width * taps) else {
      throw .tooLarge(width: width, height: height, weights: width * height * taps, limit: Self.weightLimit)
    }
    let (ranks, values) = ranked()
    let affinity = LocalAffinity(levels, dilations: method.dilations, using: kernels)
    let refined = LabelMap(
      height: height, width: width,
      labels: affinity.strongestLabels(
        of: ranks.labels.span, size: (ranks.height, ranks.width), count: values.count, iterations: method.iterations,
        using: kernels))
    return method.appliesMedian ? refined.medianFiltered() : refined
  }

  /// The map moved to the image's edges, at the image's size: the image is resized to the refinement's square, and the
  /// labels found there are taken back by the nearest pixel.
  ///
  /// The result holds ranks, as that of `refined(on:using:)` with a method alone does.
  ///
  /// - Throws: `RefinementError`: this map is empty, or the square too large.
  public func refined(on image: Image, by refinement: Refinement) throws(RefinementError) -> LabelMap {
    guard let side = refinement.side else { return try refined(on: image, using: refinement.method) }
    return try refined(on: image.levels.resized(height: side, width: side), using: refinement.method)
      .resizedNearest(height: image.height, width: image.width)
  }

  /// The map with every label replaced by its rank among them, and the labels in increasing order.
  public func ranked() -> (ranks: LabelMap, values: [Int32]) {
    var found: Set<Int32> = []
    forEachRun { label, _ in found.insert(label) }
    let values = found.sorted()
    let rank = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, Int32($0)) })
    var ranks = ContiguousArray<Int32>()
    ranks.reserveCapacity(labels.count)
    forEachRun { label, run in ranks.append(contentsOf: repeatElement(rank[label] ?? 0, count: run.count)) }
    return (LabelMap(height: height, width: width, labels: ranks), values)
  }

  /// Label r becomes `values[r]`: takes ranks back to what they are ranks of.
  ///
  /// - Precondition: every label is an index of `values`.
  public func renamed(_ values: [Int32]) -> LabelMap {
    LabelMap(height: height, width: width, labels: ContiguousArray(labels.map { values[Int($0)] }))
  }

  /// The labels of the pixels that hold the centers of the new ones.
  package func resizedNearest(height: Int, width: Int) -> LabelMap {
    if height == self.height && width == self.width { return self }
    let columns = (0..<width).map { SamplePosition.nearest(of: $0, from: self.width, to: width) }
    var result = ContiguousArray<Int32>(repeating: 0, count: height * width)
    Parallel.fillChunks(of: &result, chunkSize: max(1, width)) { y, row in
      let start = SamplePosition.nearest(of: y, from: self.height, to: height) * self.width
      for x in 0..<width { row[x] = labels[start + columns[x]] }
    }
    return LabelMap(height: height, width: width, labels: result)
  }
}

extension Image {
  /// The pixels as numbers: [height, width, 3], 0 … 255.
  package var levels: Tensor {
    Tensor([height, width, 3]) { values in
      for i in 0..<values.count { values[i] = Float(pixels[i]) }
    }
  }
}
