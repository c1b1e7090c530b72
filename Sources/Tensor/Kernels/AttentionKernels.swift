// SPDX-License-Identifier: Apache-2.0

// Attention works on transposed tiles: a row holds one key, a lane one query. What a softmax reduces over then runs down
// the rows, without a sum or a maximum across lanes, and the exponentials lie as the next product reads its right side.

/// One step of a running softmax for the two vectors of queries of a panel.
///
/// With μ the largest score so far and μ' = max(μ, scores): scores ← e^{scale·(scores − μ')}, f = e^{scale·(μ − μ')},
/// sums ← f·sums + Σ scores, weighted ← f·weighted, peaks ← μ'.
///
/// - Shapes: `scores` [rows, 2·lanes], `peaks` and `sums` [2·lanes], `weighted` [channels, 2·lanes].
/// - Numerics: a lane adds its rows in order. Until a lane has seen a score above −∞ its sum stays 0.
/// - Source: Milakov & Gimelshein, "Online normalizer calculation for softmax", arXiv:1805.02867; Dao et al.,
///   "FlashAttention", NeurIPS 2022.
@_alwaysEmitIntoClient @inline(__always)
public func runningSoftmaxPanel<A: FloatArithmetic>(
  _: A.Type, _ scores: UnsafeMutablePointer<Float>, rows: Int, peaks: UnsafeMutablePointer<Float>,
  sums: UnsafeMutablePointer<Float>, weighted: UnsafeMutablePointer<Float>, channels: Int, scale: Float
) {
  typealias V = A.Vector
  let lanes = A.lanes
  let width = 2 &* lanes
  let (oldLeft, oldRight) = (load(peaks, as: V.self), load(peaks + lanes, as: V.self))
  // Two chains a vector: a maximum waits for the one before it.
  var (left, right) = (oldLeft, oldRight)
  var (left1, right1) = (oldLeft, oldRight)
  var row = 0
  while row &+ 2 <= rows {
    let v = scores + row &* width
    left = A.maximum(load(v, as: V.self), left)
    right = A.maximum(load(v + lanes, as: V.self), right)
    left1 = A.maximum(load(v + width, as: V.self), left1)
    right1 = A.maximum(load(v + width + lanes, as: V.self), right1)
    row &+= 2
  }
  if row < rows {
    left = A.maximum(load(scores + row &* width, as: V.self), left)
    right = A.maximum(load(scores + row &* width + lanes, as: V.self), right)
  }
  left = A.maximum(left1, left)
  right = A.maximum(right1, right)
  store(left, to: peaks)
  store(right, to: peaks + lanes)
  // −∞ − −∞ would be NaN.
  let lowest = V(repeating: -Float.greatestFiniteMagnitude)
  left = A.select(left, lessThan: lowest, V.zero, else: left)
  right = A.select(right, lessThan: lowest, V.zero, else: right)

  let factor = V(repeating: scale)
  var (leftSum, rightSum) = (V.zero, V.zero)
  row = 0
  while row < rows {
    let v = scores + row &* width
    let l = exponential(A.self, (load(v, as: V.self) - left) * factor)
    let r = exponential(A.self, (load(v + lanes, as: V.self) - right) * factor)
    store(l, to: v)
    store(r, to: v + lanes)
    leftSum += l
    rightSum += r
    row &+= 1
  }

  let leftFactor = exponential(A.self, (oldLeft - left) * factor)
  let rightFactor = exponential(A.self, (oldRight - right) * factor)
  store(A.multiplyAdd(load(sums, as: V.self), leftFactor, leftSum), to: sums)
  store(A.multiplyAdd(load(sums + lanes, as: V.self), rightFactor, rightSum), to: sums + lanes)
  var channel = 0
  while channel < channels {
    let v = weighted + channel &* width
    store(load(v, as: V.self) * leftFactor, to: v)
    store(load(v + lanes, as: V.self) * rightFactor, to: v + lanes)
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
