// SPDX-License-Identifier: Apache-2.0
import Segment

extension LabelMap {
  /// How well segments cover the regions of an annotation: the mean over its pixels of the best intersection over union that
  /// a segment has with their region, Σ_R |R| · max_S |R ∩ S| / |R ∪ S| over the number of pixels. 1 for equal partitions,
  /// whatever their ids.
  ///
  /// - Parameter regions: of the same size; every value is a region. Void has none: there is no value that is not scored.
  /// - Numerics: counts are whole, shares are added in the order of the regions' values; nothing depends on the order of ids
  ///   in self.
  /// - Source: Arbeláez, Maire, Fowlkes & Malik, "Contour Detection and Hierarchical Image Segmentation", PAMI 2011, §3.1.
  /// - Throws: `EvaluationError.sizes` for maps of different sizes.
  public func covering(of regions: LabelMap) throws(EvaluationError) -> Double {
    guard regions.height == height, regions.width == width else {
      throw .sizes(
        labels: Grid(height: regions.height, width: regions.width), segments: Grid(height: height, width: width))
    }
    guard !labels.isEmpty else { return 1 }
    // Runs of equal pairs: photographs have few borders.
    var shared: [Pair: Int] = [:]
    var (pair, run) = (Pair(region: regions.labels[0], segment: labels[0]), 0)
    for pixel in labels.indices {
      let next = Pair(region: regions.labels[pixel], segment: labels[pixel])
      if next == pair {
        run += 1
      } else {
        shared[pair, default: 0] += run
        (pair, run) = (next, 1)
      }
    }
    shared[pair, default: 0] += run
    var (regionAreas, segmentAreas) = ([Int32: Int](), [Int32: Int]())
    for (pair, count) in shared {
      regionAreas[pair.region, default: 0] += count
      segmentAreas[pair.segment, default: 0] += count
    }
    var best: [Int32: Double] = [:]
    for (pair, count) in shared {
      let union = (regionAreas[pair.region] ?? 0) + (segmentAreas[pair.segment] ?? 0) - count
      best[pair.region] = max(best[pair.region] ?? 0, Double(count) / Double(union))
    }
    let sum = regionAreas.keys.sorted().reduce(0) { $0 + Double(regionAreas[$1] ?? 0) * (best[$1] ?? 0) }
    return sum / Double(labels.count)
  }
}

/// A region and a segment that share pixels.
private struct Pair: Hashable {
  let region: Int32
  let segment: Int32
}
