// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct PAMRTests {
  private static func image(_ height: Int, _ width: Int, _ color: (Int, Int) -> UInt8) -> Image {
    Image(
      width: width, height: height,
      pixels: ContiguousArray((0..<height * width).flatMap { i in (0..<3).map { _ in color(i / width, i % width) } }))
  }

  @Test func settingsAreTheAuthors() {
    #expect(PAMR.evaluation.iterations == 10 && PAMR.evaluation.dilations == [1, 2, 4, 8])
    #expect(PAMR.demo.iterations == 30 && PAMR.demo.dilations == [1, 2, 4, 8, 12, 24, 32, 64])
    #expect(PAMR.evaluation.appliesMedian && PAMR.demo.appliesMedian)
    #expect(Refinement.demo.method == .demo && Refinement.demo.side == 1024)
  }

  @Test(arguments: [
    (-1, [1], RefinementError.iterations(-1)), (1001, [1], .iterations(1001)), (3, [], .dilationCount(0)),
    (3, [Int](repeating: 1, count: 33), .dilationCount(33)), (3, [1, 0], .dilation(0)), (3, [-2], .dilation(-2)),
    (3, [4097], .dilation(4097)),
  ])
  func settingsOutOfRangeAreNamed(iterations: Int, dilations: [Int], error: RefinementError) {
    #expect(throws: error) { try PAMR(iterations: iterations, dilations: dilations) }
  }

  @Test(arguments: [0, -5, 8193])
  func sidesOutOfRangeAreNamed(side: Int) {
    #expect(throws: RefinementError.side(side)) { try Refinement(.demo, side: side) }
  }

  @Test func messagesTellWhatIsExpected() {
    #expect("\(RefinementError.dilation(0))" == "refinement: a dilation is 0, expected 1 to 4096")
    #expect("\(RefinementError.side(0))" == "refinement: the size is 0, expected 1 to 8192")
  }

  @Test func anEmptyMapIsRefused() {
    #expect(throws: RefinementError.empty) {
      try LabelMap(height: 0, width: 4, labels: []).refined(on: Self.image(2, 2) { _, _ in 0 }, using: .demo)
    }
  }

  /// Memory for the weights would be asked for before anything else.
  @Test func anImageOfTooManyNeighborsIsRefused() throws {
    let method = try PAMR(iterations: 1, dilations: [Int](repeating: 1, count: 32))
    let (height, width) = (2900, 2900)
    let map = LabelMap(height: 1, width: 1, labels: [0])
    #expect(
      throws: RefinementError.tooLarge(
        width: width, height: height, weights: height * width * 256, limit: 1 << 31)
    ) {
      try map.refined(on: Self.image(1, 1) { _, _ in 0 }, by: Refinement(method, side: width))
    }
  }

  /// A border drawn four pixels beside the edge of an image moves to the edge.
  @Test func labelsMoveToTheEdge() throws {
    let (height, width) = (24, 40)
    let picture = Self.image(height, width) { _, x in x < 20 ? 30 : 200 }
    let map = LabelMap(
      height: height, width: width, labels: ContiguousArray((0..<height * width).map { $0 % width < 24 ? 7 : 3 }))
    let refined = try map.refined(on: picture, using: .evaluation)
    // 3 is rank 0, 7 is rank 1.
    #expect(refined.labels == ContiguousArray((0..<height * width).map { $0 % width < 20 ? 1 : 0 }))
  }

  @Test func ranksKeepTheOrderOfLabels() {
    let map = LabelMap(height: 2, width: 3, labels: [40, -2, 7, 7, 40, 40])
    let (ranks, values) = map.ranked()
    #expect(values == [-2, 7, 40])
    #expect(ranks == LabelMap(height: 2, width: 3, labels: [2, 0, 1, 1, 2, 2]))
  }

  /// The map is refined on the square and taken back by the nearest pixel.
  @Test func anotherSizeIsTakenBack() throws {
    let picture = Self.image(30, 50) { y, x in UInt8((7 * y + 3 * x * x) % 256) }
    let map = LabelMap(height: 30, width: 50, labels: ContiguousArray((0..<1500).map { Int32($0 % 50 / 17) }))
    let refinement = try Refinement(PAMR(iterations: 4, dilations: [1, 2]), side: 23)
    let square = try map.refined(
      on: Tensor([30, 50, 3], values: picture.pixels.map(Float.init)).resized(height: 23, width: 23),
      using: refinement.method)
    #expect(square.height == 23 && square.width == 23)
    let refined = try map.refined(on: picture, by: refinement)
    #expect(refined.height == 30 && refined.width == 50)
    for y in 0..<30 {
      for x in 0..<50 {
        let source =
          SamplePosition.nearest(of: y, from: 23, to: 30) * 23
          + SamplePosition.nearest(of: x, from: 23, to: 50)
        #expect(refined.labels[y * 50 + x] == square.labels[source])
      }
    }
  }

  @Test func aSegmentationIsRankedByAreaAfterwards() throws {
    let picture = Self.image(60, 90) { y, x in x < 40 ? 40 : (y < 30 ? 220 : 130) }
    let plain = try Segmenter().segment(picture)
    // The median depends on the numbers of labels, which are not yet those by area when the map is refined.
    let refinement = try Refinement(PAMR(iterations: 5, dilations: [1, 2, 4], appliesMedian: false), side: nil)
    var stages: [String] = []
    let refined = try Segmenter(options: SegmentationOptions(refinement: refinement)).segment(
      picture, observer: StageObserver { stages.append($0) })
    #expect(refined.labelMap == (try plain.labelMap.refined(on: picture, by: refinement).rankedByArea()))
    #expect(refined.labelMap.labels.min() == 1)
    #expect(stages.last == "refinement" && refined.stages.last?.stage == "refinement")
    #expect(refined.seconds.refine > 0 && plain.seconds.refine >= 0)
    #expect(!plain.stages.contains { $0.stage == "refinement" })
  }
}

@Suite struct MedianTests {
  @Test(arguments: [(1, 1), (1, 8), (9, 1), (2, 2), (13, 17)])
  func theFifthOfNineWithTheBorderRepeated(height: Int, width: Int) {
    var generator = SeededGenerator(seed: 71)
    let labels = ContiguousArray((0..<height * width).map { _ in Int32(generator.next() % 9) - 1 })
    let filtered = LabelMap(height: height, width: width, labels: labels).medianFiltered()
    for y in 0..<height {
      for x in 0..<width {
        let window = (-1...1).flatMap { dy in
          (-1...1).map { dx in
            labels[min(max(y + dy, 0), height - 1) * width + min(max(x + dx, 0), width - 1)]
          }
        }
        #expect(filtered.labels[y * width + x] == window.sorted()[4])
      }
    }
  }

  /// Four of one, two of the next and three of the last: no majority, the number in the middle.
  @Test func itIsAMedianOfNumbers() {
    let map = LabelMap(height: 3, width: 3, labels: [2, 2, 2, 2, 5, 5, 9, 9, 9])
    #expect(map.medianFiltered().labels[4] == 5)
  }
}
