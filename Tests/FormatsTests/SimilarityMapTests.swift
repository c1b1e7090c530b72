// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct SimilarityMapTests {
  private func row(_ values: ContiguousArray<Double>) throws -> FeatureMap {
    try FeatureMap(grid: Grid(height: 1, width: values.count / 2), channels: 2, values: values)
  }

  @Test func cosinesWithAPatchOfTheSameAndOfAnotherImage() throws {
    let (source, target) = (try row([3, 0, 0, 2, -1, 0]), try row([0, 5, 1, 1]))
    let own = try SimilarityMap(row: 0, column: 0, of: source)
    #expect(own.cosines == [1, 0, -1] && own.range == -1...1 && own.grid == source.grid)
    let other = try SimilarityMap(row: 0, column: 1, of: source, in: target)
    expectEqual(other.cosines, [1, 0.5.squareRoot()], within: .ulps(1))
    #expect(other.grid == target.grid)
  }

  @Test func patchesAndFeaturesThatDoNotFit() throws {
    let source = try row([1, 0, 0, 1])
    for (row, column) in [(1, 0), (0, 2), (-1, 0), (0, -1)] {
      #expect(throws: SimilarityError.patchOutsideGrid(row: row, column: column, grid: source.grid)) {
        try SimilarityMap(row: row, column: column, of: source)
      }
    }
    let wide = try FeatureMap(grid: Grid(height: 1, width: 1), channels: 5, values: [1, 0, 0, 0, 0])
    #expect(throws: SimilarityError.channels(5, expected: 2)) {
      try SimilarityMap(row: 0, column: 0, of: source, in: wide)
    }
  }

  /// Cosines 1, 0 and −1 in cells of 4 pixels.
  @Test func colorsBetweenCentersAreInterpolated() throws {
    let map = try SimilarityMap(row: 0, column: 0, of: row([1, 0, 0, 1, -1, 0]))
    let colors = ColorMap.sequential
    let picture = map.picture(height: 2, width: 12)
    #expect(picture.height == 2 && picture[0, 0] == colors[255] && picture[1, 11] == colors[0])
    // Column 5 is 5.5/4 − 0.5 = 0.875 cells from the first center: (1 − 0.875 + 1)/2.
    #expect(picture[1, 5] == colors[Int(0.5625 * 255 + 0.5)])
    // With a given range, cosines outside of it have the colors of its ends.
    let narrow = map.picture(height: 1, width: 3, range: 0...0.5)
    #expect(narrow[0, 0] == colors[255] && narrow[0, 1] == colors[0] && narrow[0, 2] == colors[0])
    let wide = map.picture(height: 1, width: 3, range: -3...1)
    #expect(wide[0, 0] == colors[255] && wide[0, 1] == colors[191] && wide[0, 2] == colors[Int(127.5 + 0.5)])
  }

  @Test func anOverlayWithoutAPointHasNoRing() throws {
    let map = try SimilarityMap(row: 0, column: 0, of: row([1, 0, 1, 0]))
    let image = Image(width: 40, height: 30, pixels: ContiguousArray(repeating: 200, count: 3600))
    let plain = map.overlay(on: image)
    // All alike is most similar.
    #expect(Set((0..<30).flatMap { y in (0..<40).map { plain[y, $0] } }).count == 1)
    let marked = map.overlay(on: image, marking: PixelPosition(x: 20, y: 10))
    #expect(marked[10, 20] == plain[10, 20] && marked[10, 25] == RGBColor(red: 255, green: 255, blue: 255))
  }
}
