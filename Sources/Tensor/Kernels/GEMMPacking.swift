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

/// Up to `lanes` rows of `depth` elements to `depth` rows of them, a square of lanes × lanes at a time.
///
/// Interleaving row i with row i + lanes/2 for every i, log₂ lanes times, transposes a square.
///
/// - Parameters:
///   - written: elements written to each row of the result; those past `rows` are zero.
///   - scratch: 2·lanes vectors.
@_alwaysEmitIntoClient @inline(__always)
func transposeRows<A: FloatArithmetic>(
  _: A.Type, _ source: UnsafePointer<Float>, rowStride: Int, rows: Int, depth: Int,
  scratch: UnsafeMutablePointer<Float>, to target: UnsafeMutablePointer<Float>, targetStride: Int, written: Int
) {
  typealias V = A.Vector
  let lanes = A.lanes
  let half = lanes &* (lanes / 2)
  var k = 0
  while k < depth {
    let rest = depth &- k
    var (from, to) = (scratch, scratch + lanes &* lanes)
    var i = 0
    while i < lanes {
      let line = source + (i &* rowStride &+ k)
      store(i < rows ? load(A.self, line, upTo: rest, fill: 0) : V.zero, to: from + i &* lanes)
      i &+= 1
    }
    var distance = 1
    while distance < lanes {
      i = 0
      while i < half {
        let (low, high) = A.interleave(load(from + i, as: V.self), load(from + (i &+ half), as: V.self))
        store(low, to: to + 2 &* i)
        store(high, to: to + (2 &* i &+ lanes))
        i &+= lanes
      }
      (from, to) = (to, from)
      distance &*= 2
    }
    i = 0
    while i < min(lanes, rest) {
      store(A.self, load(from + i &* lanes, as: V.self), upTo: written, to: target + (k &+ i) &* targetStride)
      i &+= 1
    }
    k &+= lanes
  }
}

/// `packPanels` for rows whose elements lie side by side (a depth stride of 1) and panels of two vectors.
///
/// - Parameter scratch: 2·lanes vectors.
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
/// - Parameter scratch: 2·lanes vectors.
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
