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
  public func rankedByArea() -> LabelMap { renumbered(by: labelsByArea()) }

  /// The labels that occur, by decreasing area; of equal areas the one met first in raster order is first.
  func labelsByArea() -> [Int32] {
    var segments: [Int32: (area: Int, first: Int)] = [:]
    forEachRun { label, run in segments[label, default: (0, run.lowerBound)].area += run.count }
    return segments.sorted { ($0.value.area, $1.value.first) > ($1.value.area, $0.value.first) }.map(\.key)
  }

  /// The same partition, a label's id being its place in `order`, from 1.
  func renumbered(by order: [Int32]) -> LabelMap {
    let rank = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, Int32($0 + 1)) })
    var ranked = ContiguousArray<Int32>()
    ranked.reserveCapacity(labels.count)
    forEachRun { label, run in ranked.append(contentsOf: repeatElement(rank[label] ?? 0, count: run.count)) }
    return LabelMap(height: height, width: width, labels: ranked)
  }

  /// Runs of equal labels in raster order, over the ends of rows: far fewer than pixels.
  package func forEachRun(_ body: (Int32, Range<Int>) -> Void) { forEachRun(in: 0..<labels.count, body) }

  /// Runs of equal labels in one row, as ranges of columns.
  package func forEachRun(inRow row: Int, _ body: (Int32, Range<Int>) -> Void) {
    let first = row * width
    forEachRun(in: first..<first + width) { label, run in body(label, run.lowerBound - first..<run.upperBound - first) }
  }

  private func forEachRun(in range: Range<Int>, _ body: (Int32, Range<Int>) -> Void) {
    let labels = labels.span
    var start = range.lowerBound
    while start < range.upperBound {
      let label = labels[start]
      var end = start &+ 1
      while end < range.upperBound && labels[end] == label { end &+= 1 }
      body(label, start..<end)
      start = end
    }
  }
}
