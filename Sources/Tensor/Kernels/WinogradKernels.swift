// SPDX-License-Identifier: Apache-2.0

// The transforms of `WinogradTile` along both axes of a tile, channels in vectors. A plane holds one of the n·n products'
// operands; planes are `planeStride` elements apart.

/// Bᵀ d B for the n×n inputs of one tile.
///
/// - Parameters:
///   - d: the tile's first pixel; pixels `pixelStride` elements apart, rows of pixels `rowStride`.
///   - channels: a multiple of the lanes.
///   - scratch: n·n vectors.
///   - v: this tile's row in the first plane.
@_alwaysEmitIntoClient @inline(__always)
public func winogradInput<T: WinogradTile, A: FloatArithmetic>(
  _: T.Type, _: A.Type, _ d: UnsafePointer<Float>, rowStride: Int, pixelStride: Int, channels: Int,
  scratch: UnsafeMutablePointer<Float>, to v: UnsafeMutablePointer<Float>, planeStride: Int
) {
  let (n, lanes) = (T.inputs, A.lanes)
  var channel = 0
  while channel < channels {
    var i = 0
    while i < n {
      T.transformInput(
        A.self, d + channel + i &* pixelStride, stride: rowStride, to: scratch + i &* lanes, stride: n &* lanes)
      i &+= 1
    }
    i = 0
    while i < n {
      T.transformInput(
        A.self, scratch + i &* n &* lanes, stride: lanes, to: v + channel + i &* n &* planeStride, stride: planeStride)
      i &+= 1
    }
    channel &+= lanes
  }
}

/// G g Gᵀ for one input channel.
///
/// - Shapes: `g` [3·3, outputs], `u` [outputs] in each plane; outputs a multiple of the lanes.
/// - Parameter scratch: 3·n vectors.
@_alwaysEmitIntoClient @inline(__always)
public func winogradFilter<T: WinogradTile, A: FloatArithmetic>(
  _: T.Type, _: A.Type, _ g: UnsafePointer<Float>, outputs: Int, scratch: UnsafeMutablePointer<Float>,
  to u: UnsafeMutablePointer<Float>, planeStride: Int
) {
  let (n, lanes) = (T.inputs, A.lanes)
  var output = 0
  while output < outputs {
    var i = 0
    while i < 3 {
      T.transformFilter(
        A.self, g + output + i &* outputs, stride: 3 &* outputs, to: scratch + i &* lanes, stride: 3 &* lanes)
      i &+= 1
    }
    i = 0
    while i < n {
      T.transformFilter(
        A.self, scratch + i &* 3 &* lanes, stride: lanes, to: u + output + i &* n &* planeStride, stride: planeStride)
      i &+= 1
    }
    output &+= lanes
  }
}

/// Aᵀ m A for the m×m outputs of one tile, with bias and addend, as far as they lie within the image.
///
/// - Shapes: `m` [channels] in each plane, readable up to a multiple of the lanes; `bias` [channels]; `addend` and `y`
///   as the image: pixels `pixelStride` elements apart, rows of pixels `rowStride`.
/// - Parameters:
///   - rows: rows of the tile that lie within the image; `columns` likewise.
///   - scratch: (n + 1)·m vectors.
@_alwaysEmitIntoClient @inline(__always)
public func winogradOutput<T: WinogradTile, A: FloatArithmetic>(
  _: T.Type, _: A.Type, _ m: UnsafePointer<Float>, planeStride: Int, channels: Int,
  scratch: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?,
  to y: UnsafeMutablePointer<Float>, rowStride: Int, pixelStride: Int, rows: Int, columns: Int
) {
  let (n, lanes) = (T.inputs, A.lanes)
  let line = scratch + T.outputs &* n &* lanes
  var channel = 0
  while channel < channels {
    let rest = channels &- channel
    var i = 0
    while i < n {
      T.transformOutput(
        A.self, m + channel + i &* planeStride, stride: n &* planeStride, to: scratch + i &* lanes, stride: n &* lanes)
      i &+= 1
    }
    var constant = A.Vector.zero
    if let bias { constant = load(A.self, bias + channel, upTo: rest, fill: 0) }
    var row = 0
    while row < rows {
      T.transformOutput(A.self, scratch + row &* n &* lanes, stride: lanes, to: line, stride: lanes)
      var offset = channel &+ row &* rowStride
      var column = 0
      while column < columns {
        var value = load(line + column &* lanes, as: A.Vector.self) + constant
        if let addend { value += load(A.self, addend + offset, upTo: rest, fill: 0) }
        store(A.self, value, upTo: rest, to: y + offset)
        offset &+= pixelStride
        column &+= 1
      }
      row &+= 1
    }
    channel &+= lanes
  }
}
