// SPDX-License-Identifier: Apache-2.0

// IEEE binary16 and bfloat16 as bit patterns: Swift's Float16 does not exist on every platform.

/// Single precision from the bits of half precision; exact.
package func widenHalf(
  _ bits: Span<UInt16>, into output: inout MutableSpan<Float>, using kernels: KernelTable = .current
) {
  widen(bits, into: &output) { kernels.set.halfToFloat($0, $1, count: $2) }
}

/// Single precision from the bits of bfloat16; exact.
package func widenBrainFloat(
  _ bits: Span<UInt16>, into output: inout MutableSpan<Float>, using kernels: KernelTable = .current
) {
  widen(bits, into: &output) { kernels.set.brainFloatToFloat($0, $1, count: $2) }
}

private func widen(
  _ bits: Span<UInt16>, into output: inout MutableSpan<Float>,
  _ kernel: (UnsafePointer<UInt16>, UnsafeMutablePointer<Float>, Int) -> Void
) {
  precondition(bits.count == output.count, "\(bits.count) halves into \(output.count) floats")
  bits.withUnsafeBufferPointer { bits in
    output.withUnsafeMutableBufferPointer { output in
      guard let source = bits.baseAddress, let target = output.baseAddress else { return }
      kernel(source, target, bits.count)
    }
  }
}

/// The half-precision bits nearest to a number, ties to even; overflow becomes infinity, NaN stays quiet.
package func halfBits(of value: Float) -> UInt16 {
  let bits = value.bitPattern
  let sign = UInt16(truncatingIfNeeded: (bits >> 16) & 0x8000)
  let magnitude = bits & 0x7fff_ffff
  if magnitude > 0x7f80_0000 { return sign | 0x7e00 }
  if magnitude >= 0x4780_0000 { return sign | 0x7c00 }
  if magnitude < 0x3880_0000 {
    // Below 2⁻¹⁴ a half is a multiple of 2⁻²⁴, so this sum rounds at the right place: ulp(½) = 2⁻²⁴.
    return sign | UInt16(truncatingIfNeeded: (Float(bitPattern: magnitude) + 0.5).bitPattern &- 0x3f00_0000)
  }
  let rebased = magnitude - 0x3800_0000
  let rounded = rebased + 0xfff + ((rebased >> 13) & 1)
  return sign | UInt16(truncatingIfNeeded: rounded >> 13)
}

/// The bfloat16 bits nearest to a number, ties to even; NaN stays quiet.
package func brainFloatBits(of value: Float) -> UInt16 {
  let bits = value.bitPattern
  if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
  return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ ((bits >> 16) & 1)) >> 16)
}

/// One half-precision number; exact.
func widenHalfScalar(_ bits: UInt16) -> Double {
  let magnitude = Int(bits & 0x7fff)
  let (exponent, fraction) = (magnitude >> 10, magnitude & 0x3ff)
  let value: Double =
    switch exponent {
    case 0: Double(fraction) * 0x1p-24
    case 31: fraction == 0 ? .infinity : .nan
    default: Double(sign: .plus, exponent: exponent - 15, significand: 1 + Double(fraction) * 0x1p-10)
    }
  return bits & 0x8000 == 0 ? value : -value
}
