// SPDX-License-Identifier: Apache-2.0

extension KernelSet where Tile: GEMMTile {
  @_alwaysEmitIntoClient @inline(__always)
  public static var tileRows: Int { Tile.rows }
}

extension KernelSet where F: FloatArithmetic {
  @_alwaysEmitIntoClient @inline(__always)
  public static var floatLanes: Int { F.lanes }
}

extension KernelSet where D: DoubleArithmetic {
  @_alwaysEmitIntoClient @inline(__always)
  public static var doubleLanes: Int { D.lanes }
}

extension KernelSet where F: FloatArithmetic, Tile: GEMMTile {
  @_alwaysEmitIntoClient @inline(__always)
  public static func gemmTileFloat(
    depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
    cStride: Int, accumulate: Bool
  ) {
    Tile.multiply(F.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate)
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func gemmHalfTileFloat(
    depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
    cStride: Int, accumulate: Bool
  ) {
    Tile.multiplyHalf(
      F.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate)
  }
}

extension KernelSet where D: DoubleArithmetic, Tile: GEMMTile {
  @_alwaysEmitIntoClient @inline(__always)
  public static func gemmTileDouble(
    depth: Int, a: UnsafePointer<Double>, aStride: Int, b: UnsafePointer<Double>, c: UnsafeMutablePointer<Double>,
    cStride: Int, accumulate: Bool
  ) {
    Tile.multiply(D.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate)
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func gemmHalfTileDouble(
    depth: Int, a: UnsafePointer<Double>, aStride: Int, b: UnsafePointer<Double>, c: UnsafeMutablePointer<Double>,
    cStride: Int, accumulate: Bool
  ) {
    Tile.multiplyHalf(
      D.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate)
  }
}

/// The register tile of a matrix product: its height, and the loops that compute it. It is two vectors wide.
public protocol GEMMTile {
  /// The number of rows.
  static var rows: Int { get }
  /// C ← A·B (+ C) for a whole tile; see `gemmTile14x2`.
  static func multiply<A: VectorArithmetic>(
    _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, aStride: Int, b: UnsafePointer<A.Vector.Scalar>,
    c: UnsafeMutablePointer<A.Vector.Scalar>, cStride: Int, accumulate: Bool)
  /// C ← A·B (+ C) for the first half of the rows.
  static func multiplyHalf<A: VectorArithmetic>(
    _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, aStride: Int, b: UnsafePointer<A.Vector.Scalar>,
    c: UnsafeMutablePointer<A.Vector.Scalar>, cStride: Int, accumulate: Bool)
  /// C ← A·B (+ C) for a whole tile of quantized operands; see `integerTile14x2`.
  static func multiplyIntegers<A: FloatArithmetic>(
    _: A.Type, depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>,
    c: UnsafeMutablePointer<Float>, cStride: Int, accumulate: Bool, addPairs: PairProducts<A>)
}

/// 14 rows, for 32 vector registers.
public enum TallTile: GEMMTile {
  @_alwaysEmitIntoClient @_transparent
  public static var rows: Int { 14 }
  @_alwaysEmitIntoClient @_transparent
  public static func multiply<A: VectorArithmetic>(
    _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, aStride: Int, b: UnsafePointer<A.Vector.Scalar>,
    c: UnsafeMutablePointer<A.Vector.Scalar>, cStride: Int, accumulate: Bool
  ) {
    gemmTile14x2(A.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate)
  }
  @_alwaysEmitIntoClient @_transparent
  public static func multiplyHalf<A: VectorArithmetic>(
    _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, aStride: Int, b: UnsafePointer<A.Vector.Scalar>,
    c: UnsafeMutablePointer<A.Vector.Scalar>, cStride: Int, accumulate: Bool
  ) {
    gemmTile7x2(A.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate)
  }
  @_alwaysEmitIntoClient @_transparent
  public static func multiplyIntegers<A: FloatArithmetic>(
    _: A.Type, depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>,
    c: UnsafeMutablePointer<Float>, cStride: Int, accumulate: Bool, addPairs: PairProducts<A>
  ) {
    integerTile14x2(
      A.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate,
      addPairs: addPairs)
  }
}

/// 6 rows, for 16 vector registers.
public enum ShortTile: GEMMTile {
  @_alwaysEmitIntoClient @_transparent
  public static var rows: Int { 6 }
  @_alwaysEmitIntoClient @_transparent
  public static func multiply<A: VectorArithmetic>(
    _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, aStride: Int, b: UnsafePointer<A.Vector.Scalar>,
    c: UnsafeMutablePointer<A.Vector.Scalar>, cStride: Int, accumulate: Bool
  ) {
    gemmTile6x2(A.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate)
  }
  @_alwaysEmitIntoClient @_transparent
  public static func multiplyHalf<A: VectorArithmetic>(
    _: A.Type, depth: Int, a: UnsafePointer<A.Vector.Scalar>, aStride: Int, b: UnsafePointer<A.Vector.Scalar>,
    c: UnsafeMutablePointer<A.Vector.Scalar>, cStride: Int, accumulate: Bool
  ) {
    gemmTile3x2(A.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate)
  }
  @_alwaysEmitIntoClient @_transparent
  public static func multiplyIntegers<A: FloatArithmetic>(
    _: A.Type, depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>,
    c: UnsafeMutablePointer<Float>, cStride: Int, accumulate: Bool, addPairs: PairProducts<A>
  ) {
    integerTile6x2(
      A.self, depth: depth, a: a, aStride: aStride, b: b, c: c, cStride: cStride, accumulate: accumulate,
      addPairs: addPairs)
  }
}
