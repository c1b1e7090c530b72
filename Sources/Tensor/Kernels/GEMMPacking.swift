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

/// Rows to columns: element (k, i) of the result is element k of row i.
///
/// Four elements of each row at a time: a vector holds those of every fourth row, so that four vectors are, group of four
/// lanes by group, squares of 4 × 4, and their transposes whole vectors of the result.
///
/// - Parameter written: elements written to each row of the result, at most `lanes`; those past `rows` are zero.
@_alwaysEmitIntoClient @_transparent
func transposeRows<A: FloatArithmetic>(
  _: A.Type, _ source: UnsafePointer<Float>, rowStride: Int, rows: Int, depth: Int,
  to target: UnsafeMutablePointer<Float>, targetStride: Int, written: Int
) {
  var k = 0
  if rows >= A.lanes {
    while k &+ 4 <= depth {
      let line = source + k
      let (a, b, c, d) = transposeQuads(
        A.self, A.gatherQuads(line, 4 &* rowStride), A.gatherQuads(line + rowStride, 4 &* rowStride),
        A.gatherQuads(line + 2 &* rowStride, 4 &* rowStride), A.gatherQuads(line + 3 &* rowStride, 4 &* rowStride))
      let lines = target + k &* targetStride
      store(a, to: lines)
      store(b, to: lines + targetStride)
      store(c, to: lines + 2 &* targetStride)
      store(d, to: lines + 3 &* targetStride)
      k &+= 4
    }
  }
  let first = k
  var i = 0
  while i < written {
    k = first
    while k < depth {
      target[k &* targetStride &+ i] = i < rows ? source[i &* rowStride &+ k] : 0
      k &+= 1
    }
    i &+= 1
  }
}

/// The transposes of the squares that groups of four lanes of four vectors make.
@_alwaysEmitIntoClient @_transparent
func transposeQuads<A: FloatArithmetic>(
  _: A.Type, _ a: A.Vector, _ b: A.Vector, _ c: A.Vector, _ d: A.Vector
) -> (A.Vector, A.Vector, A.Vector, A.Vector) {
  let (evenLow, evenHigh) = A.interleaveQuads(a, c)
  let (oddLow, oddHigh) = A.interleaveQuads(b, d)
  let (first, second) = A.interleaveQuads(evenLow, oddLow)
  let (third, fourth) = A.interleaveQuads(evenHigh, oddHigh)
  return (first, second, third, fourth)
}

extension KernelSet where F: FloatArithmetic {
  @_alwaysEmitIntoClient @inline(__always)
  public static func transposePanels(
    _ source: UnsafePointer<Float>, rowStride: Int, count: Int, depth: Int,
    into panels: UnsafeMutablePointer<Float>
  ) {
    let width = 2 &* F.lanes
    var first = 0
    while first < count {
      // Both halves of a panel, one after the other.
      var half = 0
      while half < width {
        let rows = count &- first &- half
        transposeRows(
          F.self, source + (first &+ half) &* rowStride, rowStride: rowStride, rows: rows, depth: depth,
          to: panels + first &* depth + half, targetStride: width, written: F.lanes)
        half &+= F.lanes
      }
      first &+= width
    }
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func transposeMatrix(
    _ source: UnsafePointer<Float>, rowStride: Int, count: Int, depth: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    var first = 0
    while first < count {
      let rows = min(F.lanes, count &- first)
      transposeRows(
        F.self, source + first &* rowStride, rowStride: rowStride, rows: rows, depth: depth, to: target + first,
        targetStride: count, written: rows)
      first &+= F.lanes
    }
  }
}
