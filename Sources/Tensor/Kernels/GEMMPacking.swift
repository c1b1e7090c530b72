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
