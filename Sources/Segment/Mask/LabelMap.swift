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

  /// Pixels of every class that occurs, by class.
  public var areas: [Int32: Int] {
    labels.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  /// The same partition with ids from 1 by decreasing area; of equal areas the one met first in raster order is first.
  public func rankedByArea() -> LabelMap {
    var areas: [Int32: (area: Int, first: Int)] = [:]
    for (index, label) in labels.enumerated() { areas[label, default: (0, index)].area += 1 }
    let order = areas.sorted { ($0.value.area, $1.value.first) > ($1.value.area, $0.value.first) }
    var rank: [Int32: Int32] = [:]
    for (index, entry) in order.enumerated() { rank[entry.key] = Int32(index + 1) }
    return LabelMap(height: height, width: width, labels: ContiguousArray(labels.map { rank[$0] ?? 0 }))
  }
}
