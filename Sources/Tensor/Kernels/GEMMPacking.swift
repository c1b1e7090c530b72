// SPDX-License-Identifier: Apache-2.0

/// Packs `count` rows of a strided matrix into panels of `width` rows: panel p holds [depth, width] elements, element
/// (k, i) = source[(p·width + i)·rowStride + k·depthStride]; rows past `count` are zero, so every tile is a full one.
@_alwaysEmitIntoClient @inline(__always)
func packPanels<T: BinaryFloatingPoint>(
  _ source: UnsafePointer<T>, rowStride: Int, depthStride: Int, count: Int, depth: Int, width: Int,
  into panels: UnsafeMutablePointer<T>
) {
  var panels = panels
  var first = 0
  while first < count {
    let rows = min(width, count &- first)
    let base = source + first &* rowStride
    if rowStride == 1 && rows == width {
      var k = 0
      while k < depth {
        let from = base + k &* depthStride
        var i = 0
        while i < width {
          panels[i] = from[i]
          i &+= 1
        }
        panels += width
        k &+= 1
      }
    } else {
      var i = 0
      while i < rows {
        let from = base + i &* rowStride
        var k = 0
        while k < depth {
          panels[k &* width &+ i] = from[k &* depthStride]
          k &+= 1
        }
        i &+= 1
      }
      while i < width {
        var k = 0
        while k < depth {
          panels[k &* width &+ i] = 0
          k &+= 1
        }
        i &+= 1
      }
      panels += width &* depth
    }
    first &+= width
  }
}

public func packPanelsFloat(
  _ source: UnsafePointer<Float>, rowStride: Int, depthStride: Int, count: Int, depth: Int, width: Int,
  into panels: UnsafeMutablePointer<Float>
) {
  packPanels(
    source, rowStride: rowStride, depthStride: depthStride, count: count, depth: depth, width: width, into: panels)
}

public func packPanelsDouble(
  _ source: UnsafePointer<Double>, rowStride: Int, depthStride: Int, count: Int, depth: Int, width: Int,
  into panels: UnsafeMutablePointer<Double>
) {
  packPanels(
    source, rowStride: rowStride, depthStride: depthStride, count: count, depth: depth, width: width, into: panels)
}

/// Two rounds of a perfect shuffle on four rows a quarter of the square apart: its rows 4i ... 4i + 3.
@_alwaysEmitIntoClient @_transparent
func shuffleTwice<A: FloatArithmetic>(
  _: A.Type, _ a: A.Vector, _ b: A.Vector, _ c: A.Vector, _ d: A.Vector
) -> (A.Vector, A.Vector, A.Vector, A.Vector) {
  let (evenLow, evenHigh) = A.interleave(a, c)
  let (oddLow, oddHigh) = A.interleave(b, d)
  let (first, second) = A.interleave(evenLow, oddLow)
  let (third, fourth) = A.interleave(evenHigh, oddHigh)
  return (first, second, third, fourth)
}

/// Up to `lanes` rows of `depth` elements to `depth` rows of them, a square of lanes × lanes at a time.
///
/// Interleaving row i with row i + lanes/2 for every i, log₂ lanes times, transposes a square; two rounds at a time stay in
/// registers.
///
/// - Parameters:
///   - written: elements written to each row of the result; those past `rows` are zero.
///   - scratch: `lanes` vectors.
@_alwaysEmitIntoClient @_transparent
func transposeRows<A: FloatArithmetic>(
  _: A.Type, _ source: UnsafePointer<Float>, rowStride: Int, rows: Int, depth: Int,
  scratch: UnsafeMutablePointer<Float>, to target: UnsafeMutablePointer<Float>, targetStride: Int, written: Int
) {
  typealias V = A.Vector
  let lanes = A.lanes
  let quarter = lanes / 4
  var k = 0
  while k < depth {
    let rest = depth &- k
    var i = 0
    while i < quarter {
      let line = source + (i &* rowStride &+ k)
      let step = quarter &* rowStride
      let (a, b, c, d) = shuffleTwice(
        A.self, i < rows ? load(A.self, line, upTo: rest, fill: 0) : V.zero,
        i &+ quarter < rows ? load(A.self, line + step, upTo: rest, fill: 0) : V.zero,
        i &+ 2 &* quarter < rows ? load(A.self, line + 2 &* step, upTo: rest, fill: 0) : V.zero,
        i &+ 3 &* quarter < rows ? load(A.self, line + 3 &* step, upTo: rest, fill: 0) : V.zero)
      let shuffled = scratch + 4 &* i &* lanes
      store(a, to: shuffled)
      store(b, to: shuffled + lanes)
      store(c, to: shuffled + 2 &* lanes)
      store(d, to: shuffled + 3 &* lanes)
      i &+= 1
    }
    let end = min(lanes, rest)
    if lanes == 4 {
      i = 0
      while i < end {
        store(A.self, load(scratch + i &* lanes, as: V.self), upTo: written, to: target + (k &+ i) &* targetStride)
        i &+= 1
      }
    } else if lanes == 8 {
      i = 0
      while i < 4 {
        let (low, high) = A.interleave(
          load(scratch + i &* lanes, as: V.self), load(scratch + (i &+ 4) &* lanes, as: V.self))
        let line = target + (k &+ 2 &* i) &* targetStride
        if 2 &* i < end { store(A.self, low, upTo: written, to: line) }
        if 2 &* i &+ 1 < end { store(A.self, high, upTo: written, to: line + targetStride) }
        i &+= 1
      }
    } else {
      i = 0
      while i < quarter {
        let from = scratch + i &* lanes
        let step = quarter &* lanes
        let (a, b, c, d) = shuffleTwice(
          A.self, load(from, as: V.self), load(from + step, as: V.self), load(from + 2 &* step, as: V.self),
          load(from + 3 &* step, as: V.self))
        let line = target + (k &+ 4 &* i) &* targetStride
        if 4 &* i < end { store(A.self, a, upTo: written, to: line) }
        if 4 &* i &+ 1 < end { store(A.self, b, upTo: written, to: line + targetStride) }
        if 4 &* i &+ 2 < end { store(A.self, c, upTo: written, to: line + 2 &* targetStride) }
        if 4 &* i &+ 3 < end { store(A.self, d, upTo: written, to: line + 3 &* targetStride) }
        i &+= 1
      }
    }
    k &+= lanes
  }
}

/// `packPanels` for rows whose elements lie side by side (a depth stride of 1) and panels of two vectors.
///
/// - Parameter scratch: `lanes` vectors.
@_alwaysEmitIntoClient @inline(__always)
public func transposePanels<A: FloatArithmetic>(
  _: A.Type, _ source: UnsafePointer<Float>, rowStride: Int, count: Int, depth: Int,
  scratch: UnsafeMutablePointer<Float>, into panels: UnsafeMutablePointer<Float>
) {
  let width = 2 &* A.lanes
  var first = 0
  while first < count {
    let panel = panels + first &* depth
    let rows = min(width, count &- first)
    let line = source + first &* rowStride
    transposeRows(
      A.self, line, rowStride: rowStride, rows: min(rows, A.lanes), depth: depth, scratch: scratch, to: panel,
      targetStride: width, written: A.lanes)
    transposeRows(
      A.self, line + A.lanes &* rowStride, rowStride: rowStride, rows: max(0, rows &- A.lanes), depth: depth,
      scratch: scratch, to: panel + A.lanes, targetStride: width, written: A.lanes)
    first &+= width
  }
}

/// The transpose of a matrix [count, depth], rows `rowStride` apart, to [depth, count].
///
/// - Parameter scratch: `lanes` vectors.
@_alwaysEmitIntoClient @inline(__always)
public func transposeMatrix<A: FloatArithmetic>(
  _: A.Type, _ source: UnsafePointer<Float>, rowStride: Int, count: Int, depth: Int,
  scratch: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<Float>
) {
  var first = 0
  while first < count {
    let rows = min(A.lanes, count &- first)
    transposeRows(
      A.self, source + first &* rowStride, rowStride: rowStride, rows: rows, depth: depth, scratch: scratch,
      to: target + first, targetStride: count, written: rows)
    first &+= A.lanes
  }
}
