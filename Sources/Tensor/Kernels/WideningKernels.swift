// SPDX-License-Identifier: Apache-2.0

// Plain loops over integers: the compiler vectorizes them with the instructions of the target they are emitted into.

extension KernelSet {
  /// Shifted into a Float's fields, a half reads 2¹¹² too small; infinities and NaNs then need the exponent filled up.
  @_alwaysEmitIntoClient @inline(__always)
  public static func halfToFloat(
    _ x: UnsafePointer<UInt16>, _ y: UnsafeMutablePointer<Float>, count: Int
  ) {
    var i = 0
    while i < count {
      let bits = UInt32(x[i])
      let magnitude = (bits & 0x7fff) &<< 13
      let finite = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
      let special = magnitude | 0x7f80_0000
      y[i] = Float(bitPattern: (magnitude >= 0x0f80_0000 ? special : finite) | ((bits & 0x8000) &<< 16))
      i &+= 1
    }
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func brainFloatToFloat(
    _ x: UnsafePointer<UInt16>, _ y: UnsafeMutablePointer<Float>, count: Int
  ) {
    var i = 0
    while i < count {
      y[i] = Float(bitPattern: UInt32(x[i]) &<< 16)
      i &+= 1
    }
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func moments(
    _ x: UnsafePointer<Float>, sums: UnsafeMutablePointer<Double>, squares: UnsafeMutablePointer<Double>, count: Int
  ) {
    var i = 0
    while i < count {
      let value = Double(x[i])
      sums[i] += value
      squares[i] += value * value
      i &+= 1
    }
  }
}
