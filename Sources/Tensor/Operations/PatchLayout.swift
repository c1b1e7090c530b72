// SPDX-License-Identifier: Apache-2.0

/// Where the patches of a convolution lie in its input: an image [height, width, channels] and a window that moves over
/// it. Positions outside of the image count as zero.
struct PatchLayout {
  let height: Int
  let width: Int
  let channels: Int
  let kernelHeight: Int
  let kernelWidth: Int
  let stride: Int
  let top: Int
  let left: Int
  let outputWidth: Int

  /// Copies the patches of consecutive output pixels, one a row (im2col).
  ///
  /// A patch is [kernelHeight, kernelWidth, channels] flattened, of which `depth` is the range to copy. Since the image is
  /// channels-last, a row of a patch is one run of memory, cut off at the image's border.
  ///
  /// - Shapes: `rows` [pixels, depth].
  func gather(
    _ image: UnsafePointer<Float>, pixels: Range<Int>, depth: Range<Int>, into rows: UnsafeMutablePointer<Float>
  ) {
    let run = kernelWidth * channels
    let rowLength = width * channels
    var target = rows
    for pixel in pixels {
      let (y, x) = (pixel / outputWidth, pixel % outputWidth)
      // The patch's first element, counted from the start of the image's row.
      let first = (x * stride - left) * channels
      var k = depth.lowerBound
      while k < depth.upperBound {
        let (kernelRow, lower) = (k / run, k % run)
        let upper = min(run, lower + depth.upperBound - k)
        let row = y * stride + kernelRow - top
        var (inside, outside) = (upper, upper)
        if row >= 0 && row < height {
          inside = min(max(lower, -first), upper)
          outside = min(max(inside, rowLength - first), upper)
        }
        target.update(repeating: 0, count: inside - lower)
        target += inside - lower
        if inside < outside {
          target.update(from: image + (row * rowLength + first + inside), count: outside - inside)
          target += outside - inside
        }
        target.update(repeating: 0, count: upper - outside)
        target += upper - outside
        k += upper - lower
      }
    }
  }
}
