// SPDX-License-Identifier: Apache-2.0

// Pixel-adaptive refinement: how alike a pixel and its neighbors are, and the average of masks under these weights.
// Lanes are pixels side by side, so no sum runs over lanes, and one neighbor of a whole block is a run of memory.

/// Pixels of a row that are worked together, a whole number of vectors in each instruction set.
@_alwaysEmitIntoClient @_transparent
public var affinityBlock: Int { 64 }

/// Pixels whose weights lie side by side, neighbor after neighbor: what a sum reads is one run of memory.
@_alwaysEmitIntoClient @_transparent
public var affinityPanel: Int { 32 }

/// Where the weights of a block's pixel begin in [panels, taps, `affinityPanel`].
@_alwaysEmitIntoClient @_transparent
func panelOffset(_ pixel: Int, taps: Int) -> Int {
  pixel / affinityPanel &* affinityPanel &* taps &+ pixel % affinityPanel
}

extension KernelSet where F: FloatArithmetic {
  @_alwaysEmitIntoClient @inline(__always)
  public static func localAffinity(
    _ image: UnsafePointer<Float>, planeStride: Int, row: Int, offsets: UnsafePointer<Int>, taps: Int,
    epsilon: Float, to weights: UnsafeMutablePointer<Float>
  ) {
    typealias V = F.Vector
    let count = Float(taps &* 9 / 8)
    var pixel = 0
    while pixel < affinityBlock {
      let panel = weights + panelOffset(pixel, taps: taps)
      let (red, green, blue) = (image + pixel, image + pixel + planeStride, image + pixel + 2 &* planeStride)
      let r = load(red + row, as: V.self)
      let g = load(green + row, as: V.self)
      let b = load(blue + row, as: V.self)
      var (sumR, sumG, sumB) = (V.zero, V.zero, V.zero)
      var (squaresR, squaresG, squaresB) = (V.zero, V.zero, V.zero)
      var j = 0
      while j < taps {
        let offset = offsets[j]
        let (dr, dg) = (load(red + offset, as: V.self) - r, load(green + offset, as: V.self) - g)
        let db = load(blue + offset, as: V.self) - b
        sumR += dr
        sumG += dg
        sumB += db
        squaresR = F.multiplyAdd(dr, dr, squaresR)
        squaresG = F.multiplyAdd(dg, dg, squaresG)
        squaresB = F.multiplyAdd(db, db, squaresB)
        j &+= 1
      }
      let factorR = contrastFactor(F.self, sum: sumR, squares: squaresR, count: count, epsilon: epsilon)
      let factorG = contrastFactor(F.self, sum: sumG, squares: squaresG, count: count, epsilon: epsilon)
      let factorB = contrastFactor(F.self, sum: sumB, squares: squaresB, count: count, epsilon: epsilon)
      var peak = V(repeating: -.infinity)
      j = 0
      while j < taps {
        let offset = offsets[j]
        var logit = magnitude(F.self, load(red + offset, as: V.self) - r) * factorR
        logit = F.multiplyAdd(magnitude(F.self, load(green + offset, as: V.self) - g), factorG, logit)
        logit = F.multiplyAdd(magnitude(F.self, load(blue + offset, as: V.self) - b), factorB, logit)
        peak = F.maximum(logit, peak)
        store(logit, to: panel + j &* affinityPanel)
        j &+= 1
      }
      var sum = V.zero
      j = 0
      while j < taps {
        let place = panel + j &* affinityPanel
        let e = Kernels.exponential(F.self, load(place, as: V.self) - peak)
        store(e, to: place)
        sum += e
        j &+= 1
      }
      let factor = V(repeating: 1) / sum
      j = 0
      while j < taps {
        let place = panel + j &* affinityPanel
        store(load(place, as: V.self) * factor, to: place)
        j &+= 1
      }
      pixel &+= F.lanes
    }
  }
}

/// −⅓ / (ε + σ / 10), σ² = (Σd² − (Σd)² / n) / (n − 1).
@_alwaysEmitIntoClient @_transparent
func contrastFactor<A: FloatArithmetic>(
  _: A.Type, sum: A.Vector, squares: A.Vector, count: Float, epsilon: Float
) -> A.Vector {
  typealias V = A.Vector
  let centered = A.maximum(squares - sum * sum * V(repeating: 1 / count), V.zero)
  var deviation = centered * V(repeating: 1 / (count - 1))
  var lane = 0
  while lane < A.lanes {
    deviation[lane] = squareRoot(deviation[lane])
    lane &+= 1
  }
  return V(repeating: -1) / (V(repeating: 3) * A.multiplyAdd(deviation, V(repeating: 0.1), V(repeating: epsilon)))
}

extension KernelSet where F: FloatArithmetic {
  /// Weights are read once for four masks.
  @_alwaysEmitIntoClient @inline(__always)
  public static func averageNeighbors(
    weights: UnsafePointer<Float>, offsets: UnsafePointer<Int>, taps: Int,
    sources: UnsafePointer<UnsafePointer<Float>>, targets: UnsafePointer<UnsafeMutablePointer<Float>>, masks: Int,
    row: Int, floor: Float, peaks: UnsafeMutablePointer<Float>
  ) {
    var mask = 0
    while mask &+ 4 <= masks {
      averageFourMasks(
        F.self, weights: weights, offsets: offsets, taps: taps, sources: sources + mask, targets: targets + mask,
        row: row,
        floor: floor, peaks: peaks + mask &* F.lanes)
      mask &+= 4
    }
    while mask < masks {
      averageOneMask(
        F.self, weights: weights, offsets: offsets, taps: taps, source: sources[mask], target: targets[mask] + row,
        floor: floor, peaks: peaks + mask &* F.lanes)
      mask &+= 1
    }
  }
}

/// Two vectors of four masks: eight independent chains, which is what two multiply-adders of four cycles can take.
@_alwaysEmitIntoClient @_transparent
func averageFourMasks<A: FloatArithmetic>(
  _: A.Type, weights: UnsafePointer<Float>, offsets: UnsafePointer<Int>, taps: Int,
  sources: UnsafePointer<UnsafePointer<Float>>, targets: UnsafePointer<UnsafeMutablePointer<Float>>, row: Int,
  floor: Float, peaks: UnsafeMutablePointer<Float>
) {
  typealias V = A.Vector
  let lanes = A.lanes
  var pixel = 0
  while pixel < affinityBlock {
    let (a, b, c, d) = (sources[0] + pixel, sources[1] + pixel, sources[2] + pixel, sources[3] + pixel)
    var (a0, a1, b0, b1) = (V.zero, V.zero, V.zero, V.zero)
    var (c0, c1, d0, d1) = (V.zero, V.zero, V.zero, V.zero)
    var weight = weights + panelOffset(pixel, taps: taps)
    var j = 0
    while j < taps {
      let offset = offsets[j]
      let (w0, w1) = (load(weight, as: V.self), load(weight + lanes, as: V.self))
      a0 = A.multiplyAdd(w0, load(a + offset, as: V.self), a0)
      a1 = A.multiplyAdd(w1, load(a + offset + lanes, as: V.self), a1)
      b0 = A.multiplyAdd(w0, load(b + offset, as: V.self), b0)
      b1 = A.multiplyAdd(w1, load(b + offset + lanes, as: V.self), b1)
      c0 = A.multiplyAdd(w0, load(c + offset, as: V.self), c0)
      c1 = A.multiplyAdd(w1, load(c + offset + lanes, as: V.self), c1)
      d0 = A.multiplyAdd(w0, load(d + offset, as: V.self), d0)
      d1 = A.multiplyAdd(w1, load(d + offset + lanes, as: V.self), d1)
      weight += affinityPanel
      j &+= 1
    }
    let place = row &+ pixel
    storeAverage(A.self, a0, to: targets[0] + place, floor: floor, peaks: peaks)
    storeAverage(A.self, a1, to: targets[0] + place + lanes, floor: floor, peaks: peaks)
    storeAverage(A.self, b0, to: targets[1] + place, floor: floor, peaks: peaks + lanes)
    storeAverage(A.self, b1, to: targets[1] + place + lanes, floor: floor, peaks: peaks + lanes)
    storeAverage(A.self, c0, to: targets[2] + place, floor: floor, peaks: peaks + 2 &* lanes)
    storeAverage(A.self, c1, to: targets[2] + place + lanes, floor: floor, peaks: peaks + 2 &* lanes)
    storeAverage(A.self, d0, to: targets[3] + place, floor: floor, peaks: peaks + 3 &* lanes)
    storeAverage(A.self, d1, to: targets[3] + place + lanes, floor: floor, peaks: peaks + 3 &* lanes)
    pixel &+= 2 &* lanes
  }
}

/// Four vectors of one mask.
@_alwaysEmitIntoClient @_transparent
func averageOneMask<A: FloatArithmetic>(
  _: A.Type, weights: UnsafePointer<Float>, offsets: UnsafePointer<Int>, taps: Int, source: UnsafePointer<Float>,
  target: UnsafeMutablePointer<Float>, floor: Float, peaks: UnsafeMutablePointer<Float>
) {
  typealias V = A.Vector
  let lanes = A.lanes
  var pixel = 0
  while pixel < affinityBlock {
    let a = source + pixel
    var (a0, a1, a2, a3) = (V.zero, V.zero, V.zero, V.zero)
    // The last two vectors may be of the next panel.
    var (low, high) = (weights + panelOffset(pixel, taps: taps), weights + panelOffset(pixel &+ 2 &* lanes, taps: taps))
    var j = 0
    while j < taps {
      let offset = offsets[j]
      a0 = A.multiplyAdd(load(low, as: V.self), load(a + offset, as: V.self), a0)
      a1 = A.multiplyAdd(load(low + lanes, as: V.self), load(a + offset + lanes, as: V.self), a1)
      a2 = A.multiplyAdd(load(high, as: V.self), load(a + offset + 2 &* lanes, as: V.self), a2)
      a3 = A.multiplyAdd(load(high + lanes, as: V.self), load(a + offset + 3 &* lanes, as: V.self), a3)
      low += affinityPanel
      high += affinityPanel
      j &+= 1
    }
    storeAverage(A.self, a0, to: target + pixel, floor: floor, peaks: peaks)
    storeAverage(A.self, a1, to: target + pixel + lanes, floor: floor, peaks: peaks)
    storeAverage(A.self, a2, to: target + pixel + 2 &* lanes, floor: floor, peaks: peaks)
    storeAverage(A.self, a3, to: target + pixel + 3 &* lanes, floor: floor, peaks: peaks)
    pixel &+= 4 &* lanes
  }
}

@_alwaysEmitIntoClient @_transparent
func storeAverage<A: FloatArithmetic>(
  _: A.Type, _ sum: A.Vector, to target: UnsafeMutablePointer<Float>, floor: Float, peaks: UnsafeMutablePointer<Float>
) {
  let value = A.select(sum, lessThan: A.Vector(repeating: floor), A.Vector.zero, else: sum)
  store(value, to: target)
  store(A.maximum(value, load(peaks, as: A.Vector.self)), to: peaks)
}
