// SPDX-License-Identifier: Apache-2.0

// The transforms of `WinogradTile` along both axes of a tile, channels in vectors. A plane holds one of the n·n products'
// operands; planes are `planeStride` elements apart.

/// A tile of Winograd's filtering. A new one is a case, a line of `tile`, and a case of the three transforms below.
public enum WinogradTiling: CaseIterable, Sendable {
  /// F(4×4, 3×3).
  case f4x4
  /// F(6×6, 3×3).
  case f6x6
  /// F(4×4, 3×3) for windows two pixels apart.
  case f4x4Stride2

  private var tile: any WinogradTile.Type {
    switch self {
    case .f4x4: WinogradTile4.self
    case .f6x6: WinogradTile6.self
    case .f4x4Stride2: WinogradTile4Stride2.self
    }
  }

  /// m: the outputs of a tile along an axis.
  public var outputs: Int { tile.outputs }
  /// The distance of the windows.
  public var stride: Int { tile.stride }
  /// n: the inputs of a tile along an axis, and its products.
  public var inputs: Int { tile.inputs }
  /// n·n: the products, each of a plane of inputs with a plane of filters.
  public var planes: Int { inputs * inputs }
  /// The finite points at which the polynomials are evaluated; see `WinogradTile`.
  public var points: [Double] { tile.points }

  /// Returns the number of inputs that some neighboring outputs depend on.
  public func covered(_ outputs: Int) -> Int { (outputs - 1) * stride + 3 }
}

extension KernelSet where F: FloatArithmetic {
  @_alwaysEmitIntoClient @inline(__always)
  public static func winogradInput(
    _ tiling: WinogradTiling, _ d: UnsafePointer<Float>, rowStride: Int, pixelStride: Int, channels: Int,
    scratch: UnsafeMutablePointer<Float>, to v: UnsafeMutablePointer<Float>, planeStride: Int
  ) {
    switch tiling {
    case .f4x4:
      transformInputTile(
        WinogradTile4.self, F.self, d, rowStride: rowStride, pixelStride: pixelStride, channels: channels,
        scratch: scratch, to: v, planeStride: planeStride)
    case .f6x6:
      transformInputTile(
        WinogradTile6.self, F.self, d, rowStride: rowStride, pixelStride: pixelStride, channels: channels,
        scratch: scratch, to: v, planeStride: planeStride)
    case .f4x4Stride2:
      transformInputTile(
        WinogradTile4Stride2.self, F.self, d, rowStride: rowStride, pixelStride: pixelStride, channels: channels,
        scratch: scratch, to: v, planeStride: planeStride)
    }
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func winogradFilter(
    _ tiling: WinogradTiling, _ g: UnsafePointer<Float>, outputs: Int, scratch: UnsafeMutablePointer<Float>,
    to u: UnsafeMutablePointer<Float>, planeStride: Int
  ) {
    switch tiling {
    case .f4x4:
      transformFilters(
        WinogradTile4.self, F.self, g, outputs: outputs, scratch: scratch, to: u, planeStride: planeStride)
    case .f6x6:
      transformFilters(
        WinogradTile6.self, F.self, g, outputs: outputs, scratch: scratch, to: u, planeStride: planeStride)
    case .f4x4Stride2:
      transformFilters(
        WinogradTile4Stride2.self, F.self, g, outputs: outputs, scratch: scratch, to: u, planeStride: planeStride)
    }
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func winogradOutput(
    _ tiling: WinogradTiling, _ m: UnsafePointer<Float>, planeStride: Int, channels: Int,
    scratch: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?,
    to y: UnsafeMutablePointer<Float>, rowStride: Int, pixelStride: Int, rows: Int, columns: Int
  ) {
    switch tiling {
    case .f4x4:
      transformOutputTile(
        WinogradTile4.self, F.self, m, planeStride: planeStride, channels: channels, scratch: scratch, bias: bias,
        addend: addend, to: y, rowStride: rowStride, pixelStride: pixelStride, rows: rows, columns: columns)
    case .f6x6:
      transformOutputTile(
        WinogradTile6.self, F.self, m, planeStride: planeStride, channels: channels, scratch: scratch, bias: bias,
        addend: addend, to: y, rowStride: rowStride, pixelStride: pixelStride, rows: rows, columns: columns)
    case .f4x4Stride2:
      transformOutputTile(
        WinogradTile4Stride2.self, F.self, m, planeStride: planeStride, channels: channels, scratch: scratch,
        bias: bias,
        addend: addend, to: y, rowStride: rowStride, pixelStride: pixelStride, rows: rows, columns: columns)
    }
  }
}

/// Bᵀ d B for the n×n inputs of one tile; see `KernelSet.winogradInput`.
@_alwaysEmitIntoClient @inline(__always)
func transformInputTile<T: WinogradTile, A: FloatArithmetic>(
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

/// G g Gᵀ for one input channel; see `KernelSet.winogradFilter`.
@_alwaysEmitIntoClient @inline(__always)
func transformFilters<T: WinogradTile, A: FloatArithmetic>(
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

/// Aᵀ m A for the m×m outputs of one tile; see `KernelSet.winogradOutput`.
@_alwaysEmitIntoClient @inline(__always)
func transformOutputTile<T: WinogradTile, A: FloatArithmetic>(
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
