// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct ConceptAssignmentTests {
  /// Upsampling the features and then comparing them, as the formula says.
  @Test(arguments: InstructionSet.supported)
  func similaritiesCommuteWithUpsampling(set: InstructionSet) throws {
    var generator = SeededGenerator(seed: 2)
    let (grid, channels, classes) = (Grid(height: 5, width: 7), 6, 4)
    let features = try FeatureMap(
      grid: grid, channels: channels, values: ContiguousArray(generator.doubles(grid.count * channels)))
    let unit = features.unitRows()
    let labels = (0..<grid.count).map { $0 < classes ? $0 : Int(generator.next() % UInt64(classes)) }
    let concepts = ConceptAssignment.means(unit: unit, channels: channels, labels: labels, classCount: classes)
    let (height, width) = (23, 11)
    let map = ConceptAssignment.labelMap(
      unit: unit, grid: grid, concepts: concepts, channels: channels, height: height, width: width,
      using: .table(for: set))
    for y in 0..<height {
      for x in 0..<width {
        let row = SamplePosition(of: y, from: grid.height, to: height)
        let column = SamplePosition(of: x, from: grid.width, to: width)
        func feature(_ c: Int) -> Double {
          func at(_ i: Int, _ j: Int) -> Double { unit[(i * grid.width + j) * channels + c] }
          let top = at(row.first, column.first) * (1 - column.weight) + at(row.first, column.second) * column.weight
          let low = at(row.second, column.first) * (1 - column.weight) + at(row.second, column.second) * column.weight
          return top * (1 - row.weight) + low * row.weight
        }
        let scores = (0..<classes).map { k in
          (0..<channels).reduce(0) { $0 + feature($1) * concepts[k * channels + $1] }
        }
        let chosen = scores[Int(map.labels[y * width + x])]
        #expect(chosen >= (scores.max() ?? 0) - 1e-12)
      }
    }
  }

  @Test func conceptsAreMeansOfUnitFeatures() {
    let means = ConceptAssignment.means(unit: [1, 0, 0, 1, 0, 1], channels: 2, labels: [0, 1, 0], classCount: 2)
    #expect(means == [0.5, 0.5, 0, 1])
  }

  @Test func nearestTakesTheCellOfThePixelsCenter() {
    let map = ConceptAssignment.nearestLabelMap(
      grid: Grid(height: 1, width: 3), labels: [7, 8, 9], height: 2, width: 4)
    #expect(map.labels == [7, 7, 9, 9, 7, 7, 9, 9] || map.labels == [7, 8, 8, 9, 7, 8, 8, 9])
    // Centers of four pixels over three cells: 0.375, 1.125, 1.875, 2.625.
    #expect(map.labels == [7, 8, 8, 9, 7, 8, 8, 9])
  }
}

@Suite struct LabelMapTests {
  @Test func idsCountUpByDecreasingArea() {
    let map = LabelMap(height: 2, width: 3, labels: [5, 0, 0, 9, 0, 9]).rankedByArea()
    #expect(map.labels == [3, 1, 1, 2, 1, 2])
  }

  @Test func equalAreasKeepRasterOrder() {
    #expect(LabelMap(height: 1, width: 4, labels: [9, 2, 9, 2]).rankedByArea().labels == [1, 2, 1, 2])
  }

  @Test func pictureIsIndexedWithTheVOCPalette() throws {
    let map = LabelMap(height: 1, width: 3, labels: [1, 254, 3])
    let picture = try PNGImage(decoding: map.encodedPNG())
    #expect(picture.colorType == .indexed && picture.bitDepth == 8)
    #expect(picture.samples == .uint8([1, 254, 3]))
    #expect(picture.rgb().pixels[0..<3] == [128, 0, 0])
  }

  @Test func pictureIsSixteenBitGrayAbove254Segments() throws {
    let map = LabelMap(height: 1, width: 2, labels: [255, 65535])
    let picture = try PNGImage(decoding: map.encodedPNG())
    #expect(picture.colorType == .grayscale && picture.bitDepth == 16)
    #expect(picture.samples == .uint16([255, 65535]))
  }
}
