// SPDX-License-Identifier: Apache-2.0
import Tensor

extension LabelMap {
  /// The fifth smallest of the nine label numbers around each pixel; beyond the border the edge pixels are repeated.
  ///
  /// Reference behavior: a median of numbers and no majority. Between labels 2 and 9 it can bring up a 5 that has fewer
  /// pixels in the window than either.
  ///
  /// - Source: SciPy's `median_filter` of size 3; on [1, height, width], as the authors call it, the window holds the same
  ///   nine numbers thrice.
  public func medianFiltered() -> LabelMap {
    var result = labels
    Parallel.fillChunks(of: &result, chunkSize: max(1, width)) { y, row in
      let above = max(y - 1, 0) * width
      let here = y * width
      let below = min(y + 1, height - 1) * width
      for x in 0..<width {
        let (left, right) = (max(x - 1, 0), min(x + 1, width - 1))
        let window = (
          SIMD3(labels[above + left], labels[above + x], labels[above + right]),
          SIMD3(labels[here + left], labels[here + x], labels[here + right]),
          SIMD3(labels[below + left], labels[below + x], labels[below + right])
        )
        row[x] = median(window.0, window.1, window.2)
      }
    }
    return LabelMap(height: height, width: width, labels: result)
  }
}

/// The middle of nine numbers: with the rows of a 3×3 table sorted, the median of the largest of its first column, the
/// median of its second, and the smallest of its third.
private func median(_ a: SIMD3<Int32>, _ b: SIMD3<Int32>, _ c: SIMD3<Int32>) -> Int32 {
  let (a, b, c) = (sorted(a), sorted(b), sorted(c))
  let low = max(a.x, max(b.x, c.x))
  let middle = median(a.y, b.y, c.y)
  let high = min(a.z, min(b.z, c.z))
  return median(low, middle, high)
}

private func median(_ a: Int32, _ b: Int32, _ c: Int32) -> Int32 { max(min(a, b), min(max(a, b), c)) }

private func sorted(_ v: SIMD3<Int32>) -> SIMD3<Int32> {
  let (low, high) = (min(v.x, v.y), max(v.x, v.y))
  return SIMD3(min(low, v.z), max(low, min(high, v.z)), max(high, v.z))
}
