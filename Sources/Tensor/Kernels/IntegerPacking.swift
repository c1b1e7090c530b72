// SPDX-License-Identifier: Apache-2.0

// Single-precision operands to groups of 16-bit integers with a scale; see `IntegerMicroKernel.swift` for how they lie.

/// What the elements of a group are multiplied by before they are rounded, and what gives them back.
///
/// The largest magnitude stays within 16 bits, and the Euclidean norm below √2³¹, rounding included: by Cauchy and Schwarz every sum
/// of products of two groups then fits 32 bits.
///
/// - Parameters:
///   - peak: the largest magnitude of a group.
///   - squares: the sum of its squares.
/// - Returns: 0 and 0 for a group of zeros, or of numbers whose squares vanish; a NaN to give back where a number is not
///   finite, or where the squares' sum is not.
@_alwaysEmitIntoClient @_transparent
func integerScale(peak: Float, squares: Float) -> (scale: Float, inverse: Float) {
  if !(squares < Float.infinity) { return (0, Float.nan) }
  if squares < Float.leastNormalMagnitude { return (0, 0) }
  let byNorm = 46_300 / squareRoot(squares)
  let byPeak = 32_766 / peak
  let scale = byPeak < byNorm ? byPeak : byNorm
  return (scale, 1 / scale)
}

/// x·scale rounded to a whole number, in the low 16 bits: adding 1.5·2²³ leaves it at the end of the mantissa.
@_alwaysEmitIntoClient @_transparent
func quantized<A: FloatArithmetic>(_: A.Type, _ x: A.Vector, _ scale: A.Vector) -> A.Vector.MaskStorage {
  bits(A.multiplyAdd(x, scale, A.Vector(repeating: 12_582_912)))
}

extension KernelSet where F: FloatArithmetic {
  @_alwaysEmitIntoClient @inline(__always)
  public static func quantizeRows(
    _ source: UnsafePointer<Float>, rowStride: Int, count: Int, depth: Int,
    scratch: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<Float>, targetStride: Int
  ) {
    typealias V = F.Vector
    let lanes = F.lanes
    let lanewise = scratch + integerGroup
    var row = 0
    while row < count {
      let line = source + row &* rowStride
      var group = target + row &* targetStride
      var first = 0
      while first < depth {
        let rest = depth &- first
        var peak = V.zero
        var squares = V.zero
        var j = 0
        while j < integerGroup {
          let x = j < rest ? load(F.self, line + (first &+ j), upTo: rest &- j, fill: 0) : V.zero
          store(x, to: scratch + j)
          peak = F.maximum(magnitude(F.self, x), peak)
          squares = F.multiplyAdd(x, x, squares)
          j &+= lanes
        }
        // Lane by lane through memory: with halves of vectors LLVM cuts the loop above into pieces.
        store(peak, to: lanewise)
        store(squares, to: lanewise + lanes)
        var (largest, sum) = (lanewise[0], lanewise[lanes])
        j = 1
        while j < lanes {
          if lanewise[j] > largest { largest = lanewise[j] }
          sum += lanewise[lanes &+ j]
          j &+= 1
        }
        let (scale, inverse) = integerScale(peak: largest, squares: sum)
        let factor = V(repeating: scale)
        j = 0
        while j < integerGroup {
          let words = quantized(F.self, load(scratch + j, as: V.self), factor)
          UnsafeMutableRawPointer(scratch + j).storeBytes(of: words, as: V.MaskStorage.self)
          j &+= lanes
        }
        // The low halves side by side are the pairs.
        let halves = UnsafeMutableRawPointer(group)
        j = 0
        while j < integerGroup {
          halves.storeBytes(
            of: UInt16(truncatingIfNeeded: scratch[j].bitPattern), toByteOffset: 2 &* j, as: UInt16.self)
          j &+= 1
        }
        group[integerGroup / 2] = inverse
        group += integerGroup / 2 &+ 1
        first &+= integerGroup
      }
      row &+= 1
    }
  }

  @_alwaysEmitIntoClient @inline(__always)
  public static func quantizePanel(
    _ source: UnsafePointer<Float>, depth: Int, scratch: UnsafeMutablePointer<Float>,
    into target: UnsafeMutablePointer<Float>
  ) {
    typealias V = F.Vector
    let lanes = F.lanes
    let width = 2 &* lanes
    var group = target
    var first = 0
    while first < depth {
      let rows = source + first &* width
      let present = depth &- first < integerGroup ? depth &- first : integerGroup
      var column = 0
      while column < width {
        var peak = V.zero
        var squares = V.zero
        var i = 0
        while i < present {
          let x = load(rows + (i &* width &+ column), as: V.self)
          peak = F.maximum(magnitude(F.self, x), peak)
          squares = F.multiplyAdd(x, x, squares)
          i &+= 1
        }
        store(peak, to: scratch + column)
        store(squares, to: scratch + (width &+ column))
        column &+= lanes
      }
      let inverses = group + integerGroup / 2 &* width
      column = 0
      while column < width {
        let (scale, inverse) = integerScale(peak: scratch[column], squares: scratch[width &+ column])
        scratch[column] = scale
        inverses[column] = inverse
        column &+= 1
      }
      column = 0
      while column < width {
        let factor = load(scratch + column, as: V.self)
        let (mask, shift) = (V.MaskStorage(repeating: 0xffff), V.MaskStorage(repeating: 16))
        var i = 0
        while i < integerGroup {
          let low = i < present ? load(rows + (i &* width &+ column), as: V.self) : V.zero
          let high = i &+ 1 < present ? load(rows + ((i &+ 1) &* width &+ column), as: V.self) : V.zero
          let lowWords = quantized(F.self, low, factor) & mask
          let words = lowWords | (quantized(F.self, high, factor) &<< shift)
          UnsafeMutableRawPointer(group + (i / 2 &* width &+ column)).storeBytes(of: words, as: V.MaskStorage.self)
          i &+= 2
        }
        column &+= lanes
      }
      group += (integerGroup / 2 &+ 1) &* width
      first &+= integerGroup
    }
  }
}
