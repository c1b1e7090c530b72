// SPDX-License-Identifier: Apache-2.0
import Segment
import TestSupport
import Testing

@Suite struct RegionMergingTests {
  private static func randomMaps(_ count: Int, seed: UInt64) -> [LabelMap] {
    var generator = SeededGenerator(seed: seed)
    return generator.labelMaps(count).map { LabelMap(height: $0, width: $1, labels: ContiguousArray($2)) }
  }

  private func map(_ rows: [String]) -> LabelMap {
    LabelMap(
      height: rows.count, width: rows[0].count,
      labels: ContiguousArray(rows.joined().unicodeScalars.map { Int32($0.value) - 48 }))
  }

  @Test(arguments: [
    // Nothing is too small.
    (1, ["11", "12"], ["11", "12"]),
    // One pixel, with as long a boundary to both: the larger one takes it.
    (2, ["113222"], ["112222"]),
    // Three sides to 1, one to 2.
    (2, ["131222222", "111222222"], ["111222222", "111222222"]),
    // Pieces touch by their edges alone: both fall to 1.
    (2, ["2111", "1211", "1111"], ["1111", "1111", "1111"]),
    // Only the small piece of label 2 goes; the label stays elsewhere.
    (3, ["21111", "11122", "11122"], ["11111", "11122", "11122"]),
    // Two small pieces become one of four pixels, which stays. The first is taken by the neighbor it touches most.
    (4, ["22331111", "11111111"], ["11111111", "11111111"]),
    (4, ["2211", "3311", "1111"], ["3311", "3311", "1111"]),
    // Void is taken as any other label.
    (2, ["101", "111"], ["111", "111"]),
    // Everything is small, and one piece is left.
    (100, ["12", "34"], ["44", "44"]), (100, ["1"], ["1"]), (5, ["11"], ["11"]),
  ])
  func smallPiecesGoToTheNeighborTheyTouchMost(area: Int, before: [String], after: [String]) {
    #expect(map(before).mergingComponents(smallerThan: area) == map(after))
  }

  @Test func pixelByPixelTheSameComesOut() {
    for (index, map) in Self.randomMaps(200, seed: 11).enumerated() {
      let area = 1 + index % 9
      #expect(map.mergingComponents(smallerThan: area) == NaiveMerging(map).merged(smallerThan: area), "map \(index)")
    }
  }

  @Test func nothingSmallIsLeft() {
    for map in Self.randomMaps(60, seed: 3) {
      let merged = map.mergingComponents(smallerThan: 12)
      let areas = NaiveMerging(merged).areas
      #expect(areas.count == 1 || areas.allSatisfy { $0 >= 12 })
      #expect(Set(merged.labels).isSubset(of: Set(map.labels)))
      #expect(merged.mergingComponents(smallerThan: 12) == merged)
    }
  }

  @Test func sharesAreRoundedUp() {
    #expect(MinimumArea.pixels(7).pixels(of: 1000) == 7)
    #expect(MinimumArea.share(0).pixels(of: 1000) == 0)
    #expect(MinimumArea.share(0.001).pixels(of: 1000) == 1)
    #expect(MinimumArea.share(0.001).pixels(of: 1001) == 2)
    #expect(MinimumArea.share(1).pixels(of: 1000) == 1000)
  }

  /// Ids are ranked anew, and the class behind each is still known.
  @Test func segmentsKeepTheirClasses() throws {
    let image = try Image.decode(Fixture.bytes("images/coffee.png"))
    func segmentation(_ area: MinimumArea?) throws -> Segmentation {
      try Segmenter(options: SegmentationOptions(tau: 0.4, minimumArea: area)).segment(image)
    }
    let (all, few) = (try segmentation(nil), try segmentation(.share(0.01)))
    #expect(few.segmentCount < all.segmentCount && few.segmentCount > 3)
    #expect(few.labelMap == all.labelMap.mergingComponents(smallerThan: 2400).rankedByArea())
    #expect(few.classes.count == few.segmentCount)
    let kept = zip(all.labelMap.labels, few.labelMap.labels).count {
      all.classes[Int($0) - 1] == few.classes[Int($1) - 1]
    }
    #expect(kept > 240_000 * 9 / 10 && kept < 240_000)
  }
}

/// The same rule, pixel by pixel.
private struct NaiveMerging {
  private let map: LabelMap
  /// The first pixel of each pixel's piece.
  private var pieces: [Int]

  init(_ map: LabelMap) {
    self.map = map
    pieces = [Int](repeating: -1, count: map.labels.count)
    for first in pieces.indices where pieces[first] < 0 {
      var pending = [first]
      while let pixel = pending.popLast() {
        guard pieces[pixel] < 0 else { continue }
        pieces[pixel] = first
        pending += neighbors(of: pixel).filter { map.labels[$0] == map.labels[first] }
      }
    }
  }

  var areas: [Int] { Dictionary(grouping: pieces) { $0 }.values.map(\.count) }

  private func neighbors(of pixel: Int) -> [Int] {
    let (y, x) = (pixel / map.width, pixel % map.width)
    return [(y - 1, x), (y, x - 1), (y, x + 1), (y + 1, x)]
      .filter { (0..<map.height).contains($0.0) && (0..<map.width).contains($0.1) }.map { $0.0 * map.width + $0.1 }
  }

  func merged(smallerThan limit: Int) -> LabelMap {
    var owners = pieces
    func area(_ piece: Int) -> Int { owners.count { $0 == piece } }
    let order = Set(pieces).sorted { (area($0), $0) < (area($1), $1) }
    for piece in order where area(piece) < limit {
      var lengths: [Int: Int] = [:]
      for pixel in owners.indices where owners[pixel] == piece {
        for other in neighbors(of: pixel) where owners[other] != piece { lengths[owners[other], default: 0] += 1 }
      }
      let best = lengths.keys.sorted { a, b in
        (lengths[a] ?? 0, area(a), -a) > (lengths[b] ?? 0, area(b), -b)
      }.first
      guard let best else { continue }
      for pixel in owners.indices where owners[pixel] == piece { owners[pixel] = best }
    }
    return LabelMap(
      height: map.height, width: map.width, labels: ContiguousArray(owners.map { map.labels[$0] }))
  }
}
