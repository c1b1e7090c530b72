// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The factor L of a symmetric positive definite band matrix A = L·Lᵀ, for solving A·x = b.
///
/// - Shapes: row i of the band holds elements (i, i − w) … (i, i) of the lower triangle, w the bandwidth; positions left
///   of the matrix are zero.
/// - Numerics: n·w² multiplications in Double; backward stable without pivoting (Golub & Van Loan, 4th ed., §4.3.5).
package struct BandedCholesky: Sendable {
  package let dimension: Int
  package let bandwidth: Int
  /// L, [dimension, bandwidth + 1].
  private var factor: ContiguousArray<Double>

  /// Factors the matrix; nil when it is not positive definite (or holds a NaN).
  ///
  /// - Precondition: `band` has `dimension` rows of `bandwidth` + 1 elements.
  package init?(dimension: Int, bandwidth: Int, band: ContiguousArray<Double>) {
    precondition(band.count == dimension * (bandwidth + 1), "\(band.count) elements in a band of \(dimension) rows")
    self.dimension = dimension
    self.bandwidth = bandwidth
    factor = band
    let width = bandwidth + 1
    for i in 0..<dimension {
      let first = max(0, i - bandwidth)
      for j in first...i {
        // Σ_k L_ik·L_jk over the k that both rows hold; both runs are contiguous.
        let start = max(first, j - bandwidth)
        let count = j - start
        let (rowI, rowJ) = (i * width + start - (i - bandwidth), j * width + start - (j - bandwidth))
        let sum = dot(
          factor.span.extracting(rowI..<rowI + count), factor.span.extracting(rowJ..<rowJ + count))
        let element = i * width + j - (i - bandwidth)
        if i == j {
          let pivot = factor[element] - sum
          guard pivot > 0 else { return nil }
          factor[element] = pivot.squareRoot()
        } else {
          factor[element] = (factor[element] - sum) / factor[j * width + bandwidth]
        }
      }
    }
  }

  /// Solves A·x = b in place for several right-hand sides, in parallel.
  ///
  /// - Shapes: `vectors` [count, dimension].
  package func solve(_ vectors: inout ContiguousArray<Double>) {
    precondition(vectors.count % dimension == 0, "\(vectors.count) elements for vectors of \(dimension)")
    Parallel.fillChunks(of: &vectors, chunkSize: dimension) { _, x in
      let rows = factor.span
      let width = bandwidth + 1
      for i in 0..<dimension {
        let count = min(i, bandwidth)
        let row = i * width + bandwidth - count
        let sum = dot(rows.extracting(row..<row + count), x.span.extracting(i - count..<i))
        x[i] = (x[i] - sum) / rows[i * width + bandwidth]
      }
      for i in (0..<dimension).reversed() {
        let count = min(i, bandwidth)
        let row = i * width + bandwidth - count
        x[i] /= rows[i * width + bandwidth]
        axpy(-x[i], rows.extracting(row..<row + count), into: &x, at: i - count)
      }
    }
  }
}
