// SPDX-License-Identifier: Apache-2.0

// Attention works on transposed tiles: a row holds one key, a lane one query. What a softmax reduces over then runs down
// the rows, without a sum or a maximum across lanes, and the exponentials lie as the next product reads its right side.

extension KernelSet where F: FloatArithmetic {
  @_alwaysEmitIntoClient @inline(__always)
  public static func runningSoftmax(
    _ scores: UnsafeMutablePointer<Float>, rows: Int, peaks: UnsafeMutablePointer<Float>,
    sums: UnsafeMutablePointer<Float>, weighted: UnsafeMutablePointer<Float>, channels: Int, scale: Float
  ) {
    // One vector after the other: with two in a loop, LLVM cuts their selections into pieces of four lanes.
    var first = 0
    while first < 2 &* F.lanes {
      runningSoftmaxLanes(
        F.self, scores + first, rows: rows, peaks: peaks + first, sums: sums + first, weighted: weighted + first,
        channels: channels, scale: scale)
      first &+= F.lanes
    }
  }
}

/// The same for one vector of queries; rows are two vectors apart.
@_alwaysEmitIntoClient @_transparent
func runningSoftmaxLanes<A: FloatArithmetic>(
  _: A.Type, _ scores: UnsafeMutablePointer<Float>, rows: Int, peaks: UnsafeMutablePointer<Float>,
  sums: UnsafeMutablePointer<Float>, weighted: UnsafeMutablePointer<Float>, channels: Int, scale: Float
) {
  typealias V = A.Vector
  let width = 2 &* A.lanes
  let old = load(peaks, as: V.self)
  // Two chains: a maximum waits for the one before it.
  var (peak, other) = (old, old)
  var row = 0
  while row &+ 2 <= rows {
    peak = A.maximum(load(scores + row &* width, as: V.self), peak)
    other = A.maximum(load(scores + (row &+ 1) &* width, as: V.self), other)
    row &+= 2
  }
  if row < rows { peak = A.maximum(load(scores + row &* width, as: V.self), peak) }
  peak = A.maximum(other, peak)
  store(peak, to: peaks)
  // −∞ − −∞ would be NaN.
  peak = A.select(peak, lessThan: V(repeating: -Float.greatestFiniteMagnitude), V.zero, else: peak)

  // e^x = 2^(x·log₂ e).
  let factor = V(repeating: scale * 1.44269504)
  var sum = V.zero
  row = 0
  while row < rows {
    let e = powerOfTwo(A.self, (load(scores + row &* width, as: V.self) - peak) * factor)
    store(e, to: scores + row &* width)
    sum += e
    row &+= 1
  }
  let decay = powerOfTwo(A.self, (old - peak) * factor)
  store(A.multiplyAdd(load(sums, as: V.self), decay, sum), to: sums)
  var channel = 0
  while channel < channels {
    store(load(weighted + channel &* width, as: V.self) * decay, to: weighted + channel &* width)
    channel &+= 1
  }
}

/// output[i, c] = weighted[c, i] / sums[i] for the first `count` lanes of a panel `width` lanes wide.
public func storeTransposed(
  _ weighted: UnsafePointer<Float>, sums: UnsafePointer<Float>, width: Int, channels: Int, count: Int,
  to output: UnsafeMutablePointer<Float>, rowStride: Int
) {
  var i = 0
  while i < count {
    let target = output + i &* rowStride
    let sum = sums[i]
    var c = 0
    while c < channels {
      target[c] = weighted[c &* width &+ i] / sum
      c &+= 1
    }
    i &+= 1
  }
}

/// Sets to −∞ the scores of the keys that come after a query.
///
/// - Shapes: `scores` [rows, width]: row r belongs to key `firstKey` + r, lane i to query `firstQuery` + i.
public func maskLaterKeys(
  _ scores: UnsafeMutablePointer<Float>, rows: Int, width: Int, firstKey: Int, firstQuery: Int
) {
  var row = max(0, firstQuery &+ 1 &- firstKey)
  while row < rows {
    let v = scores + row &* width
    let later = min(width, firstKey &+ row &- firstQuery)
    var lane = 0
    while lane < later {
      v[lane] = -.infinity
      lane &+= 1
    }
    row &+= 1
  }
}
