// SPDX-License-Identifier: Apache-2.0
import Kernels

/// Planes of an image with room on either side of their rows, and where the neighbors of a pixel lie in them.
///
/// The eight neighbors at each dilation d are d·(dy, dx) away, dy, dx ∈ {−1, 0, 1}; those beyond the image are its nearest
/// edge pixels. Columns beyond it are in the planes, as copies of the edge; rows are clamped in `offsets`.
struct PixelNeighborhood: Sendable {
  let height: Int
  let width: Int
  /// Neighbors of a pixel, 8 for each dilation: dilation after dilation, row by row.
  let taps: Int
  /// How far neighbors are in rows and in columns.
  let radius: (rows: Int, columns: Int)
  /// Columns before a row's first pixel, and elements from a row to the next.
  let leading: Int
  let rowStride: Int
  /// Elements from a plane to the next.
  let planeStride: Int
  /// [height, taps], from a column of row 0 to the neighbors of the pixel in that column.
  let offsets: ContiguousArray<Int>

  /// Elements of a line of the cache.
  private static let line = 16

  /// - Precondition: the image has pixels; there are dilations, each at least 1.
  init(height: Int, width: Int, dilations: [Int]) {
    precondition(height > 0 && width > 0, "neighbors in \(height)×\(width) pixels")
    precondition(!dilations.isEmpty && dilations.allSatisfy { $0 > 0 }, "dilations \(dilations)")
    let farthest = dilations.max() ?? 1
    // A neighbor farther than the image is long is the edge, as the one at its length is.
    let radius = (rows: min(farthest, height - 1), columns: min(farthest, width - 1))
    let leading = roundUp(radius.columns, to: Self.line)
    // An odd number of lines: rows a power of two apart then are not in the same set of the cache.
    let lines = (2 * leading + roundUp(width, to: affinityBlock)) / Self.line | 1
    let rowStride = lines * Self.line
    var offsets = ContiguousArray<Int>()
    offsets.reserveCapacity(height * dilations.count * 8)
    for y in 0..<height {
      for dilation in dilations {
        for dy in [-1, 0, 1] {
          let row = min(max(y + dy * min(dilation, height - 1), 0), height - 1)
          for dx in [-1, 0, 1] where (dy, dx) != (0, 0) {
            offsets.append(row * rowStride + dx * min(dilation, width - 1))
          }
        }
      }
    }
    self.height = height
    self.width = width
    taps = 8 * dilations.count
    self.radius = radius
    self.leading = leading
    self.rowStride = rowStride
    // Planes apart by lines of their own, for the same reason.
    planeStride = height * rowStride + 5 * Self.line
    self.offsets = offsets
  }

  /// Blocks of columns that are worked together, the last one filled up.
  var strips: Int { (width + affinityBlock - 1) / affinityBlock }

  /// Copies the first pixel of a row to the columns before it and the last one to those behind, where the strip holds it.
  ///
  /// - Parameter row: its first pixel.
  func extend(_ row: UnsafeMutablePointer<Float>, strip: Int) {
    if strip == 0 { (row - leading).update(repeating: row[0], count: leading) }
    if strip == strips - 1 {
      let padded = strips * affinityBlock + leading
      (row + width).update(repeating: row[width - 1], count: padded - width)
    }
  }
}
