// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor
import TestSupport
import Testing

typealias Point = SIMD2<Double>

@Suite struct PolygonTests {
  /// Feature after feature the polygons, ring after ring, without the point that closes a ring.
  static func features(_ map: LabelMap, tolerance: Double = 0) throws -> [(id: Int, area: Int, polygons: [[[Point]]])] {
    var options = OutputOptions()
    options.polygonTolerance = tolerance
    let files = try OutputFormat.geojson.files(for: SegmentedImage(name: "x", labelMap: map), options: options)
    #expect(files.map(\.suffix) == ["geojson"])
    let document = try JSON.parse(files[0].bytes[...])
    #expect(document["type"]?.string == "FeatureCollection")
    return try #require(document["features"]?.array).map { feature in
      let geometry = try #require(feature["geometry"])
      let coordinates = try #require(geometry["coordinates"]?.array)
      let isSingle = geometry["type"]?.string == "Polygon"
      #expect(isSingle || geometry["type"]?.string == "MultiPolygon" && coordinates.count > 1)
      let polygons = try (isSingle ? [.array(coordinates)] : coordinates).map { polygon in
        try #require(polygon.array).map { ring in
          let points = try #require(ring.array).map { point in
            Point(try #require(point.array?[0].double), try #require(point.array?[1].double))
          }
          #expect(points.count >= 4 && points.first == points.last)
          return Array(points.dropLast())
        }
      }
      return (
        try #require(feature["properties"]?["id"]?.integer), try #require(feature["properties"]?["area"]?.integer),
        polygons
      )
    }
  }

  static func signedArea(_ ring: [Point]) -> Double {
    ring.indices.reduce(0) { sum, index in
      let (a, b) = (ring[index], ring[(index + 1) % ring.count])
      return sum + (a.x * b.y - b.x * a.y) / 2
    }
  }

  private static func length(_ ring: [Point]) -> Double {
    ring.indices.reduce(0) { sum, index in
      let side = ring[(index + 1) % ring.count] - ring[index]
      return sum + abs(side.x) + abs(side.y)
    }
  }

  @Test(arguments: OutputFixture.all) func shapelyCountsTheSameRings(fixture: OutputFixture) throws {
    let features = try Self.features(fixture.map)
    #expect(features.map(\.id) == fixture.map.ids)
    for (feature, expected) in zip(features.prefix(5), fixture.segments) {
      #expect(feature.area == expected.area)
      #expect(feature.polygons.count == expected.polygonCount)
      #expect(feature.polygons.reduce(0) { $0 + $1.count - 1 } == expected.holeCount)
      #expect(feature.polygons.joined().reduce(0) { $0 + Self.signedArea($1) } == Double(expected.area))
      #expect(feature.polygons.joined().reduce(0) { $0 + Self.length($1) } == Double(expected.length))
    }
  }

  /// Outer rings first and positive, holes negative, no corner twice, all corners corners.
  private func checkRings(_ polygons: [[[Point]]], areCorners: Bool = true) {
    for polygon in polygons {
      #expect(Self.signedArea(polygon[0]) > 0)
      #expect(polygon.dropFirst().allSatisfy { Self.signedArea($0) < 0 })
      for ring in polygon {
        #expect(Set(ring).count == ring.count)
        for (index, corner) in ring.enumerated() where areCorners {
          let (a, b) = (ring[(index + ring.count - 1) % ring.count] - corner, ring[(index + 1) % ring.count] - corner)
          #expect(a.x * b.y != a.y * b.x)
        }
      }
    }
  }

  @Test func polygonsGiveBackThePixels() throws {
    for map in randomMaps(120) + OutputFixture.all.map(\.map).filter({ $0.labels.count < 10_000 }) {
      let features = try Self.features(map)
      #expect(features.map(\.id) == map.ids)
      for feature in features {
        checkRings(feature.polygons)
        var count = 0
        for polygon in feature.polygons {
          let mask = evenOdd(polygon, height: map.height, width: map.width)
          // Every hole lies in its polygon's outer ring.
          let outer = evenOdd([polygon[0]], height: map.height, width: map.width)
          for hole in polygon.dropFirst() {
            let inside = evenOdd([hole], height: map.height, width: map.width)
            #expect(zip(inside, outer).allSatisfy { !$0 || $1 })
          }
          count += mask.count { $0 }
        }
        #expect(evenOdd(Array(feature.polygons.joined()), height: map.height, width: map.width) == map.mask(feature.id))
        #expect(count == feature.area)
      }
    }
  }

  @Test(arguments: [0.5, 1, 2, 5])
  func simplifiedNeighborsKeepTheirBoundary(tolerance: Double) throws {
    struct Side: Hashable {
      let from: Point
      let to: Point
    }
    for map in randomMaps(40, seed: 9) + [try OutputFixture("blobs").map] {
      // Without void every side inside the image belongs to two segments that walk it in opposite directions.
      let full = LabelMap(
        height: map.height, width: map.width, labels: ContiguousArray(map.labels.map { $0 + 1 }))
      let features = try Self.features(full, tolerance: tolerance)
      var sides: [Side: Int] = [:]
      for ring in features.flatMap(\.polygons).joined() {
        for (index, point) in ring.enumerated() {
          sides[Side(from: point, to: ring[(index + 1) % ring.count]), default: 0] += 1
        }
      }
      let (width, height) = (Double(map.width), Double(map.height))
      for (side, count) in sides {
        let (a, b) = (side.from, side.to)
        let isFrame =
          a.x == b.x && (a.x == 0 || a.x == width) || a.y == b.y && (a.y == 0 || a.y == height)
        if !isFrame { #expect(sides[Side(from: b, to: a)] == count) }
      }
      let area = features.flatMap(\.polygons).joined().reduce(0) { $0 + Self.signedArea($1) }
      #expect(area == width * height)
      #expect(features.flatMap(\.polygons).joined().allSatisfy { $0.count >= 3 })
    }
  }

  @Test func simplificationMovesTheBoundaryByNoMoreThanItMay() throws {
    let map = try OutputFixture("blobs").map
    let exact = try Self.features(map)
    let corners = { (features: [(id: Int, area: Int, polygons: [[[Point]]])]) in
      features.flatMap { $0.polygons.joined().joined() }
    }
    for tolerance in [1.0, 3] {
      let simplified = try Self.features(map, tolerance: tolerance)
      #expect(2 * corners(simplified).count < corners(exact).count)
      for (feature, original) in zip(simplified, exact) {
        let rings = feature.polygons.joined()
        for corner in original.polygons.joined().joined() {
          let distance = rings.flatMap { ring in
            ring.indices.map { Self.distance(corner, ring[$0], ring[($0 + 1) % ring.count]) }
          }.min()
          // The distance itself is rounded.
          #expect((distance ?? .infinity) <= tolerance * (1 + 1e-12))
        }
      }
    }
  }

  private static func distance(_ p: Point, _ a: Point, _ b: Point) -> Double {
    let (d, e) = (b - a, p - a)
    let square = (d * d).sum()
    let along = square > 0 ? min(1, max(0, (d * e).sum() / square)) : 0
    let rest = e - along * d
    return (rest * rest).sum().squareRoot()
  }
}

@Suite struct YOLOTests {
  private static func polygons(_ map: LabelMap, tolerance: Double = 0) throws -> [[Point]] {
    var options = OutputOptions()
    options.polygonTolerance = tolerance
    let files = try OutputFormat.yolo.files(for: SegmentedImage(name: "x", labelMap: map), options: options)
    #expect(files.map(\.suffix) == ["txt"])
    return try String(decoding: files[0].bytes, as: UTF8.self).split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      #expect(words.first == "0" && words.count % 2 == 1 && words.count >= 7)
      let shares = try words.dropFirst().map { try #require(Double($0)) }
      #expect(shares.allSatisfy { (0...1).contains($0) })
      return stride(from: 0, to: shares.count, by: 2).map {
        Point(shares[$0] * Double(map.width), shares[$0 + 1] * Double(map.height))
      }
    }
  }

  @Test func everyPixelIsInOnePolygon() throws {
    for map in randomMaps(120, seed: 3) + OutputFixture.all.map(\.map).filter({ $0.labels.count < 10_000 }) {
      var covered = [Int](repeating: 0, count: map.labels.count)
      let polygons = try Self.polygons(map)
      for polygon in polygons {
        let rounded = polygon.map { $0.rounded(.toNearestOrEven) }
        #expect(zip(polygon, rounded).allSatisfy { abs($0.x - $1.x) < 0.05 && abs($0.y - $1.y) < 0.05 })
        let mask = evenOdd([rounded], height: map.height, width: map.width)
        let pixels = mask.indices.filter { mask[$0] }
        #expect(Set(pixels.map { map.labels[$0] }).count == 1)
        #expect(PolygonTests.signedArea(rounded) == Double(pixels.count))
        for pixel in pixels { covered[pixel] += 1 }
      }
      #expect(covered == map.labels.map { $0 > 0 ? 1 : 0 })
    }
  }

  /// Bridges lead through the polygon: they may not run where another segment is on both sides.
  @Test func bridgesStayInside() throws {
    for map in randomMaps(80, seed: 4) + [try OutputFixture("nested").map, try OutputFixture("noise").map] {
      for polygon in try Self.polygons(map) {
        let ring = polygon.map { $0.rounded(.toNearestOrEven) }
        let mask = evenOdd([ring], height: map.height, width: map.width)
        for (index, a) in ring.enumerated() {
          let b = ring[(index + 1) % ring.count]
          guard a.x == b.x else { continue }
          for y in Int(min(a.y, b.y))..<Int(max(a.y, b.y)) {
            let x = Int(a.x)
            let isLeft = x > 0 && mask[y * map.width + x - 1]
            let isRight = x < map.width && mask[y * map.width + x]
            #expect(isLeft || isRight)
          }
        }
      }
    }
  }

  @Test func simplifiedPolygonsAreShorter() throws {
    let map = try OutputFixture("blobs").map
    let (exact, simplified) = (try Self.polygons(map), try Self.polygons(map, tolerance: 1))
    #expect(exact.count == simplified.count)
    #expect(2 * simplified.joined().count < exact.joined().count)
  }

  @Test func sharesAreRoundedToSixDecimals() throws {
    let map = LabelMap(height: 1, width: 3, labels: [0, 1, 0])
    let text = try OutputFormat.yolo.files(for: SegmentedImage(name: "x", labelMap: map))[0].bytes
    let corners = String(decoding: text, as: UTF8.self).split(separator: " ")
    #expect(
      Set(corners.dropFirst().map { $0.filter { $0 != "\n" } }) == ["0.333333", "0.666667", "0.000000", "1.000000"])
    let void = try OutputFormat.yolo.files(for: OutputFixture("void").image)[0].bytes
    #expect(void.isEmpty)
  }
}
