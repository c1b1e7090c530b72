// SPDX-License-Identifier: Apache-2.0

extension Reference {
  /// A binary format of 16 bits (IEEE 754-2019, §3.4; bfloat16 has the exponent of Float).
  package struct HalfFormat: Sendable {
    package let exponentBits: Int
    package let fractionBits: Int
    package static let half = HalfFormat(exponentBits: 5, fractionBits: 10)
    package static let brainFloat = HalfFormat(exponentBits: 8, fractionBits: 7)

    var bias: Int { (1 << (exponentBits - 1)) - 1 }
    var largestExponent: Int { (1 << exponentBits) - 1 }
  }

  /// The number that 16 bits stand for.
  package static func widened(_ bits: UInt16, _ format: HalfFormat) -> Double {
    let fraction = Int(bits) & ((1 << format.fractionBits) - 1)
    let exponent = (Int(bits) >> format.fractionBits) & format.largestExponent
    let sign: FloatingPointSign = bits >> 15 == 0 ? .plus : .minus
    if exponent == format.largestExponent {
      if fraction > 0 { return .nan }
      return sign == .plus ? .infinity : -.infinity
    }
    let significand = Double(fraction + (exponent == 0 ? 0 : 1 << format.fractionBits))
    let scale = max(exponent, 1) - format.bias - format.fractionBits
    return Double(sign: sign, exponent: scale, significand: significand)
  }

  /// The bits of the nearest number of a format, ties to even, overflow to infinity. The value is not NaN.
  package static func narrowed(_ value: Double, _ format: HalfFormat) -> UInt16 {
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    let infinity = UInt16(format.largestExponent << format.fractionBits)
    guard value.isFinite else { return sign | infinity }
    let smallest = 1 - format.bias
    let exponent = value == 0 ? smallest : max(Int(value.exponent), smallest)
    let step = Double(sign: .plus, exponent: exponent - format.fractionBits, significand: 1)
    // Steps above the binade's first subnormal multiple; a carry moves into the exponent field by itself.
    let steps = Int((value.magnitude / step).rounded(.toNearestOrEven))
    return sign | UInt16(min(((exponent - smallest) << format.fractionBits) + steps, Int(infinity)))
  }
}
