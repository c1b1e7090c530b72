// SPDX-License-Identifier: Apache-2.0
import Segment

extension LabelMap {
  /// The polygons of every segment, in the table's order, a segment's own in raster order.
  ///
  /// Their sides are sides of pixels: drawn without smoothing they give back the map, pixel by pixel.
  ///
  /// - Parameter tolerance: corners are left out where the boundary moves by no more than this many pixels. Segments that
  ///   share a boundary keep sharing it. Above 0, boundaries may come to cross one another.
  func polygons(_ table: SegmentTable, tolerance: Double = 0) -> [[Polygon]] {
    var polygons = exactPolygons(table, marksFixedCorners: tolerance > 0)
    guard tolerance > 0 else { return polygons }
    for segment in polygons.indices {
      for index in polygons[segment].indices {
        polygons[segment][index].outer.simplify(tolerance: tolerance)
        for hole in polygons[segment][index].holes.indices {
          polygons[segment][index].holes[hole].simplify(tolerance: tolerance)
        }
      }
    }
    return polygons
  }

  /// - Parameter marksFixedCorners: mark what simplification has to keep, also on straight sides.
  func exactPolygons(_ table: SegmentTable, marksFixedCorners: Bool) -> [[Polygon]] {
    let components = PixelComponents(self)
    var polygons = [[Polygon]](repeating: [], count: table.segments.count)
    var places: [Int: Int] = [:]
    var tracer = BoundaryTracer(self, marksFixedCorners: marksFixedCorners)
    while let walk = tracer.next() {
      let segment = table.position(of: walk.id)
      let component = components.component(row: Int(walk.start.y), column: Int(walk.start.x))
      var rings = walk.rings
      // The first walk of a component is along its outer boundary.
      if let outer = rings.firstIndex(where: { $0.doubledArea > 0 }) {
        places[component] = polygons[segment].count
        polygons[segment].append(Polygon(outer: rings.remove(at: outer)))
      }
      guard let place = places[component] else { continue }
      polygons[segment][place].holes += rings
    }
    return polygons
  }
}

/// Walks along the sides between pixels of different labels, each ring once.
private struct BoundaryTracer {
  private let map: LabelMap
  private let marksFixedCorners: Bool
  /// Pixels at whose top side a straight side to the right begins that was walked.
  private var isTraced: ContiguousArray<Bool>
  /// The pixel that is looked at next, in raster order.
  private var (column, row) = (0, 0)

  init(_ map: LabelMap, marksFixedCorners: Bool) {
    self.map = map
    self.marksFixedCorners = marksFixedCorners
    isTraced = ContiguousArray(repeating: false, count: map.labels.count)
  }

  /// The next closed walk: its label, the pixel below its first side, and its rings.
  mutating func next() -> (id: Int32, start: Corner, rings: [Ring])? {
    while row < map.height {
      while let x = nextStart() {
        let start = Corner(x: Int32(x), y: Int32(row))
        let id = map.labels[row * map.width + x]
        return (id, start, Self.rings(trace(from: start, id), rowLength: map.width + 1))
      }
      column = 0
      row += 1
    }
    return nil
  }

  /// The next column in this row where a top side begins that has not been walked.
  private mutating func nextStart() -> Int? {
    let values = map.labels
    let labels = values.span
    let first = row &* map.width
    let above = first &- map.width
    while column < map.width {
      let x = column
      column &+= 1
      let id = labels[first &+ x]
      guard id > 0, row == 0 || labels[above &+ x] != id else { continue }
      if x > 0 && labels[first &+ x &- 1] == id && (row == 0 || labels[above &+ x &- 1] != id) { continue }
      if !isTraced[first &+ x] { return x }
    }
    return nil
  }

  /// One closed walk with the segment on the right, beginning to the right along the top side of a pixel.
  ///
  /// Where the segment's pixels touch by a corner only, the walk turns right: it stays with the pixel it came along.
  private mutating func trace(from start: Corner, _ id: Int32) -> [BoundaryVertex] {
    let values = map.labels
    let labels = values.span
    let (width, height) = (map.width, map.height)
    func isInside(_ x: Int, _ y: Int) -> Bool {
      x >= 0 && y >= 0 && x < width && y < height && labels[y &* width &+ x] == id
    }
    var vertices: [BoundaryVertex] = []
    var (x, y, direction) = (Int(start.x), Int(start.y), Direction.right)
    repeat {
      if direction == .right { isTraced[y &* width &+ x] = true }
      // Along the side up to a corner.
      var turn = Turn.straight
      var isSaddle = false
      repeat {
        let step = direction.step
        x &+= step.x
        y &+= step.y
        // The two pixels ahead.
        let right = direction.pixelOnTheRight
        let left = direction.pixelOnTheLeft
        let continues = isInside(x &+ right.x, y &+ right.y)
        let isBlocked = isInside(x &+ left.x, y &+ left.y)
        turn = continues ? (isBlocked ? .left : .straight) : .right
        isSaddle = !continues && isBlocked
        if turn == .straight && marksFixedCorners && isFixed(x, y) {
          vertices.append(BoundaryVertex(corner: Corner(x: Int32(x), y: Int32(y), isFixed: true), isSaddle: false))
        }
      } while turn == .straight
      let corner = Corner(x: Int32(x), y: Int32(y), isFixed: marksFixedCorners && isFixed(x, y))
      vertices.append(BoundaryVertex(corner: corner, isSaddle: isSaddle))
      direction = turn == .right ? direction.turnedRight : direction.turnedLeft
    } while !(x == Int(start.x) && y == Int(start.y) && direction == .right)
    return vertices
  }

  /// Whether more than two sides meet in a corner, or it is one of the image's.
  private func isFixed(_ x: Int, _ y: Int) -> Bool {
    let (width, height) = (map.width, map.height)
    if (x == 0 || x == width) && (y == 0 || y == height) { return true }
    func label(_ x: Int, _ y: Int) -> Int32 {
      x >= 0 && y >= 0 && x < width && y < height ? max(0, map.labels[y * width + x]) : -1
    }
    let around = [label(x - 1, y - 1), label(x, y - 1), label(x, y), label(x - 1, y)]
    return around.indices.count { around[$0] != around[($0 + 1) % 4] } > 2
  }

  /// A walk cut where it passes a corner for the second time: rings that pass every corner once.
  ///
  /// A component that touches itself encloses something there, so what is cut off is a hole, or what is left is one.
  private static func rings(_ vertices: [BoundaryVertex], rowLength: Int) -> [Ring] {
    guard vertices.contains(where: \.isSaddle) else { return [Ring(corners: vertices.map(\.corner))] }
    var rings: [Ring] = []
    var open: [BoundaryVertex] = []
    var places: [Int: Int] = [:]
    func key(_ corner: Corner) -> Int { Int(corner.y) * rowLength + Int(corner.x) }
    for vertex in vertices {
      if vertex.isSaddle {
        if let place = places[key(vertex.corner)] {
          let closed = open[place...]
          for inner in closed where inner.isSaddle { places[key(inner.corner)] = nil }
          rings.append(Ring(corners: closed.map(\.corner)))
          open.removeSubrange(place...)
        }
        places[key(vertex.corner)] = open.count
      }
      open.append(vertex)
    }
    return rings + [Ring(corners: open.map(\.corner))]
  }
}

/// A corner on a walk.
private struct BoundaryVertex {
  let corner: Corner
  /// The segment touches itself here by a corner.
  let isSaddle: Bool
}

private enum Turn { case left, straight, right }

/// A direction on a screen, where y grows downwards.
private enum Direction {
  case right, down, left, up

  var step: (x: Int, y: Int) {
    switch self {
    case .right: (1, 0)
    case .down: (0, 1)
    case .left: (-1, 0)
    case .up: (0, -1)
    }
  }

  /// The pixels ahead of a corner, relative to the one whose top left it is.
  var pixelOnTheRight: (x: Int, y: Int) {
    switch self {
    case .right: (0, 0)
    case .down: (-1, 0)
    case .left: (-1, -1)
    case .up: (0, -1)
    }
  }

  var pixelOnTheLeft: (x: Int, y: Int) {
    switch self {
    case .right: (0, -1)
    case .down: (0, 0)
    case .left: (-1, 0)
    case .up: (-1, -1)
    }
  }

  var turnedRight: Direction {
    switch self {
    case .right: .down
    case .down: .left
    case .left: .up
    case .up: .right
    }
  }

  var turnedLeft: Direction {
    switch self {
    case .right: .up
    case .up: .left
    case .left: .down
    case .down: .right
    }
  }
}
