// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Eigenvalues of a symmetric tridiagonal matrix T by implicit QL steps with Wilkinson's shift.
///
/// The rotations are also applied to a set of accumulated rows. Rows of the identity turn into eigenvectors; the last
/// column of the identity alone turns into the last components of all eigenvectors, which is all that a Lanczos
/// residual bound needs, at O(m²) instead of O(m³) (Golub & Welsch 1969).
///
/// - Numerics: normwise backward stable, |λ̂ − λ| = O(ε·‖T‖).
/// - Source: Golub & Van Loan, "Matrix Computations", 4th ed., §8.3.3–8.3.5; Parlett, "The Symmetric Eigenvalue
///   Problem", §8.9–8.12.
package struct TridiagonalEigensolver {
  /// Steps allowed per eigenvalue. Convergence is cubic and takes two on average; thirty is EISPACK's and LAPACK's cap.
  package static let stepLimit = 30

  /// T: diagonal [m], ascending eigenvalues after `solve`.
  package private(set) var diagonal: ContiguousArray<Double>
  /// T: couplings [m]; element i joins i and i + 1, the last one is unused.
  private var coupling: ContiguousArray<Double>
  /// Accumulated [m, width], row-major: row i belongs to eigenvalue i.
  package private(set) var rows: ContiguousArray<Double>
  package let width: Int

  package enum Accumulation {
    /// Width m: row i becomes the unit eigenvector of eigenvalue i.
    case vectors
    /// Width 1: element i becomes the last component of that vector, bitwise the one that `vectors` gives.
    case lastComponents
  }

  package init(
    diagonal: ContiguousArray<Double>, coupling: ContiguousArray<Double>, accumulating accumulation: Accumulation
  ) {
    let m = diagonal.count
    precondition(coupling.count >= m - 1, "\(coupling.count) couplings for order \(m)")
    self.diagonal = diagonal
    self.coupling = coupling
    self.coupling.reserveCapacity(m)
    while self.coupling.count < m { self.coupling.append(0) }
    switch accumulation {
    case .vectors:
      width = m
      rows = ContiguousArray(repeating: 0, count: m * m)
      for i in 0..<m { rows[i * m + i] = 1 }
    case .lastComponents:
      width = 1
      rows = ContiguousArray(repeating: 0, count: m)
      if m > 0 { rows[m - 1] = 1 }
    }
  }

  /// Diagonalizes T.
  ///
  /// - Returns: false when an eigenvalue took more than `stepLimit` steps or T is infinite; the contents are then unspecified.
  package mutating func solve(stepLimit: Int = Self.stepLimit) -> Bool {
    let m = diagonal.count
    // Couplings of ε²·‖T‖ change no eigenvalue; without this floor a block of rounding noise around an eigenvalue zero
    // would be iterated to full relative accuracy.
    var scale = 0.0
    for i in 0..<m { scale = max(scale, max(diagonal[i].magnitude, i + 1 < m ? coupling[i].magnitude : 0)) }
    guard scale > 0, scale.isFinite else { return scale == 0 }
    let unit = powerOfTwo(near: scale)
    for i in 0..<m {
      diagonal[i] /= unit
      coupling[i] /= unit
    }
    // Strongly graded matrices may keep a coupling above the local criterion for ever. After half of the steps one that is
    // small beside the norm will do, which keeps the error at O(ε·‖T‖).
    let strictFloor = Double.ulpOfOne * Double.ulpOfOne * scale / unit
    let looseFloor = Double.ulpOfOne * scale / unit

    for first in 0..<m {
      var steps = 0
      while true {
        let last = blockEnd(from: first, floor: 2 * steps < stepLimit ? strictFloor : looseFloor)
        if last == first { break }
        guard steps < stepLimit else { return false }
        steps += 1
        step(first, last)
      }
    }
    for i in 0..<m { diagonal[i] *= unit }
    sort()
    return true
  }

  /// The largest index that unreduced couplings connect to `first`.
  private func blockEnd(from first: Int, floor: Double) -> Int {
    var last = first
    while last + 1 < diagonal.count {
      let local = Double.ulpOfOne * (diagonal[last].magnitude + diagonal[last + 1].magnitude)
      if coupling[last].magnitude <= max(local, floor) { break }
      last += 1
    }
    return last
  }

  /// One implicit QL step on the unreduced block first...last: chases the bulge from its bottom to its top.
  private mutating func step(_ first: Int, _ last: Int) {
    let half = (diagonal[first + 1] - diagonal[first]) / (2 * coupling[first])
    let root = (half * half + 1).squareRoot()
    let shift = diagonal[first] - coupling[first] / (half + (half < 0 ? -root : root))

    var g = diagonal[last] - shift
    var cosine = 1.0
    var sine = 1.0
    var carried = 0.0
    for i in stride(from: last - 1, through: first, by: -1) {
      let f = sine * coupling[i]
      let b = cosine * coupling[i]
      let length = (f * f + g * g).squareRoot()
      coupling[i + 1] = length
      if length == 0 {
        // The block splits here: the rest is left for the next step.
        diagonal[i + 1] -= carried
        coupling[last] = 0
        return
      }
      sine = f / length
      cosine = g / length
      let d = diagonal[i + 1] - carried
      let r = (diagonal[i] - d) * sine + 2 * cosine * b
      carried = sine * r
      diagonal[i + 1] = d + carried
      g = cosine * r - b
      rotateRows(i, cosine, sine)
    }
    diagonal[first] -= carried
    coupling[first] = g
    coupling[last] = 0
  }

  private mutating func rotateRows(_ i: Int, _ cosine: Double, _ sine: Double) {
    if width == 1 {
      let upper = rows[i]
      let lower = rows[i + 1]
      rows[i] = cosine * upper - sine * lower
      rows[i + 1] = sine * upper + cosine * lower
    } else {
      let width = width
      var span = rows.mutableSpan
      rotate(&span, width: width, row: i, cosine: cosine, sine: sine)
    }
  }

  /// Ascending eigenvalues, rows along with them. QL leaves them nearly sorted, so insertion costs few exchanges.
  private mutating func sort() {
    let order = diagonal.indices.sorted { (diagonal[$0], $0) < (diagonal[$1], $1) }
    let oldRows = rows
    diagonal = ContiguousArray(order.map { [diagonal] in diagonal[$0] })
    for (new, old) in order.enumerated() where new != old {
      for k in 0..<width { rows[new * width + k] = oldRows[old * width + k] }
    }
  }
}
