// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import TestSupport
import Testing

@Suite struct SegmentationCoveringTests {
  private func map(_ height: Int, _ width: Int, _ labels: [Int32]) -> LabelMap {
    LabelMap(height: height, width: width, labels: ContiguousArray(labels))
  }

  @Test func equalPartitionsCoverEachOtherWhateverTheirIds() throws {
    let regions = map(2, 3, [0, 0, 1, 2, 2, 1])
    #expect(try map(2, 3, [7, 7, -3, 65_000, 65_000, -3]).covering(of: regions) == 1)
  }

  @Test func everyRegionTakesItsBestSegment() throws {
    // Region 5 has 4 pixels, 3 in segment 1 (union 4) and one in segment 2 (union 5); region 9 has 2, all in segment 2.
    let regions = map(1, 6, [5, 5, 5, 5, 9, 9])
    let segments = map(1, 6, [1, 1, 1, 2, 2, 2])
    #expect(try segments.covering(of: regions) == (4 * (3.0 / 4) + 2 * (2.0 / 3)) / 6)
    // It is no symmetric measure.
    #expect(try regions.covering(of: segments) == (3 * (3.0 / 4) + 3 * (2.0 / 3)) / 6)
  }

  @Test func oneSegmentCoversByTheSquaresOfAreas() throws {
    let regions = map(2, 4, [0, 0, 0, 0, 1, 1, 2, 3])
    #expect(try map(2, 4, Array(repeating: 4, count: 8)).covering(of: regions) == (4 * 0.5 + 2 * 0.25 + 2 * 0.125) / 8)
  }

  /// Against the sum as it is defined, region by region and segment by segment.
  @Test(arguments: 1...5)
  func randomMaps(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let (height, width) = (17, 23)
    func random(_ count: Int32) -> LabelMap {
      map(height, width, (0..<height * width).map { _ in Int32.random(in: 0..<count, using: &generator) })
    }
    let (regions, segments) = (random(6), random(9))
    var sum = 0.0
    for region in 0..<Int32(6) {
      let inside = regions.labels.map { $0 == region }
      let shares = (0..<Int32(9)).map { segment -> Double in
        let covered = segments.labels.map { $0 == segment }
        let both = zip(inside, covered).count { $0 && $1 }
        let either = zip(inside, covered).count { $0 || $1 }
        return either == 0 ? 0 : Double(both) / Double(either)
      }
      sum += Double(inside.count { $0 }) * (shares.max() ?? 0)
    }
    #expect(abs(try segments.covering(of: regions) - sum / Double(height * width)) < 1e-14)
  }

  @Test func mapsOfTwoSizesAreRefused() {
    #expect(throws: EvaluationError.sizes(labels: Grid(height: 2, width: 2), segments: Grid(height: 1, width: 2))) {
      _ = try map(1, 2, [0, 1]).covering(of: map(2, 2, [0, 1, 2, 3]))
    }
  }
}
