// SPDX-License-Identifier: Apache-2.0

/// One class for every pixel.
public struct LabelMap: Equatable, Sendable {
  public let height: Int
  public let width: Int
  /// [height, width], row-major.
  public let labels: ContiguousArray<Int32>

  /// - Precondition: one label for each pixel.
  public init(height: Int, width: Int, labels: ContiguousArray<Int32>) {
    precondition(labels.count == height * width, "\(labels.count) labels for \(height)×\(width) pixels")
    self.height = height
    self.width = width
    self.labels = labels
  }

  /// The same partition with ids from 1 by decreasing area; of equal areas the one met first in raster order is first.
  public func rankedByArea() -> LabelMap {
    var segments: [Int32: (area: Int, first: Int)] = [:]
    forEachRun { label, run in segments[label, default: (0, run.lowerBound)].area += run.count }
    let order = segments.sorted { ($0.value.area, $1.value.first) > ($1.value.area, $0.value.first) }
    let rank = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1.key, Int32($0 + 1)) })
    var ranked = ContiguousArray<Int32>()
    ranked.reserveCapacity(labels.count)
    forEachRun { label, run in ranked.append(contentsOf: repeatElement(rank[label] ?? 0, count: run.count)) }
    return LabelMap(height: height, width: width, labels: ranked)
  }

  /// Runs of equal labels in raster order: far fewer than pixels.
  func forEachRun(_ body: (Int32, Range<Int>) -> Void) {
    var start = 0
    while start < labels.count {
      let label = labels[start]
      var end = start + 1
      while end < labels.count && labels[end] == label { end += 1 }
      body(label, start..<end)
      start = end
    }
  }
}
